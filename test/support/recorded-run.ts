/** Journals of runs, as a server would have written them. */
import type { Incarnation, MessageId, PartId, RunId, ThreadId } from '../../src/shared/ids.ts'
import type { EventDraft, Message, Outcome, Run, RunEvent, StreamFrame, Transcript } from '../../src/shared/protocol.ts'
import { encodeEventData, encodeFrame, formatCursor } from '../../src/shared/protocol.ts'
import { checksums, foldEvents } from '../../src/shared/transcript.ts'

export const INCARNATION = 'inc1' as Incarnation
const STARTED_AT = 1_700_000_000_000

export interface RecordedRun {
  readonly run: RunId
  readonly thread: ThreadId
  readonly incarnation: Incarnation
  readonly events: readonly RunEvent[]
  /** The fold of the first `seq` events; all of them by default. */
  transcript(seq?: number): Transcript
  frame(seq: number): StreamFrame
  snapshot(seq: number): StreamFrame
  /** Frames of the events behind `after`, up to and including `until`. */
  frames(after: number, until?: number): StreamFrame[]
  /** The server's row for it; settled by default. */
  row(more?: Partial<Run>): Run
  /** What is saved once it is settled. */
  messages(): readonly Message[]
}

/** A run that thinks, writes `words`, calls a tool and ends. */
export function recordRun(options: { run?: string; thread?: string; words?: readonly string[]; outcome?: Outcome; incarnation?: string } = {}): RecordedRun {
  const run = (options.run ?? 'run1') as RunId
  const thread = (options.thread ?? 'thread1') as ThreadId
  const words = options.words ?? ['Hello', ' wor', 'ld 👋🏽', '.']
  const incarnation = (options.incarnation ?? INCARNATION) as Incarnation
  const human: Message = {
    id: `${run}-human` as MessageId, role: 'user', run, after: null, status: 'completed', at: STARTED_AT,
    parts: [{ id: 'h' as PartId, kind: 'text', text: 'Hi', state: 'done', startedAt: STARTED_AT, endedAt: STARTED_AT }],
  }
  const answer = `${run}-answer` as MessageId
  const events: RunEvent[] = []
  const add = (draft: EventDraft) => void events.push({ ...draft, seq: events.length + 1 } as RunEvent)
  const at = () => STARTED_AT + events.length
  const write = (part: PartId, field: 'text' | 'input', pieces: readonly string[]) => {
    let off = 0
    for (const text of pieces) {
      add({ type: 'part.delta', at: 0, part, field, off, text })
      off += text.length
    }
  }
  add({ type: 'run.started', at: at(), run, thread, message: human, agent: 'demo', model: null })
  add({ type: 'message.started', at: at(), message: answer, role: 'assistant' })
  add({ type: 'part.started', at: at(), message: answer, part: 'p1' as PartId, kind: 'thinking' })
  write('p1' as PartId, 'text', ['Hm', 'm…'])
  add({ type: 'part.ended', at: at(), part: 'p1' as PartId, state: 'done' })
  add({ type: 'part.started', at: at(), message: answer, part: 'p2' as PartId, kind: 'tool', name: 'clock', call: 'c1' })
  write('p2' as PartId, 'input', ['{"zone"', ':"UTC"}'])
  add({ type: 'part.ended', at: at(), part: 'p2' as PartId, state: 'done', output: '12:00' })
  add({ type: 'part.started', at: at(), message: answer, part: 'p3' as PartId, kind: 'text' })
  write('p3' as PartId, 'text', words)
  add({ type: 'part.ended', at: at(), part: 'p3' as PartId, state: 'done' })
  const outcome = options.outcome ?? 'completed'
  add({ type: 'stream_end', at: at(), outcome, usage: { outputTokens: words.length }, parts: checksums(foldEvents(events) as Transcript) })

  const cursorAt = (seq: number) => ({ incarnation, seq })
  const transcript = (seq = events.length) => foldEvents(events.slice(0, seq)) as Transcript
  const frame = (seq: number): StreamFrame => ({ type: 'event', cursor: cursorAt(seq), event: events[seq - 1] as RunEvent })
  return {
    run, thread, incarnation, events, transcript, frame,
    snapshot: (seq) => ({ type: 'snapshot', cursor: cursorAt(seq), transcript: transcript(seq), status: 'running' }),
    frames: (after, until = events.length) => events.slice(after, until).map((event) => frame(event.seq)),
    row: (more = {}) => ({
      id: run, thread, message: human.id, status: outcome, settled: true, waiting: false, outcome, agent: 'demo', model: null, startedAt: STARTED_AT,
      usage: {}, modelCalls: 0, toolCalls: 0, messages: 0, notices: [], lastSeq: events.length, cursor: formatCursor(cursorAt(events.length)), ...more,
    }),
    messages: () => transcript().messages,
  }
}

/** The bytes of a stream: the events behind `after`, each as one SSE message; with a snapshot of `after` first where that is asked for. */
export function encodeRun(recorded: RecordedRun, after: number, options: { snapshot?: boolean; until?: number } = {}): string {
  const frames = recorded.events.slice(after, options.until).map((event) =>
    encodeFrame(event.type, encodeEventData(event), formatCursor({ incarnation: recorded.incarnation, seq: event.seq })))
  if (options.snapshot === true) {
    const cursor = formatCursor({ incarnation: recorded.incarnation, seq: after })
    frames.unshift(encodeFrame('snapshot', JSON.stringify({ cursor, transcript: recorded.transcript(after), status: 'running' })))
  }
  return frames.join('')
}
