/**
 * A small world around the run machine, for exploring it: what the controller would hold after each effect, and who may send what. An
 * attempt that was given up may still speak (late), and so may a check whose answer no longer matters.
 */
import { connectionOf, currentAttempt, isFinal, wakeAt } from '../../../src/client/run/state.ts'
import type { AttemptEvent, CheckResult, OutsideEvent, PauseReason, RunMachineEvent, RunState, Step } from '../../../src/client/run/state.ts'
import { step } from '../../../src/client/run/step.ts'
import { recordRun } from '../../support/recorded-run.ts'

export interface World {
  readonly state: RunState
  readonly now: number
  /** The connection that the controller holds. */
  readonly open: number | null
  readonly checks: number
  readonly finals: number
  readonly stopsUnderWay: number
}

const recorded = recordRun()
const results: readonly CheckResult[] = [
  { kind: 'restored', run: recorded.row(), messages: recorded.messages() },
  { kind: 'active' }, { kind: 'missing' }, { kind: 'stale' }, { kind: 'login' }, { kind: 'error', message: 'down' },
]
const pauseReasons: readonly PauseReason[] = ['hidden', 'offline', 'leader-elsewhere']
const outside: readonly OutsideEvent[] = [
  ...pauseReasons.flatMap((reason) => [{ type: 'paused', reason } as const, { type: 'resumed', reason } as const]),
  { type: 'stirred' }, { type: 'hinted' }, { type: 'stop-requested' }, { type: 'stop-answered', accepted: true }, { type: 'stop-answered', accepted: false },
  { type: 'displaced' }, { type: 'logged-in' },
]
const fromAttempts: readonly AttemptEvent[] = [
  { type: 'opened' }, { type: 'heard' }, { type: 'progressed', snapshot: true, news: true }, { type: 'progressed', snapshot: false, news: true }, { type: 'reset' },
  { type: 'held', reason: 'disk-full' },  { type: 'bye', retryMs: 500 }, { type: 'ended' }, { type: 'exhausted' }, { type: 'lost', reason: 'cut' }, { type: 'lost', reason: '503', retryAfterMs: 2_000 },
  { type: 'gap', reason: 'hole' }, { type: 'unauthorized', message: 'log in' }, { type: 'refused', message: 'gone' },
]

/** Every event that could come now; each with the time at which it comes. `random` is fixed: it only moves times. */
export function possible(world: World): RunMachineEvent[] {
  const { state, now } = world
  const at = { now, random: 0.5 }
  const due = wakeAt(state)
  const events: RunMachineEvent[] = outside.map((event) => ({ ...event, ...at }))
  // A timer that is early (it was set for a state that is past), and one that is in time.
  events.push({ type: 'woke', ...at })
  if (due !== null) events.push({ type: 'woke', now: Math.max(now, due), random: 0.5 })
  const attempts = 'memory' in state ? state.memory.attempts : 1
  for (const attempt of new Set([currentAttempt(state) ?? attempts, Math.max(1, attempts - 1)])) {
    for (const event of fromAttempts) events.push({ ...event, attempt, ...at })
    // Long after it was opened.
    events.push({ type: 'heard', attempt, now: now + 6_000, random: 0.5 })
  }
  const check = state.kind === 'settling' ? state.check : 1
  for (const number of new Set([check, Math.max(1, check - 1)])) for (const result of results) events.push({ type: 'checked', check: number, result, ...at })
  return events
}

export type Machine = (state: RunState, event: RunMachineEvent) => Step

/** The world after an event, or the rule that it broke. */
export function live(world: World, event: RunMachineEvent, machine: Machine = step): World | string {
  const [state, effects] = machine(world.state, event)
  let { open, checks, finals, stopsUnderWay } = world
  if (event.type === 'stop-answered') stopsUnderWay = Math.max(0, stopsUnderWay - 1)
  for (const effect of effects) {
    if (finals > 0) return `${effect.type} after finalize`
    switch (effect.type) {
      case 'connect':
        if (world.state.kind === 'settling') return 'invariant 7: a connection was started while settling'
        open = effect.attempt
        break
      case 'disconnect':
        if (open === null) return 'disconnect without a connection'
        open = null
        break
      case 'check-settled':
        checks = effect.check
        break
      case 'send-stop':
        stopsUnderWay += 1
        break
      case 'finalize':
        finals += 1
        break
      default:
        effect satisfies never
    }
  }
  const next: World = { state, now: event.now, open, checks, finals, stopsUnderWay }
  return broken(world, event, next) ?? next
}

/** What must hold in every world and over every event. */
function broken(before: World, event: RunMachineEvent, after: World): string | null {
  const { state } = after
  if (isFinal(state) !== (after.finals === 1)) return 'invariant 1: finalized without being final, or final without having finalized'
  if (isFinal(before.state) && state !== before.state) return 'invariant 1: something happened after the end'
  if ('attempt' in event && event.attempt !== currentAttempt(before.state) && state !== before.state) return 'invariant 2: an older attempt changed something'
  if ('check' in event && (before.state.kind !== 'settling' || before.state.checkAt !== null || before.state.check !== event.check) && state !== before.state) return 'invariant 2: an older check changed something'
  if (event.type === 'lost' && ['settling', 'settled', 'superseded', 'failed'].includes(state.kind) && state.kind !== before.state.kind) return 'invariant 3: a close was taken for an outcome'
  if (after.open !== currentAttempt(state)) return `invariant 9: connection ${String(after.open)} is open where ${String(currentAttempt(state))} is the current one`
  if (isFinal(state) && (wakeAt(state) !== null || after.open !== null)) return 'invariant 11: something is left in a final state'
  if (after.stopsUnderWay > 1) return 'Stop was sent twice'
  if (connectionOf(state) === null && !isFinal(state)) return 'the page is told nothing'
  if (state.kind === 'settling' && (state.checkAt === null) === (state.deadlineAt === null)) return 'a check is due and under way at once, or neither'
  if (state.kind === 'settling' && state.checkAt === null && after.checks !== state.check) return 'a check is awaited that was never begun'
  if ('memory' in state) {
    const { pauses } = state.memory
    if (state.kind === 'waiting' && pauses.length > 0) return 'waiting while paused'
    if (state.kind === 'waiting' && (state.memory.lostAt === null || (before.state.kind !== 'waiting' && state.retryAt < after.now))) return 'waiting for nothing'
    if (state.kind === 'paused' && pauses.length === 0) return 'paused for no reason'
    if (currentAttempt(state) !== null && pauses.some((reason) => reason !== 'offline')) return 'connected in spite of a pause'
    if (event.type === 'resumed' && before.state.kind === 'paused') {
      const others = before.state.memory.pauses.filter((reason) => reason !== event.reason)
      if (others.length > 0 && state.kind !== 'paused') return 'one reason leaving undid another'
    }
    if (state.kind === 'connecting' || state.kind === 'streaming' || state.kind === 'waiting' || state.kind === 'settling') {
      if (wakeAt(state) === null) return 'nothing will ever wake it'
    }
  }
  return null
}

/** Equal for worlds that behave alike: times count from now, attempts and checks from the newest. */
export function keyOf({ state, now, open, checks, finals, stopsUnderWay }: World): string {
  const newest = 'memory' in state ? state.memory.attempts : 0
  // Why the store holds the run decides nothing; it is only told on.
  return JSON.stringify({ state, open: open === null ? null : open - newest, finals, stopsUnderWay, checks: state.kind === 'settling' ? state.check - checks : 0 }, (name, value: unknown) => {
    if (name === 'held') return undefined
    if (typeof value !== 'number') return value
    // How much of a check's time is left decides only when it is over.
    if (name === 'deadlineAt' && state.kind === 'settling') return value > now
    if (name.endsWith('At')) return value - now
    if (name === 'attempt') return value - newest
    if (name === 'attempts') return Math.min(value, 2)
    return value
  })
}
