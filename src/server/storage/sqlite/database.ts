import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { StorageError } from '../storage.ts'
import { damagedText } from './errors.ts'

/** Above this a whole check at every start would be felt; below it takes a fraction of a second. */
const LARGEST_CHECKED_BYTES = 64 * 1024 * 1024

/** Opens the one connection that writes. Throws on a file that is damaged or is no database. */
export function openForWriting(file: string): Database {
  const db = new Sqlite(file)
  try {
    // FULL: a commit is on the disk when it returns, so what was shown survives a power cut.
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('journal_size_limit = 67108864')
    const bytes = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
    if (bytes <= LARGEST_CHECKED_BYTES) {
      const verdict = String(db.pragma('quick_check(1)', { simple: true }))
      if (verdict !== 'ok') throw new StorageError(damagedText(file, verdict), { retryable: false })
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

export function openForReading(file: string): Database {
  const db = new Sqlite(file, { readonly: true, fileMustExist: true })
  db.pragma('cache_size = -16384')
  return db
}

/**
 * Takes the file for this process alone. The lock is a write transaction held open on a database beside it, because the kernel gives
 * such a lock back when its process dies, however it dies; a file that merely exists would outlive a SIGKILL.
 * Answers with how to let go. Throws StorageError if another server has it.
 */
export function lockFile(file: string): () => void {
  // Conversations are nobody else's business on a shared machine.
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const lock = new Sqlite(`${file}.lock`, { timeout: 0 })
  try {
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const busy = error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')
    throw new StorageError(
      busy
        ? `Another Holdfast server is using the database ${file}. Stop it, or give this one its own DATA_DIR.`
        : `The lock ${file}.lock could not be taken: ${(error as Error).message}. Check that the folder can be written, and remove that file if it is damaged.`,
      { retryable: false, cause: error },
    )
  }
  return () => lock.close()
}
