import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { storageConformance } from './conformance.ts'

storageConformance('memory', async (now) => createMemoryStorage({ now }))
