import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStorage } from '../../../src/server/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { whatIsLeft } from './what-is-left.ts'

whatIsLeft('sqlite', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-'))
  const file = join(dir, 'holdfast.db')
  const opened: Storage[] = [await createSqliteStorage({ file })]
  const storage = opened[0] as Storage
  return {
    storage,
    async reopen() {
      await storage.close()
      const next = await createSqliteStorage({ file })
      opened.push(next)
      return next
    },
    async close() {
      await opened.at(-1)?.close()
      await rm(dir, { recursive: true })
    },
  }
})
