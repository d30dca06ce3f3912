import type { Database } from 'better-sqlite3'
import type { OperationName } from '../operations.ts'
import { operations } from '../operations.ts'
import type { Tables } from '../tables.ts'
import type { Done } from '../thread-rows.ts'
import { plainError } from './errors.ts'
import type { PlainError } from './errors.ts'

export interface Request {
  readonly id: number
  readonly name: OperationName
  readonly input: unknown
  /** The server's clock, ms. */
  readonly now: number
}

export type Reply = { readonly id: number; readonly done: Done<unknown> } | { readonly id: number; readonly error: PlainError }

/**
 * Carries out a batch of writes in one transaction, each in its own savepoint: an operation that fails is undone alone, and one
 * fsync pays for all. If the commit itself fails, every one of them fails and may be made again.
 */
export function createCommit(db: Database, tables: Tables, file: string): (batch: readonly Request[]) => Reply[] {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const save = db.prepare('SAVEPOINT operation')
  const undo = db.prepare('ROLLBACK TO operation')
  const release = db.prepare('RELEASE operation')

  function perform({ id, name, input, now }: Request): Reply {
    save.run()
    try {
      const operate = operations[name] as (tables: Tables, input: unknown, now: number) => Done<unknown>
      return { id, done: operate(tables, input, now) }
    } catch (error) {
      // A full disk may have undone the whole transaction already: then nothing of this batch stands.
      if (!db.inTransaction) throw error
      undo.run()
      return { id, error: plainError(error, file) }
    } finally {
      if (db.inTransaction) release.run()
    }
  }

  return (batch) => {
    try {
      begin.run()
      const replies = batch.map(perform)
      commit.run()
      return replies
    } catch (error) {
      if (db.inTransaction) rollback.run()
      const plain = plainError(error, file)
      return batch.map(({ id }) => ({ id, error: plain }))
    }
  }
}
