/** `holdfast export`: every chat with its runs and journals, as `/api/export` gives them. The server must not run meanwhile: it has the database for itself. */
import { randomBytes } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { systemClock } from './clock.ts'
import { writeEverything } from './exports/everything.ts'
import { createFiles } from './files/files.ts'
import { silentLog } from './log.ts'
import { createSqliteStorage } from './storage/sqlite/sqlite-storage.ts'

/** Writes to the new file `out`, or to standard output. Throws with the cause and the remedy. */
export async function exportAll(dataDir: string, out: string | null): Promise<void> {
  const file = join(resolve(dataDir), 'holdfast.db')
  if (!existsSync(file)) throw new Error(`There is no database ${file}. Name the folder that holds it with --data.`)
  const storage = await createSqliteStorage({ file })
  const files = createFiles({ folder: join(resolve(dataDir), 'files'), storage, randomBytes: () => randomBytes(16), clock: systemClock, log: silentLog })
  try {
    const target = out === null ? process.stdout : createWriteStream(out, { flags: 'wx', mode: 0o600 })
    await pipeline(Readable.from(writeEverything(storage, files, systemClock.now)), target, { end: out !== null })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw new Error(`${out} is there already. Move it away, or name another file with --out.`, { cause: error })
    throw error
  } finally {
    await storage.close()
  }
}
