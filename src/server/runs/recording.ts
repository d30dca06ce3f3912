/**
 * Turns what an agent yields into journal events: gives ids, seqs and offsets, joins small deltas, and refuses what does not
 * fit, so that the journal always follows from itself. Pure: the time comes with each call.
 */
import type { ApprovalId, MessageId, PartId } from '../../shared/ids.ts'
import type { Counters, DeltaField, EventDraft, Message, Part, RunEvent, Usage } from '../../shared/protocol.ts'
import { ProtocolError, assertEvent } from '../../shared/protocol.ts'
import { agentParts, applyEvent, checksums, findPart, waitsForApproval } from '../../shared/transcript.ts'
import type { Transcript } from '../../shared/transcript.ts'
import type { AgentEvent, ApprovalRequest } from '../agents/agent.ts'
import { noNames } from './names.ts'
import type { Names } from './names.ts'

/** A part's text goes out at once, then at most this often: keeps wire and journal small without being seen. */
export const JOIN_MS = 33
export const PROGRESS_MS = 1_000
/** UTF-16 units; a larger delta is cut, so that no single frame stalls a page. */
const LONGEST_DELTA = 32_768

export interface Recording {
  /** Everything recorded, committed or not. */
  readonly transcript: Transcript
  /** The agent's names of messages and parts → our ids. */
  readonly messages: Names<MessageId>
  readonly parts: Names<PartId>
  readonly nextPart: number
  readonly nextApproval: number
  /** Text that waits for its part's turn, oldest first; one entry per part and field. */
  readonly held: readonly HeldText[]
  /** When each open part last sent text. */
  readonly sentAt: ReadonlyMap<PartId, number>
  readonly counters: Counters
  /** True while an approval is pending. */
  readonly waiting: boolean
  /** When counters last went out; `due` if they have changed since. */
  readonly progress: { readonly sentAt: number; readonly due: boolean }
}

interface HeldText {
  readonly part: PartId
  readonly field: DeltaField
  readonly text: string
}

export interface Recorded {
  readonly recording: Recording
  readonly events: readonly RunEvent[]
  /** Why the agent's event was left out, if it was. */
  readonly dropped?: string
}

/** A recording that continues `transcript`: just `run.started`, or what another owner left. */
export function openRecording(transcript: Transcript): Recording {
  return {
    transcript,
    messages: noNames(),
    parts: noNames(),
    nextPart: agentParts(transcript).length + 1,
    nextApproval: 1,
    held: [],
    sentAt: new Map(),
    counters: transcript.counters,
    waiting: waitsForApproval(transcript),
    progress: { sentAt: Number.NEGATIVE_INFINITY, due: false },
  }
}

/** Records one event of the agent. One that would not be of the contract is refused: no page could read the run any more. */
export function record(recording: Recording, event: AgentEvent, now: number): Recorded {
  return orRefuse(recording, () => take(recording, event, now))
}

function take(recording: Recording, event: AgentEvent, now: number): Recorded {
  switch (event.type) {
    case 'message.started':
      if (recording.messages.has(event.message)) return refuse(recording, `message ${event.message} started twice`)
      return emit(release(recording, now), (r) => startMessage(r, event.message, event.parent, now))
    case 'part.started':
      return startPart(recording, event, now)
    case 'part.delta':
      return addText(recording, event, now)
    case 'part.ended': {
      const part = openPart(recording, event.part)
      if (part === undefined) return refuse(recording, `part ${event.part} is not open`)
      const { state, input, output, error } = event
      return emit(release(recording, now, (id) => id === part.id), (r) => {
        // What was streamed counts, then what a person was asked about; a whole value is taken only where nothing was.
        const streamed = findPart(r.transcript, part.id)
        const whole = streamed?.kind === 'tool' ? { input: streamed.input === '' ? (streamed.approval?.input ?? input) : undefined, output: streamed.output === '' ? output : undefined } : {}
        return put(forgetTimes(r, part.id), [{ type: 'part.ended', at: now, part: part.id, state, ...whole, error }])
      })
    }
    case 'used':
      return use(recording, event, now)
    case 'notice':
      return emit(release(recording, now), (r) => put(r, [{ type: 'run.notice', at: now, level: event.level, text: event.text, code: event.code, values: event.values }]))
    default:
      event satisfies never
      return refuse(recording, `unknown event ${JSON.stringify((event as { type?: unknown }).type)}`)
  }
}

/** Lets out what has waited long enough: joined text and counters. */
export function wake(recording: Recording, now: number): Recorded {
  const text = recording.held.some((held) => dueAt(recording, held) <= now) ? release(recording, now) : keep(recording)
  return emit(text, (r) => (r.progress.due && now >= r.progress.sentAt + PROGRESS_MS ? sendProgress(r, now) : keep(r)))
}

/** When `wake` has something to do next; null: nothing waits. */
export function wakeAt(recording: Recording): number | null {
  const times = recording.held.filter((held) => held.text.length > 1 || !endsInHighSurrogate(held.text)).map((held) => dueAt(recording, held))
  if (recording.progress.due) times.push(recording.progress.sentAt + PROGRESS_MS)
  return times.length === 0 ? null : Math.min(...times)
}

/** Asks for a decision about an open tool part, and about the very input of it. Null with a reason if there is no such part. From then on that input stays what it is. */
export function requestApproval(recording: Recording, request: ApprovalRequest, now: number): Recorded & { readonly approval: ApprovalId | null } {
  const part = openPart(recording, request.part)
  if (part?.kind !== 'tool') return { ...refuse(recording, `no open tool part ${request.part} to approve`), approval: null }
  const heldBack = recording.held.find((held) => held.part === part.id && held.field === 'input')?.text ?? ''
  if (![request.input, ''].includes(part.input + heldBack)) return { ...refuse(recording, `the approval of ${request.part} is about another input than the call's`), approval: null }
  if (request.options.length === 0) return { ...refuse(recording, `nothing to choose from for the approval of ${request.part}`), approval: null }
  const approval = `${recording.transcript.run.slice(0, 48)}-a${recording.nextApproval}` as ApprovalId
  const { question, input, options } = request
  const done = orRefuse(recording, () => emit(release({ ...recording, nextApproval: recording.nextApproval + 1 }, now), (r) =>
    put(r, [{ type: 'approval.requested', at: now, approval, part: part.id, question, input, options: [...options] }])))
  return { ...done, approval: done.dropped === undefined ? approval : null }
}

/** Records events of the server's own, after all text that waits. */
export function note(recording: Recording, drafts: readonly EventDraft[], now: number): Recorded {
  return emit(release(recording, now), (r) => put(r, drafts))
}

/** Lets out everything, closes what is open as `state` and returns the recording ready for `stream_end`. */
export function closeParts(recording: Recording, state: 'done' | 'stopped' | 'failed', now: number): Recorded {
  return emit(release(recording, now, () => true), (r) => {
    const open = agentParts(r.transcript).filter((part) => part.state === 'open')
    // A tool that never returned is stopped, never done, whatever ended the run: its outcome is unknown.
    return put(r, open.map((part) => ({ type: 'part.ended' as const, at: now, part: part.id, state: part.kind === 'tool' ? 'stopped' as const : state })))
  })
}

/** The last event: totals and the checksums of all that was said. */
export function endStream(recording: Recording, end: Pick<Extract<EventDraft, { type: 'stream_end' }>, 'outcome' | 'error'>, now: number): Recorded {
  const counted = { ...recording, counters: withMessages(recording) }
  return put(counted, [{ type: 'stream_end', at: now, ...end, usage: counted.counters.usage, parts: checksums(counted.transcript) }])
}

/** True if the agent said or did anything that a person would call an answer. Thinking alone is none. */
export function hasAnswer(recording: Recording): boolean {
  return recording.held.some((held) => held.text !== '')
    || agentParts(recording.transcript).some((part) => (part.kind === 'text' ? part.text.trim() !== '' : part.kind !== 'thinking'))
}

// ---------------------------------------------------------------- steps

function refuse(recording: Recording, dropped: string): Recorded {
  return { recording, events: [], dropped }
}

function orRefuse(recording: Recording, run: () => Recorded): Recorded {
  try {
    return run()
  } catch (error) {
    if (error instanceof ProtocolError) return refuse(recording, error.message)
    throw error
  }
}

function keep(recording: Recording): Recorded {
  return { recording, events: [] }
}

function emit(first: Recorded, then: (recording: Recording) => Recorded): Recorded {
  const second = then(first.recording)
  return { ...second, events: first.events.length === 0 ? second.events : [...first.events, ...second.events] }
}

/** Gives drafts their seqs and folds them in. A draft that does not fold is a defect of ours. Throws ProtocolError for one that is not of the contract. */
function put(recording: Recording, drafts: readonly EventDraft[]): Recorded {
  let transcript = recording.transcript
  const events: RunEvent[] = []
  for (const draft of drafts) {
    const event = { ...draft, seq: transcript.lastSeq + 1 } as RunEvent
    if (event.type !== 'part.delta') assertEvent(event) // a delta is nearly every event, and made of what has been checked
    const applied = applyEvent(transcript, event)
    if (applied.kind !== 'applied') throw new Error(`Recorded an event that does not fold: ${applied.kind === 'gap' ? applied.reason : applied.kind}`)
    transcript = applied.transcript
    events.push(event)
  }
  if (events.length === 0) return { recording, events }
  // Looked up only where it can change: that takes a walk over every part.
  const waiting = events.some(({ type }) => type === 'approval.requested' || type === 'approval.answered') ? waitsForApproval(transcript) : recording.waiting
  return { recording: { ...recording, transcript, waiting }, events }
}

/** An ended part sends no more text; a run may have thousands. */
function forgetTimes(recording: Recording, part: PartId): Recording {
  if (!recording.sentAt.has(part)) return recording
  const sentAt = new Map(recording.sentAt)
  sentAt.delete(part)
  return { ...recording, sentAt }
}

function startMessage(recording: Recording, name: string, parent: string | undefined, now: number): Recorded {
  // Ids come from the run's own 128 random bits and a number, so that this stays a pure function.
  const message = `${recording.transcript.run.slice(0, 48)}-m${recording.transcript.messages.length}` as MessageId
  const put1 = put(recording, [{
    type: 'message.started', at: now, message, role: 'assistant', parent: parent === undefined ? undefined : recording.parts.get(parent),
  }])
  return { ...put1, recording: { ...put1.recording, messages: recording.messages.with(name, message) } }
}

/** Under this name goes the message that a part started by itself. */
const UNNAMED = ''

function startPart(recording: Recording, event: Extract<AgentEvent, { type: 'part.started' }>, now: number): Recorded {
  if (recording.parts.has(event.part)) return refuse(recording, `part ${event.part} started twice`)
  if (event.message !== undefined && !recording.messages.has(event.message)) return refuse(recording, `message ${event.message} was never started`)
  const none = recording.transcript.messages.at(-1)?.role !== 'assistant'
  const withMessage = emit(release(recording, now), (r) => (event.message === undefined && none ? startMessage(r, UNNAMED, undefined, now) : keep(r)))
  return emit(withMessage, (r) => {
    const message = event.message === undefined ? newestMessage(r).id : r.messages.get(event.message) as MessageId
    const part = `p${r.nextPart}` as PartId
    const { kind, name, call, title, url, mediaType, size } = event
    const started = put(r, [{ type: 'part.started', at: now, message, part, kind, name, call, title, url, mediaType, size }])
    return { ...started, recording: { ...started.recording, nextPart: r.nextPart + 1, parts: r.parts.with(event.part, part) } }
  })
}

function newestMessage(recording: Recording): Message {
  const message = recording.transcript.messages.at(-1)
  if (message === undefined) throw new Error('A run has at least the human message')
  return message
}

function openPart(recording: Recording, name: string): Part | undefined {
  const id = recording.parts.get(name)
  const part = id === undefined ? undefined : findPart(recording.transcript, id)
  return part?.state === 'open' ? part : undefined
}

function addText(recording: Recording, event: Extract<AgentEvent, { type: 'part.delta' }>, now: number): Recorded {
  const part = openPart(recording, event.part)
  if (part === undefined) return refuse(recording, `part ${event.part} is not open`)
  const field = event.field ?? (part.kind === 'tool' ? 'input' : 'text')
  const fits = part.kind === 'tool' ? field !== 'text' : (part.kind === 'text' || part.kind === 'thinking') && field === 'text'
  if (!fits) return refuse(recording, `part ${event.part} is a ${part.kind} and has no ${field}`)
  if (typeof event.text !== 'string') return refuse(recording, `text for part ${event.part} is none`)
  if (part.kind === 'tool' && field === 'input' && part.approval !== undefined) return refuse(recording, `the input of ${event.part} was put to a person and stays what it was`)
  if (event.text === '') return keep(recording)
  const index = recording.held.findIndex((held) => held.part === part.id && held.field === field)
  const waiting = recording.held[index]
  const text = (waiting?.text ?? '') + event.text
  const entry: HeldText = { part: part.id, field, text }
  const held = waiting === undefined ? [...recording.held, entry] : recording.held.with(index, entry)
  const next = { ...recording, held }
  const due = held.some((one) => dueAt(next, one) <= now) || text.length >= LONGEST_DELTA
  return due ? release(next, now) : keep(next)
}

function dueAt(recording: Recording, held: HeldText): number {
  return (recording.sentAt.get(held.part) ?? Number.NEGATIVE_INFINITY) + JOIN_MS
}

/**
 * Sends all held text. Half of a surrogate pair stays for its other half, unless `noMore` says that the part gets none:
 * a delta never ends in half a pair.
 */
function release(recording: Recording, now: number, noMore: (part: PartId) => boolean = () => false): Recorded {
  if (recording.held.length === 0) return keep(recording)
  const drafts: EventDraft[] = []
  const rest: HeldText[] = []
  const sentAt = new Map(recording.sentAt)
  for (const { part: id, field, text } of recording.held) {
    const part = findPart(recording.transcript, id)
    if (part === undefined) continue
    const sendable = noMore(id) || !endsInHighSurrogate(text) ? text : text.slice(0, -1)
    if (sendable.length < text.length) rest.push({ part: id, field, text: text.slice(sendable.length) })
    let off = lengthOf(part, field)
    for (const piece of cut(sendable)) {
      drafts.push({ type: 'part.delta', at: now, part: id, field, off, text: piece })
      off += piece.length
    }
    sentAt.set(id, now)
  }
  return put({ ...recording, held: rest, sentAt }, drafts)
}

function lengthOf(part: Part, field: DeltaField): number {
  if (part.kind === 'tool') return field === 'text' ? 0 : part[field].length
  return part.kind === 'text' || part.kind === 'thinking' ? part.text.length : 0
}

function cut(text: string): string[] {
  const pieces: string[] = []
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + LONGEST_DELTA)
    if (to < text.length && endsInHighSurrogate(text.slice(from, to))) to--
    pieces.push(text.slice(from, to))
    from = to
  }
  return pieces
}

function endsInHighSurrogate(text: string): boolean {
  const unit = text.charCodeAt(text.length - 1)
  return unit >= 0xd800 && unit <= 0xdbff
}

function use(recording: Recording, event: Extract<AgentEvent, { type: 'used' }>, now: number): Recorded {
  const { counters } = recording
  const next: Recording = {
    ...recording,
    counters: {
      usage: addUsage(counters.usage, event.usage ?? {}),
      modelCalls: counters.modelCalls + Math.round(amount(event.modelCalls) ?? 0),
      toolCalls: counters.toolCalls + Math.round(amount(event.toolCalls) ?? 0),
      messages: counters.messages,
    },
    progress: { ...recording.progress, due: true },
  }
  return now >= next.progress.sentAt + PROGRESS_MS ? emit(release(next, now), (r) => sendProgress(r, now)) : keep(next)
}

function sendProgress(recording: Recording, now: number): Recorded {
  const counters = withMessages(recording)
  return put({ ...recording, counters, progress: { sentAt: now, due: false } }, [{ type: 'run.progress', at: now, ...counters }])
}

function withMessages(recording: Recording): Counters {
  return { ...recording.counters, messages: recording.transcript.messages.filter((message) => message.role === 'assistant').length }
}

function addUsage(a: Usage, b: Usage): Usage {
  const sum: Record<string, number> = {}
  for (const key of ['inputTokens', 'outputTokens', 'reasoningTokens', 'cachedTokens', 'cost'] as const) {
    const more = amount(b[key])
    if (a[key] !== undefined || more !== undefined) sum[key] = (a[key] ?? 0) + (key === 'cost' ? (more ?? 0) : Math.round(more ?? 0))
  }
  return sum
}

/** Some providers report -1, or a fraction, of a token: what is no amount is not counted. */
function amount(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined
}
