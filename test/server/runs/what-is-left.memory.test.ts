import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { whatIsLeft } from './what-is-left.ts'

whatIsLeft('memory', async () => {
  const storage = createMemoryStorage()
  return { storage, reopen: async () => storage, close: () => storage.close() }
})
