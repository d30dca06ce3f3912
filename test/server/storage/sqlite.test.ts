import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createSqliteStorage } from '../../../src/server/storage/sqlite/sqlite-storage.ts'
import { storageConformance } from './conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-storage-'))
afterAll(() => rmSync(folder, { recursive: true }))

storageConformance('sqlite', (now) => createSqliteStorage({ file: join(folder, 'new', 'conformance.db'), now }))
