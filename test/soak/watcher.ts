/** A browser's half that follows one run over a real network, and tells a history of all that it shows. */
import { createFetchApi } from '../../src/client/api/fetch-api.ts'
import type { Connection, Finale, LiveView } from '../../src/client/run/sink.ts'
import { pageClock } from '../../src/client/stream/clock.ts'
import type { Clock } from '../../src/client/stream/clock.ts'
import { createFetchTransport } from '../../src/client/stream/fetch-transport.ts'
import type { Lifecycle, PageSignal } from '../../src/client/stream/lifecycle.ts'
import { createRunCache } from '../../src/client/stream/run-cache.ts'
import { following } from '../../src/client/stream/live.ts'
import { createStreams } from '../../src/client/stream/streams.ts'
import type { Run } from '../../src/shared/protocol.ts'
import { content } from '../../src/shared/covers.ts'
import { agentParts } from '../../src/shared/transcript.ts'
import type { Happening } from '../support/history/history.ts'
import { expireByTurns } from './patience.ts'

export type NetworkOf = Lifecycle & { send(signal: PageSignal): void }

/** What a machine tells a page about its network. `shared`: what it has in common with others. One of the two is down at a time. */
export function createNetworkOf(shared?: Lifecycle): NetworkOf {
  const listeners = new Set<(signal: PageSignal) => void>()
  let offline = false
  return {
    pauses: () => (offline ? ['offline'] : (shared?.pauses() ?? [])),
    subscribe(listener) {
      listeners.add(listener)
      const leave = shared?.subscribe(listener)
      return () => {
        listeners.delete(listener)
        leave?.()
      }
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
  readonly reader: string
  /** What should not have been and is no matter of its history. */
  readonly violations: readonly string[]
  connections(): number
  /** What the page would be told of its connection, oldest first. */
  readonly told: readonly Connection[]
  /** Its own network. */
  readonly network: NetworkOf
  /** Its last plain requests and what came of them, for who asks why it is stuck. */
  readonly asked: readonly string[]
  dispose(): void
}

/** The library under the transport looks at these even on its leash. Call once per process. */
export function standInForBrowser(): void {
  Object.assign(globalThis, { window: { clearTimeout, setTimeout }, document: { removeEventListener() {} } })
}

interface WatchOptions {
  readonly clock?: Clock
  readonly random?: () => number
}

/** `reader` is its name in the history. */
export function watchRun(base: string, run: Run, shared: Lifecycle, reader: string, tell: (happening: Happening) => void, { clock = pageClock, random = Math.random }: WatchOptions = {}): Watcher {
  const network = createNetworkOf(shared)
  const told: Connection[] = []
  const asked: string[] = []
  const violations: string[] = []
  let shown: LiveView | null = null
  let newsAt = performance.now()
  let connections = 0
  let finished = false
  let finish: (finale: Finale) => void = () => {}
  const over = new Promise<Finale>((resolve) => { finish = resolve })
  const transport = createFetchTransport({ fetch, base })
  const api = createFetchApi({ fetch: noting(asked), base, timeoutMs: 5_000, expire: expireByTurns })
  const streams = createStreams({
    createFollower: following({
      transport: {
        open(target, handlers) {
          connections += 1
          return transport.open(target, handlers)
        },
      },
      api,
    }),
    api,
    clock, random, lifecycle: network,
    log: { debug() {}, warn() {}, error: (message, details) => void violations.push(`${message} ${JSON.stringify(details)}`) },
    cache: createRunCache(() => ({ getItem: () => null, setItem() {}, removeItem() {} })),
    sink: {
      applyEvents(_token, live) {
        if (finished) violations.push('text after the end')
        shown = live
        for (const part of agentParts(live.transcript)) tell({ type: 'shown', reader, run: run.id, part: part.id, text: content(part) })
        if (live.transcript.outcome !== undefined) tell({ type: 'ended', by: reader, run: run.id, outcome: live.transcript.outcome })
        newsAt = performance.now()
      },
      setConnection: (_token, connection) => void told.push(connection),
      finalize(_token, finale) {
        if (finished) violations.push('a second end')
        finished = true
        newsAt = performance.now()
        if (finale.kind !== 'settled') violations.push(`the run ended as ${finale.kind}${finale.kind === 'failed' ? `: ${finale.message}` : ''}`)
        finish(finale)
      },
    },
  })
  streams.follow(run.thread, run.id, null)
  return {
    run, reader, over, violations, told, network, asked,
    shown: () => shown,
    newsAt: () => newsAt,
    get ended() {
      return finished
    },
    connections: () => connections,
    dispose: () => streams.dispose(),
  }
}

/** `fetch` that keeps its last six requests and what came of them. */
function noting(asked: string[]): typeof fetch {
  return async (input, init) => {
    const note = (what: string) => {
      asked.push(`${new Date().toISOString().slice(14, 23)} ${init?.method ?? 'GET'} ${String(input).replace(/^.*\/api/, '')}: ${what}`)
      if (asked.length > 6) asked.shift()
    }
    try {
      const answer = await fetch(input, init)
      note(String(answer.status))
      return answer
    } catch (error) {
      note(String(error))
      throw error
    }
  }
}
