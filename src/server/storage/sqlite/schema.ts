import type { Generated } from 'kysely'
import type { FileId, MessageId, ThreadId } from '../../../shared/ids.ts'
import type { AgentRow, ApprovalRow, FileRow, MessageRow, QueueRow, RunRow, ThreadRow } from '../records.ts'

/** The tables, as Kysely sees them. migrations.ts makes them. */
export interface Schema {
  threads: ThreadRow
  runs: Omit<RunRow, 'key'> & { readonly key: Generated<number> }
  messages: MessageRow
  approvals: ApprovalRow
  queue: QueueRow
  events: EventRow
  agents: AgentRow
  files: FileRow
  /** Which thread keeps which file. */
  kept_files: { readonly thread: ThreadId; readonly file: FileId }
  folds: { readonly run: number; readonly transcript: string }
  search_docs: { readonly key: Generated<number>; readonly thread: ThreadId; readonly message: MessageId | '' }
  search_index: { readonly rowid: number; readonly words: string }
  meta: { readonly key: string; readonly value: string }
  migrations: { readonly number: number; readonly name: string; readonly applied_at: number }
}

/**
 * One event. `id` is the run's key and the event's seq in one integer, so that the journal is one tree in reading order without an index
 * beside it: with a composite key the pages are kept less full and the journal is more than twice the text.
 */
export interface EventRow {
  readonly id: number
  /** Ms after the run's start, which takes three bytes where an instant takes six. */
  readonly at: number
  readonly kind: number
  readonly payload: string
}

/** How many events one run may have: 67 million. Run keys then go up to 134 million before an id leaves what JavaScript counts exactly. */
export const EVENTS_PER_RUN = 2 ** 26

export function eventId(runKey: number, seq: number): number {
  return runKey * EVENTS_PER_RUN + seq
}
