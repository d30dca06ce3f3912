/**
 * Where following a run stands: one value of readonly records. Everything that decides what happens next is in it (failures in a row,
 * retry time, checks done, watchdog deadline); SPEC.md says why. Times are ms by the page's clock and come in with events.
 */
import type { HeldReason, Message, Run } from '../../shared/protocol.ts'
import type { Connection, Finale } from './sink.ts'

/** Why no connection is wanted at present. Several may hold at once; one leaving does not undo another. */
export type PauseReason = 'hidden' | 'offline' | 'leader-elsewhere'

/** What every unfinished state remembers. */
export interface Memory {
  /** Attempts begun so far; the newest has this number. */
  readonly attempts: number
  /** Attempts in a row that brought nothing new. */
  readonly failures: number
  /** When the connection was lost that has not been replaced yet; set in every `waiting`. */
  readonly lostAt: number | null
  /** What we hold does not fit the journal: only a snapshot helps. */
  readonly rejoin: boolean
  /** Gaps in a row without a healthy stretch between: a second one means that a fresh snapshot did not help. */
  readonly gaps: number
  /** In a fixed order, without doubles. */
  readonly pauses: readonly PauseReason[]
  /** Stop was pressed: the request is under way, or accepted. */
  readonly stop: 'unasked' | 'sending' | 'sent'
}

export interface Connecting {
  readonly kind: 'connecting'
  readonly memory: Memory
  readonly attempt: number
  /** Lost, if nothing is heard until then. */
  readonly deadlineAt: number
}

export interface Streaming {
  readonly kind: 'streaming'
  readonly memory: Memory
  readonly attempt: number
  readonly openedAt: number
  readonly deadlineAt: number
  /** From `bye`: when this connection is lost, come back no earlier than after so long. */
  readonly floorMs: number
  /** Why the server's store takes nothing of the run just now; null: it does. */
  readonly held: HeldReason | null
}

export interface Waiting {
  readonly kind: 'waiting'
  readonly memory: Memory
  readonly retryAt: number
  readonly reason: string
}

export interface Paused {
  readonly kind: 'paused'
  readonly memory: Memory
}

export interface Settling {
  readonly kind: 'settling'
  readonly memory: Memory
  /** Checks begun so far; the newest has this number. */
  readonly check: number
  /** When the next check begins; null: one is under way. */
  readonly checkAt: number | null
  /** When the check that is under way is given up; null: none is. */
  readonly deadlineAt: number | null
  /** Checks in a row that told nothing. */
  readonly troubles: number
}

/** The login ran out. Not final: after a login it goes on where it was. */
export interface LoggedOut {
  readonly kind: 'logged-out'
  readonly memory: Memory
  readonly message: string
  readonly resume: 'connecting' | 'settling'
}

export interface Settled {
  readonly kind: 'settled'
}

export interface Superseded {
  readonly kind: 'superseded'
}

export interface Failed {
  readonly kind: 'failed'
  readonly reason: 'refused' | 'protocol'
  readonly message: string
}

export type RunState = Connecting | Streaming | Waiting | Paused | Settling | LoggedOut | Settled | Superseded | Failed
export type FinalState = Settled | Superseded | Failed
export type Kind = RunState['kind']
export type StateOf<K extends Kind> = Extract<RunState, { kind: K }>

// ---------------------------------------------------------------- events

/** What a look at the server's record told. */
export type CheckResult =
  /** Saved, and at least every character that is shown. */
  | { readonly kind: 'restored'; readonly run: Run; readonly messages: readonly Message[] }
  /** Not saved yet, or saved shorter than what is shown. */
  | { readonly kind: 'active' }
  /** The server does not know the run, as it may while a store lags. */
  | { readonly kind: 'missing' }
  /** The server does not know the run and the thread has another active one: nothing will come. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'login' }
  | { readonly kind: 'error'; readonly message: string; readonly retryAfterMs?: number | undefined }

/** Told by one attempt; let in only while that attempt is the current one. */
export type AttemptEvent =
  | { readonly type: 'opened' }
  /** Bytes came. */
  | { readonly type: 'heard' }
  /** Something was applied. `snapshot`: it replaced what was held; `news`: it reaches further than that did. */
  | { readonly type: 'progressed'; readonly snapshot: boolean; readonly news: boolean }
  | { readonly type: 'reset' }
  /** The server's store takes nothing of the run just now. Ends with the next news. */
  | { readonly type: 'held'; readonly reason: HeldReason }
  | { readonly type: 'bye'; readonly retryMs: number }
  /** `stream_end` was applied. */
  | { readonly type: 'ended' }
  /** 204: nothing behind our cursor, which is the end. */
  | { readonly type: 'exhausted' }
  /** The connection is gone, which says nothing about the run. */
  | { readonly type: 'lost'; readonly reason: string; readonly retryAfterMs?: number | undefined }
  /** What came does not fit what is held, or cannot be read. */
  | { readonly type: 'gap'; readonly reason: string }
  | { readonly type: 'unauthorized'; readonly message: string }
  | { readonly type: 'refused'; readonly message: string }

/** Told by the page, the person or the clock. */
export type OutsideEvent =
  | { readonly type: 'paused'; readonly reason: PauseReason }
  | { readonly type: 'resumed'; readonly reason: PauseReason }
  /** `pageshow`, `resume` or a clock jump: a connection from before may be dead without a sign. */
  | { readonly type: 'stirred' }
  /** The server said elsewhere (feed) that the run changed: it answers, and there may be news. */
  | { readonly type: 'hinted' }
  /** The time came that `wakeAt` named. */
  | { readonly type: 'woke' }
  | { readonly type: 'stop-requested' }
  | { readonly type: 'stop-answered'; readonly accepted: boolean }
  /** Another run of the thread is followed from now on. */
  | { readonly type: 'displaced' }
  | { readonly type: 'logged-in' }

/** Told by one check; let in only while that check is the current one. */
export interface CheckedEvent {
  readonly type: 'checked'
  readonly result: CheckResult
}

/** When it happened, and a chance between 0 and 1 for the jitter: `step` has neither clock nor dice. */
export interface Circumstance {
  readonly now: number
  readonly random: number
}

export type RunMachineEvent =
  | (AttemptEvent & { readonly attempt: number } & Circumstance)
  | (CheckedEvent & { readonly check: number } & Circumstance)
  | (OutsideEvent & Circumstance)

// ---------------------------------------------------------------- effects

export type Effect =
  /** Open attempt `attempt`, at our cursor or (`snapshot`) without one. Any other is gone by then. */
  | { readonly type: 'connect'; readonly attempt: number; readonly from: 'cursor' | 'snapshot' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'check-settled'; readonly check: number }
  | { readonly type: 'send-stop' }
  | { readonly type: 'finalize'; readonly finale: Finale }

export type Step = readonly [RunState, readonly Effect[]]

// ---------------------------------------------------------------- what can be read off a state

export function isFinal(state: RunState): state is FinalState {
  return state.kind === 'settled' || state.kind === 'superseded' || state.kind === 'failed'
}

/** The attempt that may speak now; null: none. */
export function currentAttempt(state: RunState): number | null {
  return state.kind === 'connecting' || state.kind === 'streaming' ? state.attempt : null
}

/** The one door: false for news of an attempt or a check that is not the current one. */
export function admits(state: RunState, event: { readonly attempt: number } | { readonly check: number } | object): boolean {
  if ('attempt' in event) return currentAttempt(state) === event.attempt
  if ('check' in event) return state.kind === 'settling' && state.checkAt === null && state.check === event.check
  return true
}

/** When `woke` is wanted; null: no timer may be left. */
export function wakeAt(state: RunState): number | null {
  switch (state.kind) {
    case 'connecting':
    case 'streaming':
      return state.deadlineAt
    case 'waiting':
      return state.retryAt
    case 'settling':
      return state.checkAt ?? state.deadlineAt
    case 'paused':
    case 'logged-out':
    case 'settled':
    case 'superseded':
    case 'failed':
      return null
    default:
      return state satisfies never
  }
}

/** What the page is told; null where `finalize` says it. */
export function connectionOf(state: RunState): Connection | null {
  switch (state.kind) {
    case 'connecting':
      return state.memory.lostAt === null ? { kind: 'connecting' } : { kind: 'connecting', sinceAt: state.memory.lostAt }
    case 'streaming':
      return state.held === null ? { kind: 'streaming' } : { kind: 'streaming', held: state.held }
    case 'waiting':
      return { kind: 'waiting', sinceAt: state.memory.lostAt ?? state.retryAt, retryAt: state.retryAt, reason: state.reason }
    case 'paused':
      return { kind: 'paused' }
    case 'settling':
      return { kind: 'settling', unsaved: state.troubles > 0 }
    case 'logged-out':
      return { kind: 'failed', reason: 'login', message: state.message }
    case 'settled':
    case 'superseded':
    case 'failed':
      return null
    default:
      return state satisfies never
  }
}
