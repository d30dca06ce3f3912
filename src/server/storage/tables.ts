import type { ApprovalId, FileId, Incarnation, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { RunEvent } from '../../shared/protocol.ts'
import type { AgentRow, ApprovalRow, FileRow, MessageRow, QueueRow, RunRow, ThreadRow } from './records.ts'
import type { EventBatch } from './journal-codec.ts'

/**
 * What a transaction of transactions.ts may ask of the place that holds the rows. Synchronous: it is called by the one thread that owns
 * every write, inside one transaction. (A backend over the network has its own transactions and shares the conformance suite instead.)
 */
export interface Tables {
  readonly incarnation: Incarnation
  /** The database's own clock in ms; leases are by it alone. */
  leaseClock(): number

  thread(id: ThreadId): ThreadRow | undefined
  insertThread(row: ThreadRow): void
  updateThread(id: ThreadId, patch: Partial<ThreadRow>): void
  allThreads(): readonly ThreadId[]
  threadsDeletedBefore(at: number): readonly ThreadId[]
  /** With its runs, events, messages, queue and approvals; files that it kept are kept by it no more. */
  removeThread(id: ThreadId): void

  run(id: RunId): RunRow | undefined
  runByKey(key: number): RunRow | undefined
  insertRun(row: Omit<RunRow, 'key'>): RunRow
  updateRun(key: number, patch: Partial<RunRow>): void
  newestRun(thread: ThreadId): RunRow | undefined
  /** The newest run that is not settled. */
  activeRun(thread: ThreadId): RunRow | undefined
  /** The one run that still owns the thread, if any. */
  liveRun(thread: ThreadId): RunRow | undefined
  /** Every run without an outcome. */
  liveRuns(): readonly RunRow[]
  /** Runs that have an outcome and are not settled; of one thread or of all. */
  unsettledRuns(thread?: ThreadId): readonly RunRow[]

  message(thread: ThreadId, id: MessageId): MessageRow | undefined
  newestMessage(thread: ThreadId): MessageRow | undefined
  insertMessage(row: MessageRow): void
  /** Messages that follow `from` follow `to` instead. */
  repointMessages(thread: ThreadId, from: MessageId, to: MessageId): void

  /** Every row of a thread's queue, in order, those that were taken up included. */
  queue(thread: ThreadId): readonly QueueRow[]
  /** Puts in a row, or changes the one of the same thread and id. */
  putQueued(row: QueueRow): void
  dropQueued(thread: ThreadId, id: MessageId): void

  /** The batch's events with seq >= `from`. */
  insertEvents(run: RunRow, batch: EventBatch, from: number): void
  event(run: RunRow, seq: number): { readonly at: number; readonly kind: number; readonly payload: string } | undefined

  /** Every event of a run whose journal was not folded. */
  journal(run: RunRow): readonly RunEvent[]
  /** Settled runs that ended at or before `at` and whose journal is whole, oldest first. */
  runsToFold(at: number, limit: number): readonly RunRow[]
  /** `transcript` (JSON) takes the place of every event but the last. */
  foldJournal(run: RunRow, transcript: string): void

  approval(run: number, id: ApprovalId): ApprovalRow | undefined
  putApproval(row: ApprovalRow): void
  pendingApprovals(run: number): number
  expireApprovals(run: number): void

  file(id: FileId): FileRow | undefined
  insertFile(row: FileRow): void
  /** Kept by no thread, and here since `at` or longer. */
  unusedFiles(at: number): readonly FileRow[]
  /** One that no thread keeps. */
  removeFile(id: FileId): void
  /** Again for the same is nothing. */
  keepFile(thread: ThreadId, file: FileId): void

  putAgent(row: AgentRow): void
  /** False: there was none. */
  removeAgent(id: string): boolean

  /** Storage.refreshSearch. */
  refreshSearch(limit: number): number
  /** Writes something of no meaning, to learn whether writing works. */
  touch(): void
}
