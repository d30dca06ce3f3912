/**
 * The one fold. Live events, a replay, a snapshot plus a tail and the server's own settled messages all go through
 * `applyEvent`, so every view of a run is the same view.
 */
import { content } from './covers.ts'
import { hashText } from './hash.ts'
import type { DeltaField, Message, MessageStatus, Part, PartState, RunEvent, ToolPart, Transcript } from './protocol.ts'

export type { Transcript } from './protocol.ts'

/**
 * What became of an event. `duplicate`: it was applied before, nothing changes. `gap`: something before it is
 * missing (a seq, a piece of text, a part that was never started, a hash that differs): join again with a snapshot.
 */
export type Applied =
  | { readonly kind: 'applied'; readonly transcript: Transcript }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'gap'; readonly reason: string }

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>

/**
 * Applies one event. Never throws, never changes its arguments; untouched messages and parts keep their identity, so a view can compare by `===`.
 * `transcript` is null before `run.started`.
 */
export function applyEvent(transcript: Transcript | null, event: RunEvent): Applied {
  const expected = (transcript?.lastSeq ?? 0) + 1
  if (event.seq < expected) return { kind: 'duplicate' }
  if (event.seq > expected) return gap(`seq ${event.seq} came where ${expected} was due`)
  if (transcript === null) {
    return event.type === 'run.started' ? { kind: 'applied', transcript: begin(event) } : gap(`${event.type} came before run.started`)
  }
  const next = change(transcript, event)
  if (typeof next === 'string') return gap(next)
  return { kind: 'applied', transcript: { ...next, lastSeq: event.seq } }
}

/** Passes over an event of a kind that this build does not know; it still takes up its seq. */
export function skipEvent(transcript: Transcript | null, seq: number): Applied {
  const expected = (transcript?.lastSeq ?? 0) + 1
  if (seq < expected) return { kind: 'duplicate' }
  if (transcript === null || seq > expected) return gap(`seq ${seq} came where ${expected} was due`)
  return { kind: 'applied', transcript: { ...transcript, lastSeq: seq } }
}

/**
 * Folds a whole journal. Throws if it has a gap: a journal is written by this same fold. Text that follows text of the same part is joined and
 * applied once, which makes a long answer three times as fast to read and leaves its text in one piece.
 */
export function foldEvents(events: readonly RunEvent[], from: Transcript | null = null): Transcript | null {
  let transcript = from
  for (let i = 0; i < events.length;) {
    const event = events[i] as RunEvent
    let next = i + 1
    // Only from the very event that is due: what comes twice, or too early, is applyEvent's to judge.
    if (event.type === 'part.delta' && event.seq === (transcript?.lastSeq ?? 0) + 1) next = endOfText(events, i)
    const applied = next === i + 1 ? applyEvent(transcript, event) : applyText(transcript, events.slice(i, next) as EventOf<'part.delta'>[])
    if (applied.kind === 'gap') throw new Error(`The journal does not follow from itself: ${applied.reason}`)
    if (applied.kind === 'applied') transcript = applied.transcript
    i = next
  }
  return transcript
}

/** Behind the last of the deltas from `start` on that continue each other, seq by seq and text by text. */
function endOfText(events: readonly RunEvent[], start: number): number {
  let end = start + 1
  for (let last = events[start] as EventOf<'part.delta'>; end < events.length; end++) {
    const next = events[end] as RunEvent
    if (next.type !== 'part.delta' || next.part !== last.part || next.field !== last.field) break
    if (next.seq !== last.seq + 1 || next.off !== last.off + last.text.length) break
    last = next
  }
  return end
}

function applyText(transcript: Transcript | null, deltas: readonly EventOf<'part.delta'>[]): Applied {
  const first = deltas[0] as EventOf<'part.delta'>
  const applied = applyEvent(transcript, { ...first, text: deltas.map((delta) => delta.text).join('') })
  return applied.kind === 'applied' ? { kind: 'applied', transcript: { ...applied.transcript, lastSeq: first.seq + deltas.length - 1 } } : applied
}

/** Length and hash of every part of the agent's messages, as `stream_end` carries them. */
export function checksums(transcript: Transcript): Record<string, { length: number; hash: string }> {
  const sums: Record<string, { length: number; hash: string }> = {}
  for (const part of agentParts(transcript)) {
    const text = content(part)
    sums[part.id] = { length: text.length, hash: hashText(text) }
  }
  return sums
}

/** Every part of the agent's messages, oldest first. */
export function agentParts(transcript: Transcript): Part[] {
  return transcript.messages.flatMap((message) => (message.role === 'assistant' ? message.parts : []))
}

/** The part with this id, looked for from the newest backwards: it is nearly always the last. */
export function findPart(transcript: Transcript, id: string): Part | undefined {
  for (let m = transcript.messages.length - 1; m >= 0; m--) {
    const message = transcript.messages[m]
    if (message?.role === 'assistant') {
      const part = message.parts.findLast((candidate) => candidate.id === id)
      if (part !== undefined) return part
    }
  }
  return undefined
}

/** The part of a Run's record that a transcript can tell by itself. */
export function waitsForApproval(transcript: Transcript): boolean {
  return transcript.messages.some((message) => message.parts.some((part) => part.kind === 'tool' && part.approval?.state === 'pending'))
}

// ---------------------------------------------------------------- the fold, kind by kind

function gap(reason: string): Applied {
  return { kind: 'gap', reason }
}

const nothingUsed: Transcript['counters'] = { usage: {}, modelCalls: 0, toolCalls: 0, messages: 0 }

function begin(event: EventOf<'run.started'>): Transcript {
  return {
    run: event.run,
    thread: event.thread,
    agent: event.agent,
    model: event.model,
    startedAt: event.at,
    counters: nothingUsed,
    notices: [],
    messages: [event.message],
    lastSeq: event.seq,
  }
}

/** The transcript after `event`, or the reason why it does not fit. */
function change(t: Transcript, event: RunEvent): Transcript | string {
  if (t.outcome !== undefined) return `${event.type} came after stream_end`
  switch (event.type) {
    case 'run.started':
      return 'run.started came twice'
    case 'message.started':
      return { ...t, messages: [...t.messages, newMessage(t, event)] }
    case 'part.started':
      return startPart(t, event)
    case 'part.delta':
      return changePart(t, event.part, (part) => appendText(part, event.field, event.off, event.text))
    case 'part.ended':
      return changePart(t, event.part, (part) => endPart(part, event))
    case 'approval.requested': {
      const { approval: id, question, input, options, at: requestedAt } = event
      return changePart(t, event.part, (part) =>
        part.kind === 'tool' ? { ...part, approval: { id, question, input, options, state: 'pending', requestedAt } } : `an approval for a ${part.kind} part`)
    }
    case 'approval.answered':
      return answerApproval(t, event)
    case 'run.progress':
      return { ...t, counters: { usage: event.usage, modelCalls: event.modelCalls, toolCalls: event.toolCalls, messages: event.messages } }
    case 'run.notice': {
      const { level, text, code, values, at } = event
      return { ...t, notices: [...t.notices, { level, text, code, values, at }] }
    }
    case 'run.cancelling':
      return { ...t, cancelledBy: event.by }
    case 'run.steered':
      return steer(t, event)
    case 'stream_end':
      return end(t, event)
    default:
      return event satisfies never
  }
}

function newMessage(t: Transcript, event: EventOf<'message.started'>): Message {
  const previous = t.messages.at(-1)
  return {
    id: event.message,
    role: event.role,
    run: t.run,
    after: previous?.id ?? null,
    parent: event.parent,
    status: 'streaming',
    at: event.at,
    parts: [],
  }
}

function steer(t: Transcript, { message }: EventOf<'run.steered'>): Transcript | string {
  if (t.messages.some((known) => known.id === message.id)) return `message ${message.id} was said twice`
  return { ...t, messages: [...t.messages, message] }
}

function startPart(t: Transcript, event: EventOf<'part.started'>): Transcript | string {
  const index = t.messages.findLastIndex((message) => message.id === event.message)
  const message = t.messages[index]
  if (message === undefined) return `part ${event.part} belongs to a message that was never started`
  if (message.parts.some((part) => part.id === event.part)) return `part ${event.part} started twice`
  return { ...t, messages: t.messages.with(index, { ...message, parts: [...message.parts, newPart(event)] }) }
}

function newPart(event: EventOf<'part.started'>): Part {
  const base = { id: event.part, state: 'open' as const, startedAt: event.at }
  switch (event.kind) {
    case 'text':
    case 'thinking':
      return { ...base, kind: event.kind, text: '' }
    case 'tool':
      return { ...base, kind: 'tool', name: event.name ?? 'tool', call: event.call ?? event.part, input: '', output: '' }
    case 'file':
      return {
        ...base, kind: 'file', name: event.name ?? 'file', mediaType: event.mediaType ?? 'application/octet-stream',
        url: event.url, size: event.size,
      }
    case 'source':
      return { ...base, kind: 'source', title: event.title ?? event.url ?? '', url: event.url ?? '' }
    default:
      return event.kind satisfies never
  }
}

function changePart(t: Transcript, id: string, make: (part: Part) => Part | string): Transcript | string {
  for (let m = t.messages.length - 1; m >= 0; m--) {
    const message = t.messages[m]
    if (message?.role !== 'assistant') continue
    const p = message.parts.findLastIndex((part) => part.id === id)
    const part = message.parts[p]
    if (part === undefined) continue
    const made = make(part)
    return typeof made === 'string' ? made : { ...t, messages: t.messages.with(m, { ...message, parts: message.parts.with(p, made) }) }
  }
  return `part ${id} was never started`
}

function appendText(part: Part, field: DeltaField, off: number, text: string): Part | string {
  if (part.state !== 'open') return `text for part ${part.id} came after its end`
  if (part.kind === 'tool' && field !== 'text') {
    const grown = grow(part[field], off, text)
    return grown === null ? shortOf(part, field, off) : { ...part, [field]: grown }
  }
  if ((part.kind === 'text' || part.kind === 'thinking') && field === 'text') {
    const grown = grow(part.text, off, text)
    return grown === null ? shortOf(part, field, off) : { ...part, text: grown }
  }
  return `part ${part.id} is a ${part.kind} and has no ${field}`
}

/** Appends where the length equals `off`; drops what is already there; null if something before it is missing. */
function grow(held: string, off: number, text: string): string | null {
  return held.length < off ? null : held + text.slice(held.length - off)
}

function shortOf(part: Part, field: DeltaField, off: number): string {
  return `${field} of part ${part.id} is shorter than ${off}`
}

function endPart(part: Part, event: EventOf<'part.ended'>): Part | string {
  if (part.state !== 'open') return `part ${part.id} ended twice`
  const ended = { state: event.state as PartState, endedAt: event.at }
  if (part.kind !== 'tool') return { ...part, ...ended }
  return {
    ...part, ...ended,
    input: event.input ?? part.input,
    output: event.output ?? part.output,
    error: event.error,
  }
}

function answerApproval(t: Transcript, event: EventOf<'approval.answered'>): Transcript | string {
  const owner = agentParts(t).find((part): part is ToolPart => part.kind === 'tool' && part.approval?.id === event.approval)
  if (owner?.approval === undefined) return `approval ${event.approval} was never requested`
  const { decision, by, note, at: answeredAt } = event
  const answered: ToolPart = { ...owner, approval: { ...owner.approval, state: 'answered', decision, by, note, answeredAt } }
  return changePart(t, owner.id, () => answered)
}

function end(t: Transcript, event: EventOf<'stream_end'>): Transcript | string {
  const held = checksums(t)
  for (const [id, sum] of Object.entries(event.parts)) {
    if (held[id]?.length !== sum.length || held[id].hash !== sum.hash) return `part ${id} differs from what the server has`
  }
  if (Object.keys(held).length !== Object.keys(event.parts).length) return 'the server has other parts'
  return {
    ...t,
    outcome: event.outcome,
    endedAt: event.at,
    error: event.error,
    counters: { ...t.counters, usage: event.usage },
    messages: t.messages.map((message) => closeMessage(message, event.outcome)),
  }
}

/** A message whose every part is done is finished whatever became of the run; else it shares the run's outcome. */
function closeMessage(message: Message, outcome: Exclude<MessageStatus, 'streaming'>): Message {
  if (message.status !== 'streaming') return message
  const whole = message.parts.length > 0 && message.parts.every((part) => part.state === 'done')
  return {
    ...message,
    status: whole ? 'completed' : outcome,
    parts: message.parts.map((part) =>
      part.kind === 'tool' && part.approval?.state === 'pending' ? { ...part, approval: { ...part.approval, state: 'expired' as const } } : part),
  }
}
