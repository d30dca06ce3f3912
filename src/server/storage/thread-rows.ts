/** What every transaction shares: what it answers with, and a thread as everybody sees it. */
import type { RunId, ThreadId } from '../../shared/ids.ts'
import type { Thread } from '../../shared/protocol.ts'
import { toRun, toThread } from './records.ts'
import type { RunRow, ThreadRow } from './records.ts'
import { StorageError } from './storage.ts'
import type { Change } from './storage.ts'
import type { Tables } from './tables.ts'

/** What a write did. `appended` stands for the events of the batch from seq `from` on: the caller still has them. */
export interface Done<T> {
  readonly value: T
  readonly changes: readonly (Change | { readonly kind: 'appended'; readonly run: RunId; readonly from: number })[]
}

export function unchanged<T>(value: T): Done<T> {
  return { value, changes: [] }
}

export function newThread(id: ThreadId, now: number): ThreadRow {
  return {
    id, title: '', renamed: 0, titled: 0, agent: null, model: null, pinned: 0, archived: 0, unread: 0, draft: '""', created_at: now, updated_at: now, deleted_at: null,
    queue_paused: null,
  }
}

/** The thread as everybody sees it, its active run and its queue included. Throws if there is none: callers have just read or written it. */
export function readThread(tables: Tables, id: ThreadId): Thread {
  const row = tables.thread(id)
  if (row === undefined) throw new StorageError(`There is no thread ${id}.`, { retryable: false })
  const active = tables.activeRun(id)
  return toThread(row, active === undefined ? null : toRun(active, tables.incarnation), tables.queue(id))
}

/** A deleted thread stays hidden, even while a run of it still goes on. */
export function threadChange(tables: Tables, id: ThreadId): Change {
  const hidden = tables.thread(id)?.deleted_at !== null
  return hidden ? { kind: 'thread-removed', thread: id } : { kind: 'thread', thread: readThread(tables, id) }
}

/** Records that the run is to stop. */
export function markStopping(tables: Tables, row: RunRow, by: string): readonly Change[] {
  const patch: Partial<RunRow> = { status: 'cancelling', stop_by: by }
  tables.updateRun(row.key, patch)
  return [{ kind: 'stop', run: row.id, by }, { kind: 'run', run: toRun({ ...row, ...patch }, tables.incarnation) }]
}
