/** Writes the events of one run, each with its seq and time, so that a test says only what happens. */
import type { ApprovalId, MessageId, PartId, RunId, ThreadId } from '../../src/shared/ids.ts'
import type { ClosedPartState, Counters, DeltaField, Message, Outcome, PartKind, RunError, RunEvent, Usage } from '../../src/shared/protocol.ts'
import { checksums, foldEvents } from '../../src/shared/transcript.ts'
import type { Transcript } from '../../src/shared/transcript.ts'

export interface RunStory {
  readonly events: readonly RunEvent[]
  /** The fold of all that was told so far. */
  transcript(): Transcript
  message(id?: string, parent?: string): RunEvent
  part(id: string, kind?: PartKind, more?: { readonly name?: string; readonly call?: string; readonly title?: string; readonly url?: string }): RunEvent
  /** `off` is counted by itself; give it to tell a story that does not fit. */
  delta(part: string, text: string, field?: DeltaField, off?: number): RunEvent
  endPart(part: string, state?: ClosedPartState, more?: { readonly input?: string; readonly output?: string; readonly error?: string }): RunEvent
  request(approval: string, part: string, asked?: { readonly question: string; readonly input: string }): RunEvent
  answer(approval: string, decision?: string): RunEvent
  progress(counters: Counters): RunEvent
  notice(text: string): RunEvent
  cancelling(by?: string): RunEvent
  /** The agent takes up what a person said meanwhile. */
  steer(id: string, text: string): RunEvent
  /** `parts` are the true checksums unless given. */
  end(outcome?: Outcome, more?: { readonly error?: RunError; readonly usage?: Usage; readonly parts?: ReturnType<typeof checksums> }): RunEvent
}

export function humanMessage(text: string, ids: { readonly id?: string; readonly run?: string; readonly after?: string | null } = {}): Message {
  return {
    id: (ids.id ?? 'm-human') as MessageId, role: 'user', run: (ids.run ?? 'run-1') as RunId, after: (ids.after ?? null) as MessageId | null, status: 'completed', at: 1000,
    parts: [{ id: 'h1' as PartId, kind: 'text', state: 'done', startedAt: 1000, endedAt: 1000, text }],
  }
}

export function createRunStory(ids: { readonly run?: string; readonly thread?: string; readonly text?: string; readonly human?: string; readonly after?: string } = {}): RunStory {
  const run = (ids.run ?? 'run-1') as RunId
  const thread = (ids.thread ?? 'thread-1') as ThreadId
  const events: RunEvent[] = []
  const lengths = new Map<string, number>()
  let newest = 'm-1'
  const place = () => ({ seq: events.length + 1, at: 1000 + events.length * 10 })
  const tell = (event: RunEvent): RunEvent => {
    events.push(event)
    return event
  }
  const transcript = (): Transcript => {
    const folded = foldEvents(events)
    if (folded === null) throw new Error('nothing was told yet')
    return folded
  }
  tell({ type: 'run.started', ...place(), run, thread, message: humanMessage(ids.text ?? 'Hi', { run, id: ids.human ?? 'm-human', after: ids.after ?? null }), agent: 'demo', model: null })
  return {
    events,
    transcript,
    message(id = 'm-1', parent) {
      newest = id
      return tell({ type: 'message.started', ...place(), message: id as MessageId, role: 'assistant', parent: parent as PartId | undefined })
    },
    part: (id, kind = 'text', more = {}) =>
      tell({ type: 'part.started', ...place(), message: newest as MessageId, part: id as PartId, kind, ...more }),
    delta(part, text, field = 'text', off) {
      const key = `${part} ${field}`
      const at = off ?? lengths.get(key) ?? 0
      lengths.set(key, Math.max(lengths.get(key) ?? 0, at + text.length))
      return tell({ type: 'part.delta', ...place(), part: part as PartId, field, off: at, text })
    },
    endPart: (part, state = 'done', more = {}) => tell({ type: 'part.ended', ...place(), part: part as PartId, state, ...more }),
    request: (approval, part, { question, input } = { question: 'May I?', input: '{}' }) =>
      tell({ type: 'approval.requested', ...place(), approval: approval as ApprovalId, part: part as PartId, question, input, options: ['approve', 'deny'] }),
    answer: (approval, decision = 'approve') =>
      tell({ type: 'approval.answered', ...place(), approval: approval as ApprovalId, decision, by: 'you' }),
    progress: (counters) => tell({ type: 'run.progress', ...place(), ...counters }),
    notice: (text) => tell({ type: 'run.notice', ...place(), level: 'info', text }),
    cancelling: (by = 'you') => tell({ type: 'run.cancelling', ...place(), by }),
    steer(id, text) {
      const { messages } = transcript()
      return tell({ type: 'run.steered', ...place(), message: humanMessage(text, { id, run, after: messages.at(-1)?.id ?? null }) })
    },
    end(outcome = 'completed', more = {}) {
      const parts = more.parts ?? checksums(transcript())
      return tell({ type: 'stream_end', ...place(), outcome, error: more.error, usage: more.usage ?? {}, parts })
    },
  }
}
