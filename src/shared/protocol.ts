/**
 * The contract between browser and server: every event, frame, request and response, with schema, type,
 * encode and decode. PROTOCOL.md beside this file says why. Readers ignore unknown fields and unknown
 * event kinds; writers refuse them.
 */
import * as v from 'valibot'
import { isId } from './ids.ts'
import type { ApprovalId, Incarnation, MessageId, PartId, RunId, ThreadId } from './ids.ts'

const id = v.pipe(v.string(), v.check((value) => isId(value), 'must match ^[A-Za-z0-9_-]{1,64}$ and be no name that every object has'))
const brandId = <T extends string>() => v.pipe(id, v.transform((text) => text as T))
const threadId = brandId<ThreadId>()
const runId = brandId<RunId>()
const messageId = brandId<MessageId>()
const partId = brandId<PartId>()
const approvalId = brandId<ApprovalId>()
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
/** Milliseconds since 1970 by the server's clock. */
const instant = count
const text = v.string()

// ---------------------------------------------------------------- words

export const outcomes = ['completed', 'cancelled', 'failed', 'interrupted'] as const
export const outcomeSchema = v.picklist(outcomes)
/** How a run ended. Final: the first one written wins. */
export type Outcome = v.InferOutput<typeof outcomeSchema>

export const runStatusSchema = v.picklist(['queued', 'running', 'cancelling', 'settling', ...outcomes])
export type RunStatus = v.InferOutput<typeof runStatusSchema>

export const partStateSchema = v.picklist(['open', 'done', 'failed', 'stopped', 'denied'])
export type PartState = v.InferOutput<typeof partStateSchema>
export type ClosedPartState = Exclude<PartState, 'open'>

const partKindSchema = v.picklist(['text', 'thinking', 'tool', 'file', 'source'])
export type PartKind = v.InferOutput<typeof partKindSchema>

export const deltaFieldSchema = v.picklist(['text', 'input', 'output'])
export type DeltaField = v.InferOutput<typeof deltaFieldSchema>

// ---------------------------------------------------------------- transcript content

export const runErrorSchema = v.object({
  /** Stable, for machines: `provider_closed`, `empty_answer`, `provider_error`, `rate_limited`, `idle`, `interrupted`, `agent_error`, … */
  code: text,
  /** For people: the cause, in the provider's own words where it gave any, and what to do. */
  message: text,
  retryable: v.boolean(),
})
export type RunError = v.InferOutput<typeof runErrorSchema>

const tokenCount = v.optional(count)
export const usageSchema = v.object({
  inputTokens: tokenCount,
  outputTokens: tokenCount,
  reasoningTokens: tokenCount,
  cachedTokens: tokenCount,
  /** US dollars, where a price is known. */
  cost: v.optional(v.pipe(v.number(), v.minValue(0))),
})
export type Usage = v.InferOutput<typeof usageSchema>

export const countersSchema = v.object({ usage: usageSchema, modelCalls: count, toolCalls: count, messages: count })
/** What a run has used so far. */
export type Counters = v.InferOutput<typeof countersSchema>

export const approvalSchema = v.object({
  id: approvalId,
  question: text,
  /** What the tool would be called with, as JSON text. */
  input: text,
  /** Decisions offered, the first being the affirmative one, e.g. `['approve', 'deny']`. */
  options: v.array(text),
  /** `expired`: the run ended before anyone answered. */
  state: v.picklist(['pending', 'answered', 'expired']),
  requestedAt: instant,
  decision: v.optional(text),
  by: v.optional(text),
  note: v.optional(text),
  answeredAt: v.optional(instant),
})
export type Approval = v.InferOutput<typeof approvalSchema>

const partBase = { id: partId, state: partStateSchema, startedAt: instant, endedAt: v.optional(instant) }
export const partSchema = v.variant('kind', [
  v.object({ ...partBase, kind: v.literal('text'), text }),
  v.object({ ...partBase, kind: v.literal('thinking'), text }),
  v.object({
    ...partBase,
    kind: v.literal('tool'),
    name: text,
    /** The agent's own id of the call. */
    call: text,
    input: text,
    output: text,
    error: v.optional(text),
    approval: v.optional(approvalSchema),
  }),
  v.object({ ...partBase, kind: v.literal('file'), name: text, mediaType: text, url: v.optional(text), size: v.optional(count) }),
  v.object({ ...partBase, kind: v.literal('source'), title: text, url: text }),
])
/** One piece of a message. `text`, `input` and `output` grow by deltas; everything else is set once. */
export type Part = v.InferOutput<typeof partSchema>
export type ThinkingPart = Extract<Part, { kind: 'thinking' }>
export type ToolPart = Extract<Part, { kind: 'tool' }>

const messageStatusSchema = v.picklist(['streaming', ...outcomes])
export type MessageStatus = v.InferOutput<typeof messageStatusSchema>

export const messageSchema = v.object({
  id: messageId,
  role: v.picklist(['user', 'assistant']),
  /** The run that wrote it; for a human's message the first run it started. */
  run: runId,
  /** The message it follows; null for the first of a thread. Siblings share it. */
  after: v.nullable(messageId),
  /** The tool part that called a sub-agent, for a message of that sub-agent. */
  parent: v.optional(partId),
  /** True where a person had the agent go on from what it was cut off in: such a human message has no words of its own. */
  continues: v.optional(v.literal(true)),
  status: messageStatusSchema,
  at: instant,
  parts: v.array(partSchema),
})
export type Message = v.InferOutput<typeof messageSchema>

export const noticeSchema = v.object({ level: v.picklist(['info', 'warning', 'error']), text, at: instant })
export type Notice = v.InferOutput<typeof noticeSchema>

/** Everything one run has said: the fold of its events (transcript.ts). */
export const transcriptSchema = v.object({
  run: runId,
  thread: threadId,
  agent: text,
  model: v.nullable(text),
  startedAt: instant,
  endedAt: v.optional(instant),
  /** Who pressed Stop. */
  cancelledBy: v.optional(text),
  outcome: v.optional(outcomeSchema),
  error: v.optional(runErrorSchema),
  counters: countersSchema,
  notices: v.array(noticeSchema),
  /** The human's message first, then the agent's. */
  messages: v.array(messageSchema),
  lastSeq: count,
})
export type Transcript = v.InferOutput<typeof transcriptSchema>

// ---------------------------------------------------------------- events

const head = { seq: v.pipe(v.number(), v.integer(), v.minValue(1)), at: instant }
const counters = countersSchema.entries

/** The durable events of a run. `seq` counts from 1 without holes; `at` is the server's clock in ms. */
export const eventSchemas = {
  'run.started': v.object({ ...head, run: runId, thread: threadId, message: messageSchema, agent: text, model: v.nullable(text) }),
  'message.started': v.object({ ...head, message: messageId, role: v.picklist(['user', 'assistant']), parent: v.optional(partId) }),
  'part.started': v.object({
    ...head, message: messageId, part: partId, kind: partKindSchema,
    name: v.optional(text), call: v.optional(text), title: v.optional(text), url: v.optional(text), mediaType: v.optional(text), size: v.optional(count),
  }),
  /** `off`: length of that field, in UTF-16 units, before this text. `field` is left out on the wire where it is `text`. */
  'part.delta': v.object({ ...head, part: partId, field: v.optional(deltaFieldSchema, 'text'), off: count, text }),
  'part.ended': v.object({
    ...head, part: partId, state: v.picklist(['done', 'failed', 'stopped', 'denied']),
    /** The whole value, where it was not streamed. */
    input: v.optional(text), output: v.optional(text), error: v.optional(text),
  }),
  'approval.requested': v.object({ ...head, approval: approvalId, part: partId, question: text, input: text, options: v.array(text) }),
  'approval.answered': v.object({ ...head, approval: approvalId, decision: text, by: text, note: v.optional(text) }),
  'run.progress': v.object({ ...head, ...counters }),
  'run.notice': v.object({ ...head, level: v.picklist(['info', 'warning', 'error']), text }),
  'run.cancelling': v.object({ ...head, by: text }),
  /** The agent took up what a person said while it worked: the message, whole, in its place among the agent's. */
  'run.steered': v.object({ ...head, message: messageSchema }),
  /** `parts`: length and hash of each part's `content()` (transcript.ts). */
  stream_end: v.object({
    ...head, outcome: outcomeSchema, error: v.optional(runErrorSchema), usage: usageSchema,
    parts: v.record(v.string(), v.object({ length: count, hash: text })),
  }),
} as const

export type EventType = keyof typeof eventSchemas
type EventOf<T extends EventType> = { readonly type: T } & Readonly<v.InferOutput<(typeof eventSchemas)[T]>>
export type RunEvent = { [T in EventType]: EventOf<T> }[EventType]
/** An event before the journal gave it a place: everything but `seq`. */
export type EventDraft = { [T in EventType]: Omit<EventOf<T>, 'seq'> }[EventType]

const perType = <R>(make: (type: EventType) => R) =>
  Object.fromEntries((Object.keys(eventSchemas) as EventType[]).map((type) => [type, make(type)])) as Record<EventType, R>
const writers = perType<v.GenericSchema>((type) => v.strictObject({ ...eventSchemas[type].entries, type: v.literal(type) }))

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventSchemas, type)
}

/** What was received does not follow the contract. The message names the field. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** Checks an event that is about to be written. Throws ProtocolError on an unknown kind, field or value. */
export function assertEvent(event: RunEvent): RunEvent {
  const writer = isEventType(event.type) ? writers[event.type] : undefined
  if (writer === undefined) throw new ProtocolError(`${String(event.type)} is not an event kind`)
  const checked = v.safeParse(writer, event)
  if (!checked.success) throw new ProtocolError(`${event.type}: ${explain(checked.issues)}`)
  return event
}

/**
 * The data line of an event: one-line JSON without `type` (the frame's `event`) and `seq` (in the frame's `id`);
 * a delta leaves out `at` and the field `text`, which keeps the wire under three times the text.
 */
export function encodeEventData(event: RunEvent): string {
  if (event.type === 'part.delta') {
    const { part, field, off, text: added } = event
    return JSON.stringify(field === 'text' ? { part, off, text: added } : { part, field, off, text: added })
  }
  const { type: _type, seq: _seq, ...data } = event
  return JSON.stringify(data)
}

/**
 * Reads one event. `seq` comes from the frame's id.
 * Returns null for an event kind this build does not know: such an event still takes up its seq.
 * Throws ProtocolError when a known kind lacks what it needs or is not JSON.
 */
export function decodeEventData(type: string, seq: number, data: string): RunEvent | null {
  if (!isEventType(type)) return null
  const parsed = parseJson(data)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new ProtocolError(`${type}: data is not an object`)
  const checked = v.safeParse(eventSchemas[type], { at: 0, ...parsed, seq })
  if (!checked.success) throw new ProtocolError(`${type}: ${explain(checked.issues)}`)
  return { type, ...checked.output } as RunEvent
}

// ---------------------------------------------------------------- cursors

/** A place in one run's journal. */
export interface Cursor {
  readonly incarnation: Incarnation
  readonly seq: number
}

export function formatCursor(cursor: Cursor): string {
  return `${cursor.incarnation}.${cursor.seq}`
}

/** Reads `<incarnation>.<seq>`; null for anything else, a seq beyond 2^53 included. */
export function parseCursor(value: string): Cursor | null {
  const match = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,15})$/.exec(value)
  if (match === null) return null
  const seq = Number(match[2])
  return Number.isSafeInteger(seq) ? { incarnation: match[1] as Incarnation, seq } : null
}

// ---------------------------------------------------------------- frames without a seq

/** The fold of a run so far, from one read; the tail follows from `cursor`. */
export const snapshotSchema = v.object({ cursor: text, transcript: transcriptSchema, status: runStatusSchema })
/** Sent every 10 s. `tail` is the newest seq in the journal. */
export const heartbeatSchema = v.object({ tail: count })
/** The cursor that was given means nothing here; a snapshot follows. */
export const resetSchema = v.object({ reason: text })
/** Before a planned shutdown: come back after `retryMs`. */
export const byeSchema = v.object({ retryMs: count })

/** What a browser reads from `/api/runs/:r/stream`. `skipped` is a durable event of a kind that this build does not know. */
export type StreamFrame =
  | { readonly type: 'event'; readonly cursor: Cursor; readonly event: RunEvent }
  | { readonly type: 'skipped'; readonly cursor: Cursor }
  | { readonly type: 'snapshot'; readonly cursor: Cursor; readonly transcript: Transcript; readonly status: RunStatus }
  | { readonly type: 'hb'; readonly tail: number }
  | { readonly type: 'reset'; readonly reason: string }
  | { readonly type: 'bye'; readonly retryMs: number }

/**
 * Reads one SSE message (`event`, `id`, `data`) of a run's stream. A message with an id is a durable event; one without
 * is a frame about the connection. Null: a frame kind without a seq that this build does not know.
 * Throws ProtocolError on anything malformed.
 */
export function decodeFrame(message: { readonly event: string; readonly id: string; readonly data: string }): StreamFrame | null {
  const { event: type, id: cursorText, data } = message
  switch (type) {
    case 'snapshot': {
      const { cursor, transcript, status } = read(snapshotSchema, parseJson(data))
      return { type, cursor: readCursor(cursor), transcript, status }
    }
    case 'hb':
      return { type, tail: read(heartbeatSchema, parseJson(data)).tail }
    case 'reset':
      return { type, reason: read(resetSchema, parseJson(data)).reason }
    case 'bye':
      return { type, retryMs: read(byeSchema, parseJson(data)).retryMs }
    default: {
      if (cursorText === '') return null
      const cursor = readCursor(cursorText)
      const event = decodeEventData(type, cursor.seq, data)
      return event === null ? { type: 'skipped', cursor } : { type: 'event', cursor, event }
    }
  }
}

function readCursor(value: string): Cursor {
  const cursor = parseCursor(value)
  if (cursor === null) throw new ProtocolError(`"${value.slice(0, 80)}" is not a cursor`)
  return cursor
}

/**
 * One SSE frame as text. Fields are written without the optional space, lines end in LF.
 * Throws ProtocolError if `type` or `id` holds CR, LF or NUL: such a field would forge a frame.
 */
export function encodeFrame(type: string, data: string, frameId?: string): string {
  if (/[\r\n\0]/.test(type) || /[\r\n]/.test(data) || (frameId !== undefined && /[\r\n\0]/.test(frameId))) {
    throw new ProtocolError('an SSE field must not hold CR, LF or NUL')
  }
  return frameId === undefined ? `event:${type}\ndata:${data}\n\n` : `event:${type}\nid:${frameId}\ndata:${data}\n\n`
}

// ---------------------------------------------------------------- resources

export const runSchema = v.object({
  id: runId,
  thread: threadId,
  /** The human's message that it answers. */
  message: messageId,
  status: runStatusSchema,
  /** True once the transcript is saved as messages. */
  settled: v.boolean(),
  /** A tool waits for somebody's decision. */
  waiting: v.boolean(),
  outcome: v.optional(outcomeSchema),
  error: v.optional(runErrorSchema),
  agent: text,
  model: v.nullable(text),
  startedAt: instant,
  endedAt: v.optional(instant),
  usage: usageSchema,
  modelCalls: count,
  toolCalls: count,
  messages: count,
  notices: v.array(noticeSchema),
  lastSeq: count,
  /** `<incarnation>.<lastSeq>` */
  cursor: text,
})
export type Run = v.InferOutput<typeof runSchema>

/** What a human's message may consist of when it is sent. */
export const inputPartSchema = v.variant('kind', [
  v.object({ kind: v.literal('text'), text: v.pipe(text, v.check((value) => value.trim() !== '', 'must not be blank')) }),
])
export type InputPart = v.InferOutput<typeof inputPartSchema>

export const queuedMessageSchema = v.object({
  id: messageId,
  parts: v.array(inputPartSchema),
  agent: text,
  model: v.nullable(text),
  /** When it joined the queue. */
  at: instant,
  /** `next`: it goes as soon as the run that makes way for it has ended. `steering`: offered to the run that is active, for its next step. */
  state: v.picklist(['waiting', 'next', 'steering']),
})
/** A human's message that waits for its run. */
export type QueuedMessage = v.InferOutput<typeof queuedMessageSchema>

export const queueSchema = v.object({
  /** In the order in which they will start. */
  messages: v.array(queuedMessageSchema),
  /** Why nothing starts by itself; null: what waits goes on when the active run is complete. Never set while nothing waits. */
  paused: v.nullable(v.picklist(['stopped', 'failed', 'interrupted'])),
})
export type Queue = v.InferOutput<typeof queueSchema>

export const threadSchema = v.object({
  id: threadId,
  title: text,
  agent: v.nullable(text),
  model: v.nullable(text),
  pinned: v.boolean(),
  archived: v.boolean(),
  /** A run ended since the thread was last seen. */
  unread: v.boolean(),
  draft: text,
  createdAt: instant,
  updatedAt: instant,
  activeRun: v.nullable(runSchema),
  queue: queueSchema,
})
export type Thread = v.InferOutput<typeof threadSchema>

const marksSchema = v.array(v.tuple([count, count]))
/** Where a search found something. Marks are ranges of UTF-16 units, in order, without overlap. */
export const searchHitSchema = v.object({
  thread: threadId,
  /** Matches in the thread's title. */
  title: marksSchema,
  /** The newest message that matches; null: the title alone does. */
  message: v.nullable(messageId),
  role: v.optional(v.picklist(['user', 'assistant'])),
  at: v.optional(instant),
  /** A piece of that message on one line; empty without one. */
  snippet: v.object({ text, marks: marksSchema }),
})
export type SearchHit = v.InferOutput<typeof searchHitSchema>

/** `hits`: of a search, one for each thread, in the same order. */
export const threadPageSchema = v.object({ threads: v.array(threadSchema), cursor: v.nullable(text), hits: v.optional(v.array(searchHitSchema)) })
export type ThreadPage = v.InferOutput<typeof threadPageSchema>

/** Settled messages, oldest first, with the runs they belong to (a run may have left no message of its own). */
export const messagePageSchema = v.object({
  messages: v.array(messageSchema),
  runs: v.array(runSchema),
  /** Human messages on older pages that runs of this page answer once more; left out where there are none. */
  questions: v.optional(v.array(messageSchema)),
  /** For each human message above that has siblings (an edit makes one): all that follow the same message, oldest first; left out where there are none. */
  forks: v.optional(v.array(v.object({ after: v.nullable(messageId), messages: v.array(messageId) }))),
  activeRun: v.nullable(runSchema),
  /** Pass as `before` for the next older page; null at the beginning of the thread. */
  before: v.nullable(text),
  /** Pass as `after` for the next newer page; null or absent where the newest message is in this one. */
  after: v.optional(v.nullable(text)),
})
/** Human messages that follow the same one. */
export type Fork = NonNullable<MessagePage['forks']>[number]
export type MessagePage = v.InferOutput<typeof messagePageSchema>

/** Messages of one thread that hold a text, or all that its people said; newest first. */
export const findPageSchema = v.object({
  hits: v.array(v.object({
    message: messageId,
    role: v.picklist(['user', 'assistant']),
    at: instant,
    /** Some words around the first place where it is, or the message's beginning; on one line. */
    excerpt: text,
  })),
  /** Pass as `before` to go on; null where the beginning of the thread has been looked at. A page may hold no hit and yet go on. */
  before: v.nullable(text),
})
export type FindPage = v.InferOutput<typeof findPageSchema>

export const runPageSchema = v.object({ runs: v.array(runSchema), before: v.nullable(text) })
export type RunPage = v.InferOutput<typeof runPageSchema>

export const eventPageSchema = v.object({
  events: v.array(v.looseObject({ type: text, seq: count, at: instant })),
  cursor: text,
  more: v.boolean(),
})
export type EventPage = v.InferOutput<typeof eventPageSchema>

const totalsSchema = v.object({ ...counters, runs: count })
export type Totals = v.InferOutput<typeof totalsSchema>
export const threadUsageSchema = v.object({
  total: totalsSchema,
  byModel: v.record(v.string(), totalsSchema),
  byOutcome: v.record(v.string(), totalsSchema),
})
export type ThreadUsage = v.InferOutput<typeof threadUsageSchema>

export const agentInfoSchema = v.object({
  id: text,
  title: text,
  description: v.optional(text),
  models: v.array(v.object({ id: text, title: text })),
  can: v.object({ steer: v.boolean(), approvals: v.boolean(), resume: v.boolean(), files: v.boolean() }),
  ready: v.boolean(),
  /** Where it is not ready: what is missing and how to supply it. */
  missing: v.optional(text),
  demo: v.optional(v.boolean()),
})
export type AgentInfo = v.InferOutput<typeof agentInfoSchema>
export const agentListSchema = v.object({ agents: v.array(agentInfoSchema), default: text })
export type AgentList = v.InferOutput<typeof agentListSchema>

/** An agent that can be set up, as Settings shows it. Its key is never told, only whether there is one. */
export const agentSettingSchema = v.object({
  id: text,
  title: text,
  baseUrl: text,
  /** Null: all that the provider lists are offered. */
  model: v.nullable(text),
  hasKey: v.boolean(),
  /** Only those of `settings` can be changed: the others come from environment variables or were found on this machine. */
  source: v.picklist(['environment', 'settings', 'found']),
  /** The environment names the same address, and takes its place. */
  shadowed: v.boolean(),
  /** Why it cannot be used. */
  problem: v.optional(text),
})
export type AgentSetting = v.InferOutput<typeof agentSettingSchema>
export const agentSettingListSchema = v.object({ agents: v.array(agentSettingSchema) })
export type AgentSettingList = v.InferOutput<typeof agentSettingListSchema>

/** What a provider said: the address that answered (with `/v1` where that was missing) and its models, or the cause in plain words. */
export const agentTestSchema = v.variant('ok', [
  v.object({ ok: v.literal(true), baseUrl: text, models: v.array(text) }),
  v.object({ ok: v.literal(false), message: text }),
])
export type AgentTest = v.InferOutput<typeof agentTestSchema>

// ---------------------------------------------------------------- requests

const title = v.pipe(text, v.trim(), v.minLength(1, 'must not be blank'), v.maxLength(200))
export const createThreadSchema = v.object({ id: threadId, title: v.optional(title), agent: v.optional(text), model: v.optional(text) })
export type CreateThread = v.InferOutput<typeof createThreadSchema>

const agentTitle = v.pipe(text, v.trim(), v.minLength(1, 'must not be blank'), v.maxLength(60))
const modelName = v.pipe(text, v.trim(), v.minLength(1, 'must not be blank'), v.maxLength(200))
/** One line of printable ASCII: it becomes a header. */
const providerKey = v.pipe(text, v.trim(), v.maxLength(4000), v.regex(/^[\x21-\x7e]+$/, 'must be one word of plain letters, digits and signs'))
/** Without a slash at its end, a query or a login in it. */
const baseUrl = v.pipe(
  text, v.trim(), v.maxLength(500), v.url('must be an address such as https://api.example.com/v1'),
  v.regex(/^https?:\/\/[^@?#]+$/i, 'must begin with http:// or https:// and have no login, query or # in it'),
  v.transform((address) => address.replace(/\/+$/, '')),
)
export const addAgentSchema = v.object({ title: agentTitle, baseUrl, key: v.optional(providerKey), model: v.optional(v.nullable(modelName)) })
export type AddAgent = v.InferOutput<typeof addAgentSchema>
export type AddAgentBody = v.InferInput<typeof addAgentSchema>
/** `key`: null takes it away; left out it stays, unless the address becomes that of another server. */
export const changeAgentSchema = v.object({ title: v.optional(agentTitle), baseUrl: v.optional(baseUrl), key: v.optional(v.nullable(providerKey)), model: v.optional(v.nullable(modelName)) })
export type ChangeAgent = v.InferOutput<typeof changeAgentSchema>
export type ChangeAgentBody = v.InferInput<typeof changeAgentSchema>
/** With `id` the kept address and key are used where none is given. */
export const testAgentSchema = v.object({ id: v.optional(text), baseUrl: v.optional(baseUrl), key: v.optional(providerKey) })
export type TestAgent = v.InferOutput<typeof testAgentSchema>
export type TestAgentBody = v.InferInput<typeof testAgentSchema>

export const deleteEverythingSchema = v.object({ confirm: v.literal(true) })

export const patchThreadSchema = v.object({
  title: v.optional(title),
  pinned: v.optional(v.boolean()),
  archived: v.optional(v.boolean()),
  agent: v.optional(text),
  model: v.optional(v.nullable(text)),
  draft: v.optional(v.pipe(text, v.maxLength(1_000_000))),
  /** The person has seen what is new: clears `unread` in all tabs. */
  seen: v.optional(v.literal(true)),
})
export type PatchThread = v.InferOutput<typeof patchThreadSchema>

const startOptions = {
  agent: v.optional(text),
  model: v.optional(text),
  /** The message this one follows; left out: the newest of the thread. */
  after: v.optional(v.nullable(messageId)),
  ifBusy: v.optional(v.picklist(['reject', 'queue', 'interrupt']), 'reject'),
}
export const startRunSchema = v.union([
  v.object({ message: v.object({ id: messageId, parts: v.pipe(v.array(inputPartSchema), v.minLength(1)) }), ...startOptions }),
  /** `run`: the id that its run is to have, so that a repeated request is recognised. Short, for ids of messages are made from it. */
  v.object({ regenerate: messageId, run: v.optional(v.pipe(id, v.maxLength(48), v.transform((text) => text as RunId))), ...startOptions }),
  /** The agent goes on from its message `continue`; `id`: of the human message without words that says so. */
  v.object({ continue: messageId, id: messageId, ...startOptions }),
])
export type StartRun = v.InferOutput<typeof startRunSchema>
export type StartRunBody = v.InferInput<typeof startRunSchema>

export const patchQueuedSchema = v.object({
  parts: v.optional(v.pipe(v.array(inputPartSchema), v.minLength(1))),
  /** Moves it in front of this one; null: to the end. */
  before: v.optional(v.nullable(messageId)),
})
export type PatchQueued = v.InferOutput<typeof patchQueuedSchema>

/** `message`: the last one to be copied; `id`: of the thread that is made. */
export const forkThreadSchema = v.object({ message: messageId, id: threadId })
export type ForkThread = v.InferOutput<typeof forkThreadSchema>

export const answerApprovalSchema = v.object({ decision: text, note: v.optional(v.pipe(text, v.maxLength(10_000))) })
export type AnswerApproval = v.InferOutput<typeof answerApprovalSchema>

/** RFC 9457. `detail` names the cause and what to do. */
export const problemSchema = v.object({
  type: text,
  title: text,
  status: count,
  detail: text,
  retryAfterMs: v.optional(count),
  activeRun: v.optional(runSchema),
})
export type Problem = v.InferOutput<typeof problemSchema>

// ---------------------------------------------------------------- feed

const feedSchemas = {
  snapshot: v.object({ threads: v.array(threadSchema) }),
  'thread.changed': v.object({ thread: threadSchema }),
  'thread.removed': v.object({ thread: threadId }),
  'run.changed': v.object({ run: runSchema }),
  /** Other agents, or other models of theirs, are offered now: ask `/api/agents`. */
  'agents.changed': v.object({}),
} as const
type FeedOf<T extends keyof typeof feedSchemas> = { readonly type: T } & Readonly<v.InferOutput<(typeof feedSchemas)[T]>>
/** One message of `/api/feed`. The snapshot holds the threads that have an active run or are unread. */
export type FeedEvent = { [T in keyof typeof feedSchemas]: FeedOf<T> }[keyof typeof feedSchemas]

/** Reads one feed message; null for a kind this build does not know. Throws ProtocolError on a malformed one. */
export function decodeFeedEvent(type: string, data: string): FeedEvent | null {
  if (!Object.hasOwn(feedSchemas, type)) return null
  return { type, ...read(feedSchemas[type as FeedEvent['type']], parseJson(data)) } as FeedEvent
}

// ---------------------------------------------------------------- reading

/** Checks a value against a schema. Throws ProtocolError naming the field and the cause. */
export function read<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const checked = v.safeParse(schema, value)
  if (!checked.success) throw new ProtocolError(explain(checked.issues))
  return checked.output
}

/**
 * JSON.parse that answers with a ProtocolError. A `__proto__` key becomes an own property, which the schemas
 * do not copy, so it stays inert.
 */
export function parseJson(data: string): unknown {
  try {
    return JSON.parse(data) as unknown
  } catch (error) {
    throw new ProtocolError(`not JSON: ${(error as Error).message}`, { cause: error })
  }
}

function explain(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.slice(0, 3).map((issue) => {
    const path = v.getDotPath(issue)
    return path === null ? issue.message : `${path}: ${issue.message}`
  }).join('; ')
}
