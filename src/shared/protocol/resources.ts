/** What the server answers with. */
import * as v from 'valibot'
import { countersSchema, messageSchema, noticeSchema, outcomeSchema, runErrorSchema, runStatusSchema, usageSchema } from './content.ts'
import { saidPartSchema } from './files.ts'
import { count, instant, messageId, runId, text, threadId } from './values.ts'

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

export const queuedMessageSchema = v.object({
  id: messageId,
  parts: v.array(saidPartSchema),
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
  /** When the page was read, in the terms of the feed: a snapshot of the same `asOf` has nothing that is newer. */
  asOf: v.optional(text),
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

/** The branches of a thread as stretches of turns between forks, oldest first, each behind the one that it leaves from. */
export const branchMapSchema = v.object({
  branches: v.array(v.object({
    /** The run of its first turn. */
    id: runId,
    /** The run of its last turn. */
    last: runId,
    /** The stretch that it leaves from; null: it begins the thread. */
    parent: v.nullable(runId),
    turns: count,
    at: instant,
    /** The first turn's messages, and how each begins, on one line; the answer's is null until it is saved. */
    question: v.object({ message: messageId, excerpt: text }),
    answer: v.nullable(v.object({ message: messageId, excerpt: text })),
  })),
})
export type BranchMap = v.InferOutput<typeof branchMapSchema>
export type Branch = BranchMap['branches'][number]

export const runPageSchema = v.object({ runs: v.array(runSchema), before: v.nullable(text) })
export type RunPage = v.InferOutput<typeof runPageSchema>

export const eventPageSchema = v.object({
  events: v.array(v.looseObject({ type: text, seq: count, at: instant })),
  cursor: text,
  more: v.boolean(),
})
export type EventPage = v.InferOutput<typeof eventPageSchema>

const totalsSchema = v.object({ ...countersSchema.entries, runs: count })
export type Totals = v.InferOutput<typeof totalsSchema>
export const threadUsageSchema = v.object({
  total: totalsSchema,
  byModel: v.record(v.string(), totalsSchema),
  byOutcome: v.record(v.string(), totalsSchema),
})
export type ThreadUsage = v.InferOutput<typeof threadUsageSchema>

/** Why something cannot be used, by the name of the refusal that it would be (refusals.ts); its English words stand beside it. */
const whySchema = v.optional(v.object({ code: text, about: v.optional(text) }))
export type Why = NonNullable<v.InferOutput<typeof whySchema>>

export const agentInfoSchema = v.object({
  id: text,
  title: text,
  description: v.optional(text),
  models: v.array(v.object({ id: text, title: text })),
  can: v.object({ steer: v.boolean(), approvals: v.boolean(), resume: v.boolean(), files: v.boolean() }),
  ready: v.boolean(),
  /** Where it is not ready: what is missing and how to supply it. */
  missing: v.optional(text),
  why: whySchema,
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
  why: whySchema,
})
export type AgentSetting = v.InferOutput<typeof agentSettingSchema>
export const agentSettingListSchema = v.object({ agents: v.array(agentSettingSchema) })
export type AgentSettingList = v.InferOutput<typeof agentSettingListSchema>

/** What a provider said: the address that answered (with `/v1` where that was missing) and its models, or the cause in plain words. */
export const agentTestSchema = v.variant('ok', [
  v.object({ ok: v.literal(true), baseUrl: text, models: v.array(text) }),
  /** `code`: as `RunError.code`; left out by older servers. */
  v.object({ ok: v.literal(false), message: text, code: v.optional(text) }),
])
export type AgentTest = v.InferOutput<typeof agentTestSchema>
