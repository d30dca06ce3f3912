import Database from 'better-sqlite3'
import { DamageError, FencedError, StorageError } from '../storage.ts'

/** An error as it crosses from the writer's thread: a class would not survive the copy. */
export type PlainError =
  | { readonly kind: 'fenced'; readonly message: string }
  | { readonly kind: 'storage'; readonly message: string; readonly retryable: boolean; readonly full?: boolean }

/** Conditions of the disk or of the moment: the same call may be made again. */
const passing = /^SQLITE_(FULL|BUSY|LOCKED|IOERR|CANTOPEN|NOMEM|READONLY|INTERRUPT)/
const damaged = /^SQLITE_(CORRUPT|NOTADB|FORMAT)/

/** Says of any error what may be done about it. */
export function plainError(error: unknown, file: string): PlainError {
  if (error instanceof FencedError) return { kind: 'fenced', message: error.message }
  if (error instanceof DamageError) return { kind: 'storage', message: damagedText(file, error.message), retryable: false }
  if (error instanceof StorageError) return { kind: 'storage', message: error.message, retryable: error.retryable, full: error.full }
  if (error instanceof Database.SqliteError) {
    const { code, message } = error
    if (damaged.test(code)) return { kind: 'storage', message: damagedText(file, message), retryable: false }
    if (code.startsWith('SQLITE_FULL')) return { kind: 'storage', message: `The disk that holds ${file} is full. Free some space; nothing is lost meanwhile.`, retryable: true, full: true }
    if (passing.test(code)) return { kind: 'storage', message: `The database ${file} could not be written or read just now: ${message} (${code}).`, retryable: true }
    return { kind: 'storage', message: `The database ${file} refused: ${message} (${code}).`, retryable: false }
  }
  const message = error instanceof Error ? error.stack ?? error.message : String(error)
  return { kind: 'storage', message: `The store of ${file} failed: ${message}`, retryable: false }
}

export function damagedText(file: string, cause: string): string {
  return `The database ${file} is damaged or is not a database (${cause}). Restore it from a backup, or move it away to begin anew.`
}

export function rebuildError(plain: PlainError, cause?: unknown): FencedError | StorageError {
  const options = cause === undefined ? {} : { cause }
  return plain.kind === 'fenced' ? new FencedError(plain.message, options) : new StorageError(plain.message, { ...options, retryable: plain.retryable, full: plain.full ?? false })
}
