/** A browser's half that follows one run over a real network, and remembers enough of what it showed to convict the server. */
import { createFetchApi } from '../../src/client/api/fetch-api.ts'
import type { Finale, LiveView } from '../../src/client/run/sink.ts'
import { pageClock } from '../../src/client/stream/clock.ts'
import { createFetchTransport } from '../../src/client/stream/fetch-transport.ts'
import type { Lifecycle, PageSignal } from '../../src/client/stream/lifecycle.ts'
import { createRunCache } from '../../src/client/stream/run-cache.ts'
import { createStreams } from '../../src/client/stream/streams.ts'
import type { Run } from '../../src/shared/protocol.ts'
import { covers } from '../../src/shared/transcript.ts'

/** What the page of the machine would tell: one network for all watchers. */
export function createSharedLifecycle(): Lifecycle & { send(signal: PageSignal): void } {
  const listeners = new Set<(signal: PageSignal) => void>()
  let offline = false
  return {
    pauses: () => (offline ? ['offline'] : []),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dispose: () => listeners.clear(),
    send(signal) {
      if (signal.type === 'paused') offline = true
      if (signal.type === 'resumed') offline = false
      for (const listener of [...listeners]) listener(signal)
    },
  }
}

export interface Watcher {
  readonly run: Run
  /** Resolves with how following the run came to its end. */
  readonly over: Promise<Finale>
  /** The newest of what was shown. */
  shown(): LiveView | null
  /** When something new was shown last, or the end came; ms of the process. */
  newsAt(): number
  readonly ended: boolean
  /** What was shown that should not have been. */
  readonly violations: readonly string[]
  connections(): number
  dispose(): void
}

/** The library under the transport looks at these even on its leash. Call once per process. */
export function standInForBrowser(): void {
  Object.assign(globalThis, { window: { clearTimeout, setTimeout }, document: { removeEventListener() {} } })
}

export function watchRun(base: string, run: Run, lifecycle: Lifecycle): Watcher {
  const violations: string[] = []
  let shown: LiveView | null = null
  let newsAt = performance.now()
  let connections = 0
  let finished = false
  let finish: (finale: Finale) => void = () => {}
  const over = new Promise<Finale>((resolve) => { finish = resolve })
  const transport = createFetchTransport({ fetch, base })
  const streams = createStreams({
    transport: {
      open(target, handlers) {
        connections += 1
        return transport.open(target, handlers)
      },
    },
    api: createFetchApi({ fetch, base, timeoutMs: 5_000 }),
    clock: pageClock, random: Math.random, lifecycle,
    log: { debug() {}, warn() {}, error: (message, details) => void violations.push(`${message} ${JSON.stringify(details)}`) },
    cache: createRunCache(() => ({ getItem: () => null, setItem() {}, removeItem() {} })),
    sink: {
      applyEvents(_token, live) {
        if (finished) violations.push('text after the end')
        if (shown !== null && !covers(live.transcript.messages, shown.transcript.messages)) violations.push(`what was shown shrank or changed at ${live.cursor.seq}`)
        shown = live
        newsAt = performance.now()
      },
      setConnection() {},
      finalize(_token, finale) {
        if (finished) violations.push('a second end')
        finished = true
        newsAt = performance.now()
        if (finale.kind !== 'settled') violations.push(`the run ended as ${finale.kind}${finale.kind === 'failed' ? `: ${finale.message}` : ''}`)
        else if (shown !== null && !covers(finale.messages, shown.transcript.messages)) violations.push('what is saved lacks what was shown')
        finish(finale)
      },
    },
  })
  streams.follow(run.thread, run.id, null)
  return {
    run, over, violations,
    shown: () => shown,
    newsAt: () => newsAt,
    get ended() {
      return finished
    },
    connections: () => connections,
    dispose: () => streams.dispose(),
  }
}
