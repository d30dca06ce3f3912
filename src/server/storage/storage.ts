/**
 * The journal and everything kept beside it. Each operation is one transaction: either all of it is durable when its
 * promise resolves, or none of it is. A backend passes the conformance suite (`test/server/storage/conformance.ts`) or is not one.
 * No SQL, row or handle leaks out, so that a backend over the network fits without change.
 */
import type { ApprovalId, FileId, Incarnation, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { ThreadExport } from '../../shared/export.ts'
import type {
  Approval, BranchMap, Counters, FindPage, InputPart, Message, MessagePage, Notice, Outcome, PatchQueued, PatchThread, Run, RunError, RunEvent, RunPage, RunStatus, SaidPart, StoredFile, Thread, ThreadPage, ThreadUsage, Transcript,
} from '../../shared/protocol.ts'

export interface Storage {
  readonly incarnation: Incarnation

  // ---- the life of a run

  /**
   * Thread (if new), human message, run row, idempotency key and `run.started` (seq 1), all in one transaction. The run is `running`,
   * held by `owner` at epoch 1 with a lease.
   */
  start(input: StartInput): Promise<StartResult>

  // ---- what waits for a run to end

  /**
   * Starts the message of the thread's queue that is due: out of the queue and into the thread in the one transaction that is any start. Null: a
   * run is under way, or nothing is due (the queue is empty or paused, the thread deleted).
   */
  startQueued(input: StartQueuedInput): Promise<Extract<StartResult, { kind: 'started' }> | null>
  /**
   * Edits or moves a message that waits. This and the next three answer null where the message waits no longer, or there is no such thread;
   * an edit also where it names a file that is not here.
   */
  patchQueued(thread: ThreadId, message: MessageId, patch: PatchQueued): Promise<Thread | null>
  removeQueued(thread: ThreadId, message: MessageId): Promise<Thread | null>
  /** Makes it the next to start, paused or not, and asks the run that is under way to stop. */
  sendQueuedNow(thread: ThreadId, message: MessageId): Promise<Thread | null>
  /** Offers it to the run that is under way (`steer`). What the run does not take up by its end waits like the rest. */
  steerQueued(thread: ThreadId, message: MessageId): Promise<Thread | null>
  /** Lets the queue go on. Null: no such thread. */
  resumeQueue(thread: ThreadId): Promise<Thread | null>
  /** Threads whose queue has a message that is due and no run under way: what a crash between an end and the next start leaves. */
  dueQueues(): Promise<readonly ThreadId[]>

  /**
   * Adds events to a run's journal. `events` follow each other without holes. Events that are already there with the same
   * epoch are passed over, so that an append which landed but reported failure may be repeated as it was.
   * Rejects: `FencedError` if the epoch is not the run's current one or the run has ended; `StorageError` if the first seq would leave a hole.
   */
  append(input: AppendInput): Promise<void>

  /**
   * The last events, `stream_end` among them, and the outcome, by compare-and-swap: status becomes `settling`. If the run has an outcome
   * already nothing is written and `first` is false. Where the outcome is `failed` or `interrupted`, what waits is paused. The very same end may be repeated, after it landed but reported failure: `first` stays true.
   * Rejects `FencedError` on an old epoch. Pending approvals expire.
   */
  end(input: EndInput): Promise<{ readonly first: boolean; readonly run: Run }>

  /** The folded messages become the thread's, status becomes the outcome, `settled` true, the thread unread. Idempotent. */
  settle(input: SettleInput): Promise<Run>

  /**
   * Takes over runs that have not ended and whose lease has run out (with `all`: every run not held by `owner`, for the boot of a single server),
   * each at epoch + 1, but for those that the caller is driving (`held`); and names those that ended but were never settled.
   */
  claim(input: ClaimInput): Promise<Claimed>

  /** Renews leases by the database's clock. Answers with the runs that `owner` no longer holds. */
  renew(input: { readonly owner: string; readonly leaseMs: number; readonly runs: readonly RunId[] }): Promise<readonly RunId[]>

  /** Records that Stop was pressed: status `cancelling`; what waits in the thread's queue is paused. On an ended or already cancelling run nothing changes. Null: no such run. */
  requestStop(input: { readonly run: RunId; readonly by: string }): Promise<Run | null>

  /** Records a decision, once. */
  answerApproval(input: AnswerInput): Promise<AnswerResult>

  // ---- threads

  /** The same id again answers with the thread as it is. */
  createThread(input: { readonly id: ThreadId; readonly title?: string | undefined; readonly agent?: string | undefined; readonly model?: string | undefined }): Promise<{ readonly created: boolean; readonly thread: Thread }>
  /**
   * Takes in a whole thread, with its journals. Its run ids must be free. The same thread id again answers with the thread as it is, and null
   * where that was deleted.
   */
  importThread(input: ThreadExport): Promise<{ readonly created: boolean; readonly thread: Thread } | null>
  /** Null: no such thread (or deleted). A patched title counts as a rename: no agent's title overwrites it. */
  patchThread(thread: ThreadId, patch: PatchThread): Promise<Thread | null>
  /**
   * True, once for each thread: its agent may be asked for a title now. False where it was claimed before, made with a title, copied or renamed, or
   * there is no such thread.
   */
  claimTitle(thread: ThreadId): Promise<boolean>
  /** Gives a title unless a person has given one. */
  giveTitle(input: { readonly thread: ThreadId; readonly title: string }): Promise<void>
  /** Hides a thread until it is restored or purged; a run of it goes on. False: no such thread. */
  deleteThread(thread: ThreadId): Promise<boolean>
  restoreThread(thread: ThreadId): Promise<Thread | null>
  /** Copies a thread up to one message. The same id again answers with the thread as it is. */
  forkThread(input: ForkInput): Promise<ForkResult>
  /** Removes every thread with all it holds, deleted ones included; what still runs of them is fenced. Answers how many. */
  removeAllThreads(): Promise<number>
  /** Removes threads deleted more than `olderThanMs` ago, with all they hold. Answers how many. */
  purgeThreads(olderThanMs: number): Promise<number>

  /**
   * Folds the journals of up to `limit` runs that settled and ended more than `olderThanMs` ago into one row each. `stream_end` stays an event, so
   * that an end is still read one way only. Answers how many.
   */
  foldJournals(input: { readonly olderThanMs: number; readonly limit: number }): Promise<number>
  /**
   * Has up to `limit` answers found by what is shown of them, that an older version had found by their source. Where it stands is kept with what it did, so
   * that another process goes on. Answers how many; 0: none is left.
   */
  refreshSearch(input: { readonly limit: number }): Promise<number>

  // ---- files that people attach: what is known of them, while their bytes lie elsewhere

  /** The same id and hash again answers with what is known; the same id with another hash is a conflict. */
  putFile(file: NewFile): Promise<PutFileResult>
  /** Forgets files that no thread keeps and that came more than `olderThanMs` ago. Answers where their bytes lie. */
  removeUnusedFiles(olderThanMs: number): Promise<readonly string[]>
  getFile(file: FileId): Promise<KeptFile | null>
  /** Where the bytes of all files lie. */
  listBlobs(): Promise<readonly string[]>

  // ---- agents that people set up

  /** In the order in which they were added. */
  listAgents(): Promise<readonly StoredAgent[]>
  /** Adds it, or takes the place of the one with its id. */
  putAgent(agent: StoredAgent): Promise<void>
  /** False: no such agent. */
  removeAgent(id: string): Promise<boolean>

  // ---- reading

  getThread(thread: ThreadId): Promise<Thread | null>
  /** Newest activity first (pinned ones are not special here): a message sent or a reply saved. Archived ones only where `archived` is true, and with `pinned` the pinned ones alone. `cursor` is opaque; null from the last page. */
  listThreads(query: { readonly cursor?: string | undefined; readonly limit: number; readonly archived?: boolean | undefined; readonly pinned?: boolean | undefined }): Promise<ThreadPage>
  /** Threads, archived ones too, with every word of `query` in the title or in one message (search-text.ts), in the list's order, each with where. A query is never malformed. */
  searchThreads(query: { readonly query: string; readonly cursor?: string | undefined; readonly limit: number }): Promise<ThreadPage>
  /** Threads with an active run or unread, for the feed's snapshot. */
  activeThreads(): Promise<readonly Thread[]>
  /**
   * Settled messages, oldest first, with the runs that answer or wrote them: the newest `limit` before `before`, or the oldest after `after`, or
   * those on both sides of the message `around`. Null: no such thread, or no such message in it.
   * `activeRun`, the newest run that is not settled, is not among `runs`. A run that has ended while a newer one is active is, with what its journal holds.
   */
  messages(thread: ThreadId, query: MessageQuery): Promise<MessagePage | null>
  /**
   * Settled messages that hold `text` (in their words or the names of their files, whatever its case), or without it everything said by people, newest first and
   * before `before`. Looks at a bounded number of messages, so that a long thread holds up nobody else. Null: no such thread.
   */
  find(thread: ThreadId, query: FindQuery): Promise<FindPage | null>
  /** Every branch of a thread, by what begins it. Null: no such thread. */
  branchMap(thread: ThreadId): Promise<BranchMap | null>
  /** The branch that ends with `message`, oldest first: what an agent is given. Replies that are not saved yet come from their journals. */
  branch(thread: ThreadId, message: MessageId): Promise<readonly Message[]>
  getRun(run: RunId): Promise<Run | null>
  /** The epoch at which `owner` holds a run that has not ended; null: it does not. Tells whether a start that reported failure has landed. */
  heldAt(input: { readonly run: RunId; readonly owner: string }): Promise<number | null>
  listRuns(thread: ThreadId, query: { readonly limit: number; readonly before?: string | undefined; readonly status?: RunStatus | undefined }): Promise<RunPage | null>
  usage(thread: ThreadId, includeActive: boolean): Promise<ThreadUsage | null>
  getApproval(run: RunId, approval: ApprovalId): Promise<Approval | null>

  /** What stands in place of a journal that was folded: the transcript before `stream_end`. Null: every event is still there. */
  folded(run: RunId): Promise<Transcript | null>
  /** Up to `limit` journaled events with seq > `after`, oldest first, fewer where they are large; empty only at the tail. Of a folded journal only the last is left. */
  read(run: RunId, after: number, limit: number): Promise<readonly RunEvent[]>

  /**
   * Tells of every commit, whoever made it, after it is durable, in commit order per run, without waiting for the listener.
   * Returns how to stop following.
   */
  follow(listener: (change: Change) => void): () => void

  /** True when a write and a read would go through now; for `/api/ready`. */
  ready(): Promise<boolean>
  /** Waits for what is under way, then releases the file and its lock. */
  close(): Promise<void>
}

/** What is looked for in a thread. `through`: only on the branch that goes through this run, and of what follows it the newest. */
export interface FindQuery {
  readonly text?: string | undefined
  readonly before?: string | undefined
  readonly through?: RunId | undefined
  readonly limit: number
}

/** Which page of a thread's messages; cursors are those of an earlier page. */
export interface MessageQuery {
  readonly before?: string | undefined
  readonly after?: string | undefined
  readonly around?: MessageId | undefined
  readonly limit: number
}

export interface NewFile extends StoredFile {
  /** The name under which its bytes lie. */
  readonly blob: string
  /** SHA-256 of the bytes, in hex. */
  readonly hash: string
}

export type PutFileResult = { readonly kind: 'added' | 'same'; readonly file: StoredFile } | { readonly kind: 'conflict' }

export interface KeptFile {
  readonly file: StoredFile
  readonly blob: string
  readonly hash: string
}

/** An agent as it is kept. The store never sees a key in clear. */
export interface StoredAgent {
  readonly id: string
  readonly title: string
  readonly baseUrl: string
  /** Null: whatever the provider lists. */
  readonly model: string | null
  readonly sealedKey: string | null
  readonly createdAt: number
}

export interface StartInput {
  readonly thread: ThreadId
  readonly run: RunId
  readonly owner: string
  readonly leaseMs: number
  readonly agent: string
  readonly model: string | null
  /** A new human message, one without words that has the agent go on from its own, or the id of one that is to be answered once more. */
  readonly message:
    | { readonly id: MessageId; readonly parts: readonly InputPart[] }
    | { readonly id: MessageId; readonly continues: MessageId }
    | { readonly regenerate: MessageId }
  /** For a message with words: `queue` has it wait behind the run that is under way and what waits for it, `interrupt` has that run make way. */
  readonly ifBusy?: 'reject' | 'queue' | 'interrupt'
  /**
   * Undefined: after the thread's newest message, which is the newest run's last agent message, else the message it answers. Agent messages count as
   * soon as their journal holds them, so a message sent before the run is settled follows the reply that was shown.
   */
  readonly after?: MessageId | null | undefined
  /** A text that is equal for equal requests: the same message id with another fingerprint is a conflict. */
  readonly fingerprint: string
  /** Title for a thread that is new or has none, e.g. the message's first words; never over a rename. */
  readonly title: string
}

export type StartResult =
  | { readonly kind: 'started'; readonly run: Run; readonly epoch: number; readonly event: RunEvent }
  /** This message id was accepted before with the same fingerprint, or this run id for the same message to be answered once more. */
  | { readonly kind: 'same'; readonly run: Run }
  /** This message id, or this run id, was accepted before with another body. */
  | { readonly kind: 'conflict' }
  /** The message waits in the thread's queue, since now or by an earlier request. */
  | { readonly kind: 'queued'; readonly thread: Thread }
  /** So much waits already that nothing more is taken. */
  | { readonly kind: 'full' }
  /** The thread has an active run. */
  | { readonly kind: 'busy'; readonly activeRun: Run }
  /** `regenerate` or `after` names a message that the thread does not have, or the thread is deleted. */
  | { readonly kind: 'missing'; readonly what: 'thread' | 'message' }
  /** The message names a file that is not here (any more). */
  | { readonly kind: 'missing-file'; readonly file: FileId }

export interface StartQueuedInput {
  readonly thread: ThreadId
  /** The id that its run is to have. */
  readonly run: RunId
  readonly owner: string
  readonly leaseMs: number
}

export interface ForkInput {
  readonly thread: ThreadId
  /** The last message to be copied. */
  readonly message: MessageId
  /** Of the thread that is made. */
  readonly id: ThreadId
}

export type ForkResult =
  | { readonly kind: 'forked'; readonly created: boolean; readonly thread: Thread }
  | { readonly kind: 'missing'; readonly what: 'thread' | 'message' }
  /** The message, or one before it, is still being written or saved. */
  | { readonly kind: 'unsaved' }

export interface AppendInput {
  readonly run: RunId
  readonly epoch: number
  readonly events: readonly RunEvent[]
  /** Written to the run row in the same transaction. */
  readonly counters?: Counters
  /** True while an approval is pending. Written to the run row where given. */
  readonly waiting?: boolean
}

export interface EndInput extends AppendInput {
  readonly outcome: Outcome
  readonly error?: RunError | undefined
}

export interface SettleInput {
  readonly run: RunId
  /** The agent's messages, as folded. */
  readonly messages: readonly Message[]
  readonly counters: Counters
  readonly notices: readonly Notice[]
}

export interface ClaimInput {
  readonly owner: string
  readonly leaseMs: number
  readonly all?: boolean
  readonly held?: readonly RunId[]
}

export interface Claimed {
  readonly orphans: readonly { readonly run: Run; readonly epoch: number; readonly stopRequestedBy: string | null }[]
  readonly unsettled: readonly Run[]
}

export interface AnswerInput {
  readonly run: RunId
  readonly approval: ApprovalId
  readonly decision: string
  /** Of what was shown to whoever decided (`input-hash.ts`). */
  readonly inputHash: string | undefined
  readonly note?: string | undefined
  readonly by: string
  readonly at: number
}

export type AnswerResult =
  | { readonly kind: 'answered' | 'same' | 'different'; readonly approval: Approval }
  /** Something else was shown than what is asked. */
  | { readonly kind: 'other-input'; readonly approval: Approval }
  /** Not one of the options that were offered. */
  | { readonly kind: 'invalid'; readonly approval: Approval }
  /** The run ended, or was told to stop, before anyone answered. */
  | { readonly kind: 'expired'; readonly approval: Approval }
  | { readonly kind: 'missing' }

export type Change =
  | { readonly kind: 'events'; readonly run: RunId; readonly events: readonly RunEvent[] }
  /** A run's row changed: status, counters or waiting. */
  | { readonly kind: 'run'; readonly run: Run }
  | { readonly kind: 'stop'; readonly run: RunId; readonly by: string }
  | { readonly kind: 'answer'; readonly run: RunId; readonly approval: ApprovalId; readonly decision: string; readonly note?: string | undefined; readonly by: string }
  /** All that a run is offered for its next step; an offer that was withdrawn is not among it. */
  | { readonly kind: 'steer'; readonly run: RunId; readonly messages: readonly { readonly id: MessageId; readonly parts: readonly SaidPart[] }[] }
  | { readonly kind: 'thread'; readonly thread: Thread }
  | { readonly kind: 'thread-removed'; readonly thread: ThreadId }

/** The run belongs to another epoch, or has ended: whoever holds the old token must stop. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
}

/** The store could not do it. `retryable`: nothing was decided, the same call may be made again (disk full, locked, lost connection). `full`: for want of room. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly retryable: boolean
  readonly full: boolean

  constructor(message: string, options: ErrorOptions & { readonly retryable: boolean; readonly full?: boolean }) {
    super(message, options)
    this.retryable = options.retryable
    this.full = options.full ?? false
  }
}

/** What is kept is not what was written. `message` says what, the store says in which file and what to do. */
export class DamageError extends StorageError {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { ...options, retryable: false })
  }
}
