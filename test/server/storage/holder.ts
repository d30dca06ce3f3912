/** A server's store in a process of its own, for tests that kill it. Prints `ready`, then the seq of each append once it is acknowledged. */
import { createSqliteStorage } from '../../../src/server/storage/sqlite/sqlite-storage.ts'
import { StorageError } from '../../../src/server/storage/storage.ts'
import { delta, names, opened, running, said } from './scene.ts'

const file = process.argv[2] ?? ''
try {
  const storage = await createSqliteStorage({ file })
  const n = names()
  await running(storage, n)
  await storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), opened(3, n.reply)] })
  process.stdout.write('ready\n')
  for (let seq = 4; ; seq++) {
    await storage.append({ run: n.run, epoch: 1, events: [delta(seq, (seq - 4) * 6, 'tokens')] })
    process.stdout.write(`${seq}\n`)
  }
} catch (error) {
  if (!(error instanceof StorageError)) throw error
  process.stdout.write(`refused: ${error.message}\n`)
  process.exitCode = 3
}
