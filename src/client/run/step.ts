/**
 * The run machine: `step(state, event) -> [state, effects]`. Pure; neither clock nor chance is in it. The table holds one cell for every
 * event that can reach a state, and a missing cell does not compile. SPEC.md gives the reasons and the tests.
 */
import { checkDelayMs, retryDelayMs, troubledCheckDelayMs } from './backoff.ts'
import { admits, wakeAt } from './state.ts'
import type {
  AttemptEvent, CheckResult, CheckedEvent, Circumstance, Connecting, Effect, FinalState, Kind, LoggedOut, Memory, OutsideEvent, Paused, PauseReason, RunMachineEvent,
  RunState, Settling, StateOf, Step, Streaming, Waiting,
} from './state.ts'

/** A live server sends a heartbeat every 10 s; after two and a half of them in silence the connection is dead. */
export const SILENCE_MS = 25_000
/** So many gaps in a row and no snapshot will mend it. */
const GAPS_TOO_MANY = 5
/** A connection that is still heard after so long was a good one, even if the run had nothing to say. */
const HEALTHY_MS = 5_000

/**
 * A check whose answer is missing for so long is given up: its requests, which end after 30 s each by themselves, have been lost without a sign. After trouble
 * the next one has longer, so that a slow line has its time.
 */
export const CHECK_MS = 120_000

/** Reasons for which an open connection is given up. Being told that we are offline only bars a second try: a connection that works knows better. */
const CLOSING: readonly PauseReason[] = ['hidden', 'leader-elsewhere']
const PAUSE_ORDER: readonly PauseReason[] = ['hidden', 'offline', 'leader-elsewhere']

// ---------------------------------------------------------------- the door

/** Begins to follow a run, at once unless there is a reason not to. */
export function begin(pauses: readonly PauseReason[], at: Circumstance): Step {
  const memory: Memory = {
    attempts: 0, failures: 0, lostAt: null, rejoin: false, gaps: 0, pauses: PAUSE_ORDER.filter((reason) => pauses.includes(reason)), stop: 'unasked',
  }
  return memory.pauses.some((reason) => CLOSING.includes(reason)) ? [{ kind: 'paused', memory }, []] : connect(memory, at)
}

/** The next state and what is to be done. News of an attempt or a check that is not the current one changes nothing. */
export function step(state: RunState, event: RunMachineEvent): Step {
  if (!admits(state, event)) return [state, []]
  // The table is typed cell by cell; only this look-up, by two keys at once, is beyond the type checker.
  const row = table[state.kind] as Partial<Record<RunMachineEvent['type'], (state: RunState, event: RunMachineEvent) => Step>>
  return row[event.type]?.(state, event) ?? [state, []]
}

// ---------------------------------------------------------------- the table

/** The events that can reach a state: only one with an attempt hears attempts, only `settling` hears checks. */
type Reaching<K extends Kind> =
  | OutsideEvent
  | (K extends 'connecting' | 'streaming' ? AttemptEvent : never)
  | (K extends 'settling' ? CheckedEvent : never)
type Cell<K extends Kind, E> = (state: StateOf<K>, event: E & Circumstance) => Step
type Row<K extends Kind> = { readonly [T in Reaching<K>['type']]: Cell<K, Extract<Reaching<K>, { type: T }>> }
export type Table = { readonly [K in Kind]: Row<K> }

const stay = (state: RunState): Step => [state, []]
const again = ({ memory }: Connecting | Streaming | Waiting, at: Circumstance): Step => connect(memory, at)
const whenDue = <S extends RunState>(dueAt: (state: S) => number | null, then: (state: S, at: Circumstance) => Step) => (state: S, at: Circumstance): Step => {
  const due = dueAt(state)
  return due !== null && at.now >= due ? then(state, at) : [state, []]
}

const connected = {
  progressed: (state: Connecting | Streaming, event: Progress): Step => [{ ...state, memory: progress(state.memory, event) }, []],
  reset: (state: Connecting | Streaming): Step => [{ ...state, memory: { ...state.memory, rejoin: true } }, []],
  ended: (state: Connecting | Streaming, at: Circumstance): Step => settle(state.memory, at),
  exhausted: (state: Connecting | Streaming, at: Circumstance): Step => settle(state.memory, at),
  lost: (state: Connecting | Streaming, event: { readonly reason: string; readonly retryAfterMs?: number | undefined } & Circumstance): Step =>
    lose(state, event.reason, Math.max(event.retryAfterMs ?? 0, floorOf(state)), event),
  gap: (state: Connecting | Streaming, event: { readonly reason: string } & Circumstance): Step => mend(state, event),
  unauthorized: (state: Connecting | Streaming, event: { readonly message: string }): Step =>
    [{ kind: 'logged-out', memory: state.memory, message: event.message, resume: 'connecting' }, [disconnect]],
  refused: (_state: Connecting | Streaming, event: { readonly message: string }): Step => fail('refused', event.message, [disconnect]),
  paused: (state: Connecting | Streaming, event: { readonly reason: PauseReason }): Step => {
    const memory = withPause(state.memory, event.reason)
    return CLOSING.includes(event.reason) ? [{ kind: 'paused', memory }, [disconnect]] : [{ ...state, memory }, []]
  },
  resumed: (state: Connecting | Streaming, event: { readonly reason: PauseReason } & Circumstance): Step => {
    const next = { ...state, memory: withoutPause(state.memory, event.reason) }
    // Only being offline is held while connected; now the way to the server has changed under the connection.
    return state.memory.pauses.includes(event.reason) ? again(next, event) : [next, []]
  },
  stirred: again,
  woke: whenDue<Connecting | Streaming>((state) => state.deadlineAt, (state, at) => lose(state, 'Nothing was heard from the server for 25 seconds.', floorOf(state), at)),
  'stop-requested': askStop<Connecting | Streaming>,
  'stop-answered': stopAnswered<Connecting | Streaming>,
  displaced: (state: Connecting | Streaming, at: Circumstance): Step => settle(state.memory, at),
  hinted: stay,
  'logged-in': stay,
}

const over = {
  paused: stay, resumed: stay, stirred: stay, hinted: stay, woke: stay, 'stop-requested': stay, 'stop-answered': stay, displaced: stay, 'logged-in': stay,
}

const table: Table = {
  connecting: {
    ...connected,
    opened: ({ memory, attempt }, { now }) => [{ kind: 'streaming', memory, attempt, openedAt: now, deadlineAt: now + SILENCE_MS, floorMs: 0, held: null }, []],
    heard: stay,
    held: stay,
    bye: stay,
  },
  streaming: {
    ...connected,
    opened: stay,
    heard: (state, { now }) => [{ ...state, deadlineAt: now + SILENCE_MS, memory: now - state.openedAt >= HEALTHY_MS ? healthy(state.memory) : state.memory }, []],
    progressed: (state, event) => [{ ...state, memory: progress(state.memory, event), held: event.news ? null : state.held }, []],
    held: (state, { reason }) => [{ ...state, held: reason }, []],
    bye: (state, { retryMs }) => [{ ...state, floorMs: retryMs }, []],
  },
  waiting: {
    paused: (state, { reason }) => [{ kind: 'paused', memory: withPause(state.memory, reason) }, []],
    resumed: again,
    stirred: again,
    hinted: again,
    woke: whenDue<Waiting>((state) => state.retryAt, again),
    'stop-requested': askStop<Waiting>,
    'stop-answered': stopAnswered<Waiting>,
    displaced: (state, at) => settle(state.memory, at, []),
    'logged-in': again,
  },
  paused: {
    paused: (state, { reason }) => [{ ...state, memory: withPause(state.memory, reason) }, []],
    resumed: (state, event) => {
      const memory = withoutPause(state.memory, event.reason)
      return memory.pauses.length === 0 ? connect(memory, event) : [{ ...state, memory }, []]
    },
    stirred: stay,
    hinted: stay,
    woke: stay,
    'stop-requested': askStop<Paused>,
    'stop-answered': stopAnswered<Paused>,
    displaced: (state, at) => settle(state.memory, at, []),
    'logged-in': stay,
  },
  settling: {
    paused: (state, { reason }) => [{ ...state, memory: withPause(state.memory, reason) }, []],
    // As of an open connection: what is under way may be dead without a sign, and would be waited for until it is given up.
    resumed: (state, event) => lookAnew({ ...state, memory: withoutPause(state.memory, event.reason) }, event),
    stirred: lookAnew,
    hinted: look,
    woke: whenDue<Settling>(wakeAt, (state, at) => (state.checkAt === null ? weigh(state, { kind: 'error', message: 'The server did not say whether the answer is saved.' }, at) : lookAnew(state, at))),
    'stop-requested': askStop<Settling>,
    'stop-answered': stopAnswered<Settling>,
    displaced: stay,
    'logged-in': look,
    checked: (state, event) => weigh(state, event.result, event),
  },
  'logged-out': {
    paused: (state, { reason }) => [{ ...state, memory: withPause(state.memory, reason) }, []],
    // Who comes back to the page may have logged in elsewhere meanwhile; if not, the answer is another 401.
    resumed: (state, event) => comeBack({ ...state, memory: withoutPause(state.memory, event.reason) }, event),
    stirred: comeBack,
    hinted: stay, // a feed that was opened before says nothing about a login now
    woke: stay,
    'stop-requested': askStop<LoggedOut>,
    'stop-answered': stopAnswered<LoggedOut>,
    displaced: (state) => [{ ...state, resume: 'settling' }, []],
    'logged-in': comeBack,
  },
  settled: over,
  superseded: over,
  failed: over,
}

// ---------------------------------------------------------------- transitions

const disconnect: Effect = { type: 'disconnect' }

/** A new attempt. The controller aborts the one before first, so that there is never more than one. */
function connect(memory: Memory, at: Circumstance): Step {
  const attempt = memory.attempts + 1
  return [
    { kind: 'connecting', memory: { ...memory, attempts: attempt }, attempt, deadlineAt: at.now + SILENCE_MS },
    [{ type: 'connect', attempt, from: memory.rejoin ? 'snapshot' : 'cursor' }],
  ]
}

/** Where it was before the login ran out. */
function comeBack({ memory, resume }: LoggedOut, at: Circumstance): Step {
  if (resume === 'settling') return settle(memory, at, [])
  return memory.pauses.length === 0 ? connect(memory, at) : [{ kind: 'paused', memory }, []]
}

type Progress = Extract<AttemptEvent, { type: 'progressed' }>

function progress(memory: Memory, { snapshot, news }: Progress): Memory {
  const mended = snapshot ? { ...memory, rejoin: false } : memory
  return news ? { ...mended, failures: 0, lostAt: null } : mended
}

function healthy(memory: Memory): Memory {
  return { ...memory, failures: 0, lostAt: null, gaps: 0 }
}

function lose(state: Connecting | Streaming, reason: string, floorMs: number, at: Circumstance): Step {
  const memory = { ...state.memory, failures: state.memory.failures + 1, lostAt: state.memory.lostAt ?? at.now }
  // Barred from connecting (offline): no use in trying until that has passed.
  if (memory.pauses.length > 0) return [{ kind: 'paused', memory }, [disconnect]]
  return [{ kind: 'waiting', memory, retryAt: at.now + retryDelayMs(memory.failures, at.random, floorMs), reason }, [disconnect]]
}

/** What is held does not fit: join again with a snapshot. At once the first time; then with pauses, and not for ever. */
function mend(state: Connecting | Streaming, event: { readonly reason: string } & Circumstance): Step {
  const gaps = state.memory.gaps + 1
  if (gaps >= GAPS_TOO_MANY) {
    return fail('protocol', `The server's stream does not fit together (${event.reason}). Reload the page to see what is saved.`, [disconnect])
  }
  const memory = { ...state.memory, rejoin: true, gaps }
  if (gaps === 1 && memory.pauses.length === 0) return connect(memory, event)
  return lose({ ...state, memory: { ...memory, failures: Math.max(memory.failures, gaps) } }, event.reason, floorOf(state), event)
}

function fail(reason: 'refused' | 'protocol', message: string, effects: readonly Effect[]): Step {
  return [{ kind: 'failed', reason, message }, [...effects, { type: 'finalize', finale: { kind: 'failed', reason, message } }]]
}

function settle(memory: Memory, at: Circumstance, effects: readonly Effect[] = [disconnect]): Step {
  const cleared = { ...memory, lostAt: null, failures: 0 }
  return [{ kind: 'settling', memory: cleared, check: 0, checkAt: at.now + checkDelayMs(0, at.random), deadlineAt: null, troubles: 0 }, effects]
}

/** Begins a check, unless one is under way. */
function look(state: Settling, at: Circumstance): Step {
  return state.checkAt === null ? [state, []] : lookAnew(state, at)
}

/** Begins a check; one that is under way is not the current one any more. */
function lookAnew(state: Settling, at: Circumstance): Step {
  const check = state.check + 1
  return [{ ...state, check, checkAt: null, deadlineAt: at.now + CHECK_MS * (1 + state.troubles) }, [{ type: 'check-settled', check }]]
}

function weigh(state: Settling, result: CheckResult, at: Circumstance): Step {
  switch (result.kind) {
    case 'restored':
      return [{ kind: 'settled' }, [{ type: 'finalize', finale: { kind: 'settled', run: result.run, messages: result.messages } }]]
    case 'stale':
      return [{ kind: 'superseded' }, [{ type: 'finalize', finale: { kind: 'superseded' } }]]
    case 'active':
      return [{ ...state, troubles: 0, checkAt: at.now + checkDelayMs(state.check, at.random), deadlineAt: null }, []]
    case 'missing':
    case 'error': {
      const troubles = state.troubles + 1
      const floorMs = result.kind === 'error' ? (result.retryAfterMs ?? 0) : 0
      return [{ ...state, troubles, checkAt: at.now + Math.max(floorMs, troubledCheckDelayMs(troubles, at.random)), deadlineAt: null }, []]
    }
    case 'login':
      return [{ kind: 'logged-out', memory: state.memory, message: 'Your login ran out. Log in again to go on.', resume: 'settling' }, []]
    default:
      return result satisfies never
  }
}

function floorOf(state: Connecting | Streaming): number {
  return state.kind === 'streaming' ? state.floorMs : 0
}

function askStop<S extends Exclude<RunState, FinalState>>(state: S): Step {
  if (state.memory.stop !== 'unasked') return [state, []]
  return [{ ...state, memory: { ...state.memory, stop: 'sending' } }, [{ type: 'send-stop' }]]
}

function stopAnswered<S extends Exclude<RunState, FinalState>>(state: S, event: { readonly accepted: boolean }): Step {
  if (state.memory.stop !== 'sending') return [state, []]
  return [{ ...state, memory: { ...state.memory, stop: event.accepted ? 'sent' : 'unasked' } }, []]
}

function withPause(memory: Memory, reason: PauseReason): Memory {
  return { ...memory, pauses: PAUSE_ORDER.filter((one) => one === reason || memory.pauses.includes(one)) }
}

function withoutPause(memory: Memory, reason: PauseReason): Memory {
  return { ...memory, pauses: memory.pauses.filter((one) => one !== reason) }
}
