/**
 * What a store keeps, as flat rows of strings, numbers and nulls: the same for every backend, so that the transactions
 * (transactions.ts) are written once. Flags are 0 or 1, structured values are JSON text, instants are server ms.
 */
import { crc32 } from 'node:zlib'
import { formatCursor } from '../../shared/protocol.ts'
import type { Approval, Counters, Message, Notice, Outcome, Queue, QueuedMessage, Run, RunError, RunStatus, SaidPart, StoredFile, Thread, Usage } from '../../shared/protocol.ts'
import type { FileId, Incarnation, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import { DamageError } from './storage.ts'
import type { NewFile, StoredAgent } from './storage.ts'

export type Flag = 0 | 1

export interface ThreadRow {
  readonly id: ThreadId
  readonly title: string
  /** 1 once a person gave the title: no run may change it then. */
  readonly renamed: Flag
  /** 1 once its agent was asked for a title, or it had one from the beginning: it is not asked again. */
  readonly titled: Flag
  readonly agent: string | null
  readonly model: string | null
  readonly pinned: Flag
  readonly archived: Flag
  readonly unread: Flag
  /** As JSON: a draft may end in half an emoji, which a text column would damage. */
  readonly draft: string
  readonly created_at: number
  /** The last activity: a message was sent or a reply was saved. Orders the list. */
  readonly updated_at: number
  readonly deleted_at: number | null
  /** Why nothing of its queue starts by itself; null: it does. */
  readonly queue_paused: Queue['paused']
}

/** A human's message that waits for its run; kept after it was taken up by a run (`taken`) until that has settled, so that it is known again. */
export interface QueueRow {
  readonly thread: ThreadId
  readonly id: MessageId
  /** Orders a thread's queue. */
  readonly position: number
  readonly state: QueuedMessage['state'] | 'taken'
  /** The run that took it up while it worked. */
  readonly run: number | null
  readonly agent: string
  readonly model: string | null
  /** SaidPart[] as JSON. */
  readonly parts: string
  /** JSON of the `after` that was asked for; null where it was left out. */
  readonly after: string | null
  /** What the request was. Editing does not change it: the request that brought the message stays the same. */
  readonly fingerprint: string
  readonly created_at: number
}

export interface RunRow {
  /** Counts from 1 in the order of starting; short, because it goes into every event's key. */
  readonly key: number
  readonly id: RunId
  readonly thread: ThreadId
  /** The human's message it answers. */
  readonly message: MessageId
  readonly status: RunStatus
  readonly outcome: Outcome | null
  readonly settled: Flag
  readonly waiting: Flag
  readonly error: string | null
  readonly agent: string
  readonly model: string | null
  readonly started_at: number
  readonly ended_at: number | null
  readonly usage: string
  readonly model_calls: number
  readonly tool_calls: number
  readonly messages: number
  readonly notices: string
  readonly last_seq: number
  /** The newest agent message that its journal or, once settled, the thread holds: what a next message follows. Null: none. */
  readonly last_message: MessageId | null
  readonly stop_by: string | null
  readonly owner: string
  readonly epoch: number
  /** The journal's newest seq when this epoch began: what lies at or before it was written by an earlier owner. */
  readonly epoch_base: number
  /** By the database's clock, ms. */
  readonly lease_until: number
  /** 1 once the journal is one folded transcript and its `stream_end`; 2 where it does not fold and so is left as it is. */
  readonly folded: 0 | 1 | 2
}

export interface MessageRow {
  readonly thread: ThreadId
  readonly id: MessageId
  /** The run that wrote it; for a human's message the first run that it started. */
  readonly run: number
  /** Its place within that run: 0 for the human's message, then the agent's from 1. (run, idx) orders a thread. */
  readonly idx: number
  readonly role: 'user' | 'assistant'
  readonly after: MessageId | null
  /** The whole Message as JSON; `after` above is the truth about the chain. */
  readonly body: string
  /** CRC-32 of `body`: SQLite's own check looks at the tree, not into a text. */
  readonly sum: number
  /** What the request was, for a human's message. */
  readonly fingerprint: string | null
}

export interface ApprovalRow {
  readonly run: number
  readonly id: string
  readonly state: Approval['state']
  /** The whole Approval as JSON. */
  readonly body: string
}

export interface AgentRow {
  readonly id: string
  readonly title: string
  readonly base_url: string
  readonly model: string | null
  readonly sealed_key: string | null
  readonly created_at: number
}

export interface FileRow {
  readonly id: FileId
  /** The name under which its bytes lie. */
  readonly blob: string
  readonly name: string
  readonly media_type: string
  readonly size: number
  readonly width: number | null
  readonly height: number | null
  /** SHA-256 of the bytes, in hex. */
  readonly hash: string
  readonly created_at: number
}

export function toStoredFile({ id, name, media_type: mediaType, size, width, height }: FileRow): StoredFile {
  return { id, name, mediaType, size, ...(width === null || height === null ? {} : { width, height }) }
}

export function fromNewFile({ id, blob, name, mediaType, size, width, height, hash }: NewFile, now: number): FileRow {
  return { id, blob, name, media_type: mediaType, size, width: width ?? null, height: height ?? null, hash, created_at: now }
}

export function toStoredAgent({ id, title, base_url: baseUrl, model, sealed_key: sealedKey, created_at: createdAt }: AgentRow): StoredAgent {
  return { id, title, baseUrl, model, sealedKey, createdAt }
}

export function fromStoredAgent({ id, title, baseUrl, model, sealedKey, createdAt }: StoredAgent): AgentRow {
  return { id, title: storableTitle(title), base_url: baseUrl, model, sealed_key: sealedKey, created_at: createdAt }
}

/** Statuses of a run that still owns its thread. `settling` is not among them: a new message may start. */
export const liveStatuses: readonly RunStatus[] = ['queued', 'running', 'cancelling']

export function isLive(run: Pick<RunRow, 'status'>): boolean {
  return liveStatuses.includes(run.status)
}

export function toRun(row: RunRow, incarnation: Incarnation): Run {
  return {
    id: row.id,
    thread: row.thread,
    message: row.message,
    status: row.status,
    settled: row.settled === 1,
    waiting: row.waiting === 1,
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as RunError }),
    agent: row.agent,
    model: row.model,
    startedAt: row.started_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...toCounters(row),
    notices: JSON.parse(row.notices) as Notice[],
    lastSeq: row.last_seq,
    cursor: formatCursor({ incarnation, seq: row.last_seq }),
  }
}

export function toCounters(row: Pick<RunRow, 'usage' | 'model_calls' | 'tool_calls' | 'messages'>): Counters {
  return { usage: JSON.parse(row.usage) as Usage, modelCalls: row.model_calls, toolCalls: row.tool_calls, messages: row.messages }
}

export function fromCounters(counters: Counters): Pick<RunRow, 'usage' | 'model_calls' | 'tool_calls' | 'messages'> {
  return { usage: JSON.stringify(counters.usage), model_calls: counters.modelCalls, tool_calls: counters.toolCalls, messages: counters.messages }
}

export function toThread(row: ThreadRow, activeRun: Run | null, queue: readonly QueueRow[]): Thread {
  return {
    id: row.id,
    title: row.title,
    agent: row.agent,
    model: row.model,
    pinned: row.pinned === 1,
    archived: row.archived === 1,
    unread: row.unread === 1,
    draft: JSON.parse(row.draft) as string,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    activeRun,
    queue: toQueue(row, queue),
  }
}

function toQueue({ queue_paused }: ThreadRow, rows: readonly QueueRow[]): Queue {
  const messages = rows.flatMap(({ id, parts, agent, model, created_at, state }): QueuedMessage[] =>
    (state === 'taken' ? [] : [{ id, parts: JSON.parse(parts) as SaidPart[], agent, model, at: created_at, state }]))
  return { messages, paused: messages.length === 0 ? null : queue_paused }
}

/** How a message lies in its table. */
export function messageRow({ thread, run, idx, fingerprint }: Pick<MessageRow, 'thread' | 'run' | 'idx' | 'fingerprint'>, message: Message): MessageRow {
  const body = JSON.stringify(message)
  return { thread, id: message.id, run, idx, role: message.role, after: message.after, body, sum: crc32(body), fingerprint }
}

/** Whether the message is as it was written. */
export function isWhole(row: Pick<MessageRow, 'body' | 'sum'>): boolean {
  return crc32(row.body) === row.sum
}

/** Throws DamageError where the row is not as it was written: another text than what was said is worse than none, above all for an agent. */
export function toMessage(row: Pick<MessageRow, 'id' | 'body' | 'sum' | 'after'>): Message {
  if (!isWhole(row)) throw new DamageError(`The message ${row.id} is damaged`)
  return { ...(JSON.parse(row.body) as Message), after: row.after }
}

export function toApproval(row: Pick<ApprovalRow, 'body' | 'state'>): Approval {
  return { ...(JSON.parse(row.body) as Approval), state: row.state }
}

/** A title as a text column can hold and search it: half a surrogate pair becomes the replacement character. */
export function storableTitle(title: string): string {
  return title.replace(/\p{Surrogate}/gu, '\ufffd')
}
