/**
 * Owns one run's connection: turns effects of the run machine into calls, and calls into its events. Decides nothing itself.
 */
import type { StreamFrame } from '../../shared/protocol.ts'
import type { Connection, LiveView } from '../run/sink.ts'
import { admits, connectionOf, isFinal, wakeAt } from '../run/state.ts'
import type { AttemptEvent, CheckResult, Circumstance, Effect, RunMachineEvent, RunState, Step } from '../run/state.ts'
import { begin, step } from '../run/step.ts'
import type { Follower, FollowerDeps } from './following.ts'
import { createLiveFold } from './live-fold.ts'
import type { ContentFrame } from './live-fold.ts'
import type { CheckSettled } from './settle-check.ts'
import type { Closed, Transport } from './transport.ts'

export interface ControllerDeps extends FollowerDeps {
  readonly transport: Transport
  readonly checkSettled: CheckSettled
}

export interface StreamController extends Follower {
  state(): RunState
}

/** One connection and all that belongs to it; disposed as one. */
interface Attempt {
  readonly number: number
  abort(): void
  /** The seq we had when a heartbeat said that there is more; a second such heartbeat means that it does not come. */
  behindAt: number | null
}

/** Begins at once; the sink hears of it no earlier than the next microtask. Errors thrown by the sink are logged and change nothing. */
export function createStreamController(deps: ControllerDeps): StreamController {
  const { token, transport, clock, sink, log } = deps
  const fold = createLiveFold(token.run, deps.start)
  /** What is being dealt with, then what waits. */
  const inbox: RunMachineEvent[] = []
  let state: RunState
  let attempt: Attempt | null = null
  let timer: { readonly at: number; cancel(): void } | null = null
  let told: Connection | null = null
  let handedOver: LiveView | null = fold.shown()
  let flushDue = false
  let stopping: Promise<void> = Promise.resolve()
  let disposed = false

  // ---- events in

  function circumstance(): Circumstance {
    return { now: clock.now(), random: deps.random() }
  }

  /**
   * The one way in. News of an attempt or a check that is not the current one ends here. One event is done with before the next begins,
   * also when the page answers a call of ours with a call of its own.
   */
  function dispatch(event: RunMachineEvent): void {
    inbox.push(event)
    if (inbox.length > 1) return
    while (inbox[0] !== undefined) {
      if (disposed) inbox.length = 1
      else if (admits(state, inbox[0])) enter(step(state, inbox[0]))
      else log.debug('late news dropped', { run: token.run, event: inbox[0].type, state: state.kind })
      inbox.shift()
    }
  }

  function enter([next, effects]: Step): void {
    if (next.kind !== state.kind) {
      log.debug(`${state.kind} -> ${next.kind}`, { run: token.run, generation: token.generation })
      flush()
    }
    state = next
    for (const effect of effects) perform(effect)
    arm()
    tell()
    if (!isFinal(next)) return
    dispose()
    deps.onOver(next)
  }

  function fromAttempt(number: number, event: AttemptEvent): void {
    dispatch({ ...event, attempt: number, ...circumstance() })
  }

  function onFrame(number: number, frame: StreamFrame): void {
    if (disposed || !admits(state, { attempt: number })) return log.debug('late frame dropped', { run: token.run, frame: frame.type })
    switch (frame.type) {
      case 'event':
      case 'skipped':
      case 'snapshot':
        return onContent(number, frame)
      case 'hb':
        return onHeartbeat(number, frame.tail)
      case 'held':
        return fromAttempt(number, { type: 'held', reason: frame.reason })
      case 'reset':
        return fromAttempt(number, { type: 'reset' })
      case 'bye':
        return fromAttempt(number, { type: 'bye', retryMs: frame.retryMs })
      default:
        return frame satisfies never
    }
  }

  function onContent(number: number, frame: ContentFrame): void {
    const accepted = fold.accept(frame, 'memory' in state && state.memory.rejoin)
    switch (accepted.kind) {
      case 'duplicate':
        return
      case 'gap':
        log.warn('gap', { run: token.run, reason: accepted.reason })
        return fromAttempt(number, { type: 'gap', reason: accepted.reason })
      case 'applied':
        flushSoon()
        fromAttempt(number, { type: 'progressed', snapshot: accepted.snapshot, news: accepted.news })
        if (accepted.ended) fromAttempt(number, { type: 'ended' })
        return
      default:
        return accepted satisfies never
    }
  }

  function onHeartbeat(number: number, tail: number): void {
    const seq = fold.cursor()?.seq ?? 0
    if (attempt === null || seq >= tail) return
    if (attempt.behindAt === seq) return fromAttempt(number, { type: 'lost', reason: 'The connection brings heartbeats but not the text that there is.' })
    attempt.behindAt = seq
  }

  function onClosed(number: number, why: Closed): void {
    switch (why.kind) {
      case 'lost':
        return fromAttempt(number, { type: 'lost', reason: why.reason, retryAfterMs: why.retryAfterMs })
      case 'exhausted':
        return fromAttempt(number, { type: 'exhausted' })
      case 'malformed':
        log.warn('not of the contract', { run: token.run, reason: why.reason })
        return fromAttempt(number, { type: 'gap', reason: why.reason })
      case 'unauthorized':
        return fromAttempt(number, { type: 'unauthorized', message: why.message })
      case 'refused':
        return fromAttempt(number, { type: 'refused', message: why.message })
      default:
        return why satisfies never
    }
  }

  // ---- effects out

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'connect':
        return connect(effect.attempt, effect.from)
      case 'disconnect':
        return disconnect()
      case 'check-settled':
        return check(effect.check)
      case 'send-stop':
        return sendStop()
      case 'finalize':
        return toSink(() => sink.finalize(token, effect.finale))
      default:
        return effect satisfies never
    }
  }

  function connect(number: number, from: 'cursor' | 'snapshot'): void {
    disconnect()
    const abort = transport.open(
      { run: token.run, after: from === 'snapshot' ? null : fold.cursor() },
      {
        opened: () => fromAttempt(number, { type: 'opened' }),
        heard: () => fromAttempt(number, { type: 'heard' }),
        frame: (frame) => onFrame(number, frame),
        closed: (why) => onClosed(number, why),
      },
    )
    attempt = { number, abort, behindAt: null }
  }

  function disconnect(): void {
    attempt?.abort()
    attempt = null
  }

  function check(number: number): void {
    const answer = (result: CheckResult) => dispatch({ type: 'checked', check: number, result, ...circumstance() })
    deps.checkSettled(token, fold.shown()?.transcript ?? null).then(answer, (error: unknown) => answer({ kind: 'error', message: String(error) }))
  }

  function sendStop(): void {
    const answered = (accepted: boolean) => dispatch({ type: 'stop-answered', accepted, ...circumstance() })
    stopping = deps.cancel().then(() => answered(true), (error: unknown) => {
      answered(false)
      throw error
    })
    // Whoever pressed Stop gets the rejection; a press that nobody waits for is at least in the log.
    stopping.catch((error: unknown) => log.warn('Stop did not reach the server', { run: token.run, error: String(error) }))
  }

  /** Keeps at most one timer. One that is early is left: it looks again when it fires, which is cheaper than a new one per chunk. */
  function arm(): void {
    const at = disposed ? null : wakeAt(state)
    if (timer !== null && (at === null || timer.at > at)) {
      timer.cancel()
      timer = null
    }
    if (at !== null && timer === null) timer = { at, cancel: clock.after(Math.max(0, at - clock.now()), wake) }
  }

  function wake(): void {
    timer = null
    dispatch({ type: 'woke', ...circumstance() })
  }

  // ---- to the page

  function toSink(call: () => void): void {
    try {
      call()
    } catch (error) {
      log.error('drawing failed; the stream goes on', { run: token.run, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }

  function tell(): void {
    const connection = disposed ? null : connectionOf(state)
    if (connection === null || same(connection, told)) return
    told = connection
    toSink(() => sink.setConnection(token, connection))
  }

  /** Once for all frames of a chunk. */
  function flushSoon(): void {
    if (flushDue) return
    flushDue = true
    queueMicrotask(flush)
  }

  function flush(): void {
    flushDue = false
    const view = fold.shown()
    if (disposed || view === null || view === handedOver) return
    handedOver = view
    toSink(() => sink.applyEvents(token, view))
  }

  function dispose(): void {
    disposed = true
    disconnect()
    timer?.cancel()
    timer = null
  }

  const [first, effects] = begin(deps.pauses, circumstance())
  state = first
  for (const effect of effects) perform(effect)
  arm()
  queueMicrotask(tell)

  return {
    signal: (event) => dispatch({ ...event, ...circumstance() }),
    stop() {
      dispatch({ type: 'stop-requested', ...circumstance() })
      return stopping
    },
    state: () => state,
    dispose,
  }
}

function same(a: Connection, b: Connection | null): boolean {
  return b !== null && JSON.stringify(a) === JSON.stringify(b)
}
