/**
 * The life of a run as a pure function: what comes in, what the journal gets, what is to be done. `drive.ts` carries it out.
 * The rules are runs.md's: journal before deliver, Stop as a recorded intent with grace and fencing, one end, first outcome wins.
 */
import { humanParts } from '../../shared/human.ts'
import type { ApprovalId, MessageId } from '../../shared/ids.ts'
import type { Counters, Message, Outcome, RunError, RunEvent, SaidPart } from '../../shared/protocol.ts'
import type { Transcript } from '../../shared/transcript.ts'
import type { AgentEvent, ApprovalRequest } from '../agents/agent.ts'
import { closeParts, endStream, hasAnswer, note, openRecording, record, requestApproval, wake } from './recording.ts'
import type { Recorded, Recording } from './recording.ts'

/** `over`: the end is decided; nothing that comes later changes the journal. `fenced`: somebody else holds the run. */
export type RunState =
  | { readonly kind: 'running'; readonly recording: Recording }
  | { readonly kind: 'stopping'; readonly recording: Recording; readonly by: string }
  | { readonly kind: 'over'; readonly recording: Recording; readonly late: number }
  | { readonly kind: 'fenced'; readonly recording: Recording; readonly late: number }

/** What a person says to a run that is at work. */
export interface Steering {
  readonly id: MessageId
  readonly parts: readonly SaidPart[]
}

export type RunInput =
  | { readonly type: 'yielded'; readonly event: AgentEvent }
  | { readonly type: 'returned' }
  | { readonly type: 'threw'; readonly error: RunError }
  | { readonly type: 'stop'; readonly by: string }
  | { readonly type: 'grace-over' }
  | { readonly type: 'approval-wanted'; readonly request: ApprovalRequest }
  | { readonly type: 'approval-answered'; readonly approval: ApprovalId; readonly decision: string; readonly by: string; readonly note?: string | undefined }
  /** The agent takes up what a person said to it meanwhile. */
  | { readonly type: 'steered'; readonly message: Steering }
  | { readonly type: 'woke' }
  /** The server cannot go on with it: a planned shutdown, or recovery after a crash. */
  | { readonly type: 'lost'; readonly reason: string }
  /** The journal refused our epoch. */
  | { readonly type: 'fenced' }

export type RunEffect =
  /** `folded`: what the journal folds to behind `events`. `counters`: only where they are told, since a row that changes is news to everybody. */
  | { readonly type: 'append'; readonly events: readonly RunEvent[]; readonly folded: Transcript; readonly counters?: Counters; readonly waiting: boolean }
  | { readonly type: 'end'; readonly events: readonly RunEvent[]; readonly folded: Transcript; readonly counters: Counters; readonly outcome: Outcome; readonly error?: RunError | undefined }
  | { readonly type: 'abort-agent' }
  | { readonly type: 'start-grace' }
  /** Answer the agent that asked: null, the request did not fit. */
  | { readonly type: 'approval-opened'; readonly approval: ApprovalId | null; readonly reason: string }
  /** Give it to the agent. */
  | { readonly type: 'steering'; readonly message: Message }
  | { readonly type: 'approval-decided'; readonly approval: ApprovalId; readonly decision: string; readonly note?: string | undefined }
  /** Something of the agent's was left out of the journal; for the log. */
  | { readonly type: 'dropped'; readonly reason: string }

export type Stepped = readonly [RunState, readonly RunEffect[]]

/** A run that was just started, or one taken over: `transcript` is what its journal folds to. Nothing more comes of one that has ended. */
export function openRun(transcript: Transcript): RunState {
  const recording = openRecording(transcript)
  return transcript.outcome === undefined ? { kind: 'running', recording } : { kind: 'over', recording, late: 0 }
}

/** One step. Total: every input is answered in every state. `now` is the server's clock in ms. */
export function step(state: RunState, input: RunInput, now: number): Stepped {
  // The table is typed cell by cell; only this look-up, by two keys at once, is beyond the type checker.
  const row = table[state.kind] as Record<RunInput['type'], (state: RunState, input: RunInput, now: number) => Stepped>
  return row[input.type](state, input, now)
}

// ---------------------------------------------------------------- the table

type StateOf<K extends RunState['kind']> = Extract<RunState, { readonly kind: K }>
type Row<S extends RunState> = { readonly [T in RunInput['type']]: (state: S, input: Extract<RunInput, { readonly type: T }>, now: number) => Stepped }
/** One cell for every input in every state; a missing cell does not compile. */
export type Table = { readonly [K in RunState['kind']]: Row<StateOf<K>> }
type Open = StateOf<'running' | 'stopping'>
type Late = StateOf<'over' | 'fenced'>

const stay = (state: RunState): Stepped => [state, []]
const refuse = (reason: string) => (state: RunState): Stepped => [state, [{ type: 'approval-opened', approval: null, reason }]]

const open = {
  yielded: (state: Open, { event }: { readonly event: AgentEvent }, now: number): Stepped => goOn(state, record(state.recording, event, now)),
  woke: (state: Open, _input: unknown, now: number): Stepped => goOn(state, wake(state.recording, now)),
  'approval-answered': answer,
  fenced: fence,
}

const cancel = ({ recording }: Open, _input: unknown, now: number): Stepped => end(recording, 'cancelled', undefined, now)

/** After the end, or when fenced: nothing is journaled; text that still comes is counted for the log. */
const late = {
  yielded: (state: Late, { event }: { readonly event: AgentEvent }): Stepped => [{ ...state, late: state.late + 1 }, [{ type: 'dropped', reason: `${event.type} came after the end of the run` }]],
  'approval-wanted': refuse('the run has ended'),
  returned: stay, threw: stay, stop: stay, 'grace-over': stay, 'approval-answered': stay, steered: stay, woke: stay, lost: stay,
}

const table: Table = {
  running: {
    ...open,
    'approval-wanted': (state, { request }, now) => askApproval(state, request, now),
    steered: (state, { message }, now) => steer(state, message, now),
    returned: ({ recording }, _input, now) => (hasAnswer(recording) ? end(recording, 'completed', undefined, now) : end(recording, 'failed', emptyAnswer, now)),
    threw: ({ recording }, { error }, now) => end(recording, 'failed', error, now),
    stop({ recording }, { by }, now) {
      const noted = note(recording, [{ type: 'run.cancelling', at: now, by }], now)
      const [next, effects] = goOn({ kind: 'stopping', recording, by }, noted)
      return [next, [...effects, { type: 'abort-agent' }, { type: 'start-grace' }]]
    },
    'grace-over': stay, // a grace belongs to a Stop; there was none
    lost: ({ recording }, { reason }, now) => lose(recording, reason, now),
  },
  stopping: {
    ...open, // what comes within the grace is kept
    'approval-wanted': refuse('the run is being stopped'),
    steered: stay, // it waits in the queue, as all that a stopped run has not taken up
    returned: cancel,
    threw: cancel, // an agent may throw when it is aborted; the person asked for the end all the same
    stop: stay,
    'grace-over': cancel,
    lost(state, input, now) {
      const [next, effects] = cancel(state, input, now)
      return [next, [{ type: 'abort-agent' }, ...effects]]
    },
  },
  over: { ...late, fenced: fence },
  fenced: { ...late, fenced: stay },
}

const emptyAnswer: RunError = { code: 'empty_answer', message: 'The agent ended without an answer. Try again, or choose another model.', retryable: true }

function goOn(state: Extract<RunState, { kind: 'running' | 'stopping' }>, recorded: Recorded): Stepped {
  const effects: RunEffect[] = []
  if (recorded.dropped !== undefined) effects.push({ type: 'dropped', reason: recorded.dropped })
  if (recorded.events.length > 0) effects.push(append(recorded))
  return [{ ...state, recording: recorded.recording }, effects]
}

function append({ recording, events }: Recorded): RunEffect {
  const { transcript: folded, counters, waiting } = recording
  const told = events.some((event) => event.type === 'run.progress')
  return { type: 'append', events, folded, waiting, ...(told ? { counters } : {}) }
}

function askApproval(state: Extract<RunState, { kind: 'running' }>, request: ApprovalRequest, now: number): Stepped {
  const asked = requestApproval(state.recording, request, now)
  const [next, effects] = goOn(state, asked)
  return [next, [...effects, { type: 'approval-opened', approval: asked.approval, reason: asked.dropped ?? '' }]]
}

function answer(state: Extract<RunState, { kind: 'running' | 'stopping' }>, input: Extract<RunInput, { type: 'approval-answered' }>, now: number): Stepped {
  const { approval, decision, by, note: remark } = input
  const pending = state.recording.transcript.messages.some((message) =>
    message.parts.some((part) => part.kind === 'tool' && part.approval?.id === approval && part.approval.state === 'pending'))
  if (!pending) return [state, [{ type: 'dropped', reason: `an answer to ${approval}, which does not wait for one` }]]
  const noted = note(state.recording, [{ type: 'approval.answered', at: now, approval, decision, by, note: remark }], now)
  const [next, effects] = goOn(state, noted)
  return [next, [...effects, { type: 'approval-decided', approval, decision, note: remark }]]
}

function steer(state: Extract<RunState, { kind: 'running' }>, { id, parts }: Steering, now: number): Stepped {
  const { transcript } = state.recording
  const message: Message = { id, role: 'user', run: transcript.run, after: transcript.messages.at(-1)?.id ?? null, status: 'completed', at: now, parts: humanParts(parts, now) }
  const [next, effects] = goOn(state, note(state.recording, [{ type: 'run.steered', at: now, message }], now))
  return [next, [...effects, { type: 'steering', message }]]
}

/** What becomes of text that the agent left open. */
const textStateAt = { completed: 'done', cancelled: 'stopped', failed: 'failed', interrupted: 'stopped' } as const

function end(recording: Recording, outcome: Outcome, error: RunError | undefined, now: number): Stepped {
  const closed = closeParts(recording, textStateAt[outcome], now)
  const ended = endStream(closed.recording, { outcome, error }, now)
  const events = [...closed.events, ...ended.events]
  return [{ kind: 'over', recording: ended.recording, late: 0 }, [{ type: 'end', events, folded: ended.recording.transcript, counters: ended.recording.counters, outcome, error }]]
}

function lose(recording: Recording, reason: string, now: number): Stepped {
  const [next, effects] = end(recording, 'interrupted', { code: 'interrupted', message: reason, retryable: true }, now)
  return [next, [{ type: 'abort-agent' }, ...effects]]
}

function fence({ recording }: RunState): Stepped {
  return [{ kind: 'fenced', recording, late: 0 }, [{ type: 'abort-agent' }]]
}
