/** What a transcript holds: messages, parts, what they cost, how they ended. */
import * as v from 'valibot'
import { approvalId, count, fileId, instant, messageId, partId, runId, text, threadId } from './values.ts'

export const outcomes = ['completed', 'cancelled', 'failed', 'interrupted'] as const
export const outcomeSchema = v.picklist(outcomes)
/** How a run ended. Final: the first one written wins. */
export type Outcome = v.InferOutput<typeof outcomeSchema>

export const runStatusSchema = v.picklist(['queued', 'running', 'cancelling', 'settling', ...outcomes])
export type RunStatus = v.InferOutput<typeof runStatusSchema>

export const partStateSchema = v.picklist(['open', 'done', 'failed', 'stopped', 'denied'])
export type PartState = v.InferOutput<typeof partStateSchema>
export type ClosedPartState = Exclude<PartState, 'open'>

export const partKindSchema = v.picklist(['text', 'thinking', 'tool', 'file', 'source'])
export type PartKind = v.InferOutput<typeof partKindSchema>

export const deltaFieldSchema = v.picklist(['text', 'input', 'output'])
export type DeltaField = v.InferOutput<typeof deltaFieldSchema>

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
  v.object({
    ...partBase, kind: v.literal('file'), name: text, mediaType: text, url: v.optional(text), size: v.optional(count),
    /** Set for a file that a person attached: the server keeps it under this id. */
    file: v.optional(fileId),
    /** Of a picture, in px, as it is to be shown. */
    width: v.optional(count), height: v.optional(count),
  }),
  v.object({ ...partBase, kind: v.literal('source'), title: text, url: text }),
])
/** One piece of a message. `text`, `input` and `output` grow by deltas; everything else is set once. */
export type Part = v.InferOutput<typeof partSchema>
export type ThinkingPart = Extract<Part, { kind: 'thinking' }>
export type ToolPart = Extract<Part, { kind: 'tool' }>
export type FilePart = Extract<Part, { kind: 'file' }>

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
  /** True where the server's disk does not hold it any more as it was written: it has no parts then. */
  damaged: v.optional(v.literal(true)),
  status: messageStatusSchema,
  at: instant,
  parts: v.array(partSchema),
})
export type Message = v.InferOutput<typeof messageSchema>

/** `text` in English; `code` and the `values` of its sentence (notices.ts), by which a page says it in another language. Journals of older servers have the text alone. */
export const noticeEntries = {
  level: v.picklist(['info', 'warning', 'error']), text, code: v.optional(text), values: v.optional(v.record(v.string(), v.union([v.string(), v.number()]))),
}
export const noticeSchema = v.object({ ...noticeEntries, at: instant })
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
