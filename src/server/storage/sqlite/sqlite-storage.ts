import { createFollowers } from '../followers.ts'
import type { StorageLog } from '../followers.ts'
import { createReads } from '../reads.ts'
import type { Storage, StorageError } from '../storage.ts'
import { createWrites } from '../writes.ts'
import { lockFile, openForReading } from './database.ts'
import { plainError, rebuildError } from './errors.ts'
import { createSqliteSource } from './sqlite-source.ts'
import { startWriter } from './writer-link.ts'

export interface SqliteOptions {
  /** The database; `<file>.lock` beside it keeps a second server away. Folders are made as needed. */
  readonly file: string
  readonly log?: StorageLog
  /** The server's clock, for what people see. Leases go by the database's own. */
  readonly now?: () => number
  /** The writing thread died: nothing can be written any more. What was acknowledged is safe; the process should leave and be started again. */
  readonly onLost?: (error: StorageError) => void
}

/**
 * The store of a single server: one SQLite file, one thread that writes, one connection that reads.
 * Rejects with StorageError, naming the file and the remedy, where another server has the file, where it is damaged, and where a newer version wrote it.
 */
export async function createSqliteStorage({ file, log, now = Date.now, onLost = () => {} }: SqliteOptions): Promise<Storage> {
  const unlock = lockFile(file)
  try {
    const followers = createFollowers(log)
    const writer = await startWriter({ file, now, followers, log, onLost })
    const { incarnation } = writer
    const database = openForReading(file)
    const source = createSqliteSource(database, incarnation)
    const reads = createReads({
      ...source,
      snapshot(read) {
        try {
          return source.snapshot(read)
        } catch (error) {
          throw rebuildError(plainError(error, file), error)
        }
      },
    })
    log?.info({ file, incarnation }, 'The database is open.')

    let closing: Promise<void> | null = null
    return {
      incarnation,
      ...createWrites(writer.perform),
      ...reads,
      follow: followers.follow,
      async ready() {
        try {
          await writer.perform('touch', undefined)
          await reads.activeThreads()
          return true
        } catch (error) {
          log?.warn({ err: error, file }, 'The database is not ready.')
          return false
        }
      },
      close() {
        closing ??= close()
        return closing
      },
    }

    async function close(): Promise<void> {
      try {
        // Writes are taken in order: when this one is answered, so is all that was asked before it.
        await writer.perform('touch', undefined).catch((error: unknown) => log?.warn({ err: error, file }, 'The last write before closing the database failed.'))
        // The writer closes last, because only it can fold the write-ahead log into the file.
        database.close()
        await writer.close()
      } finally {
        unlock()
      }
    }
  } catch (error) {
    unlock()
    throw error
  }
}
