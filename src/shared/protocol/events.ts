/** The journal's events: one schema a kind, their data line on the wire and back. */
import * as v from 'valibot'
import { countersSchema, deltaFieldSchema, messageSchema, noticeEntries, outcomeSchema, partKindSchema, runErrorSchema, usageSchema } from './content.ts'
import { ProtocolError, explain, parseJson } from './read.ts'
import { approvalId, count, instant, messageId, partId, runId, text, threadId } from './values.ts'

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
  'run.notice': v.object({ ...head, ...noticeEntries }),
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
