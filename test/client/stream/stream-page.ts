/** A page with streams over a scripted transport and a scripted server record: what the tests of `stream/` begin from. */
import type { LiveView, OwnerToken, Connection, Finale, StreamSink } from '../../../src/client/run/sink.ts'
import type { Api } from '../../../src/client/api/api.ts'
import { ApiError } from '../../../src/client/api/api.ts'
import type { Run } from '../../../src/shared/protocol.ts'
import { following } from '../../../src/client/stream/live.ts'
import { createStreams } from '../../../src/client/stream/streams.ts'
import type { Lifecycle, PageSignal } from '../../../src/client/stream/lifecycle.ts'
import type { PauseReason } from '../../../src/client/run/state.ts'
import { createRunCache } from '../../../src/client/stream/run-cache.ts'
import type { StreamLog } from '../../../src/client/stream/transport.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { createScriptedTransport } from '../../support/scripted-transport.ts'
import type { RecordedRun } from '../../support/recorded-run.ts'

export type Said =
  | { readonly kind: 'events'; readonly token: OwnerToken; readonly live: LiveView }
  | { readonly kind: 'connection'; readonly token: OwnerToken; readonly connection: Connection }
  | { readonly kind: 'finale'; readonly token: OwnerToken; readonly finale: Finale }

export function createSpySink(): StreamSink & { readonly said: Said[]; failing: boolean } {
  const said: Said[] = []
  const spy = {
    said,
    failing: false,
    say(one: Said) {
      said.push(one)
      if (spy.failing) throw new Error('drawing failed')
    },
    applyEvents: (token: OwnerToken, live: LiveView) => spy.say({ kind: 'events', token, live }),
    setConnection: (token: OwnerToken, connection: Connection) => spy.say({ kind: 'connection', token, connection }),
    finalize: (token: OwnerToken, finale: Finale) => spy.say({ kind: 'finale', token, finale }),
  }
  return spy
}

export function createScriptedLifecycle(initial: readonly PauseReason[] = []): Lifecycle & { send(signal: PageSignal): void; listeners(): number } {
  const held = new Set<PauseReason>(initial)
  const listeners = new Set<(signal: PageSignal) => void>()
  return {
    pauses: () => [...held],
    listeners: () => listeners.size,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    dispose: () => listeners.clear(),
    send(signal) {
      if (signal.type === 'paused') held.add(signal.reason)
      if (signal.type === 'resumed') held.delete(signal.reason)
      for (const listener of [...listeners]) listener(signal)
    },
  }
}

export const silentLog: StreamLog = { debug() {}, warn() {}, error() {} }

/** What the server's record says; a test changes the fields. */
export interface ServerRecord {
  /** What GET /api/runs/:r answers, or fails with. */
  run(): Run | ApiError
  saved: RecordedRun['messages']
  activeRun: Run | null
  cancel(): Promise<void>
}

export function createStreamPage(recorded: RecordedRun, options: { pauses?: readonly PauseReason[]; seed?: number } = {}) {
  const clock = createManualClock()
  const transport = createScriptedTransport()
  const sink = createSpySink()
  const lifecycle = createScriptedLifecycle(options.pauses)
  const stored = new Map<string, string>()
  const record: ServerRecord = { run: () => recorded.row(), saved: recorded.messages, activeRun: null, cancel: () => Promise.resolve() }
  const requests: string[] = []
  const api: Pick<Api, 'getRun' | 'messages' | 'cancelRun'> = {
    async getRun(run) {
      requests.push(`GET run ${run}`)
      await Promise.resolve()
      const answer = record.run()
      if (answer instanceof ApiError) throw answer
      return answer
    },
    async messages(thread) {
      requests.push(`GET messages ${thread}`)
      await Promise.resolve()
      return { messages: [...record.saved()], runs: [], activeRun: record.activeRun, before: null }
    },
    async cancelRun(run) {
      requests.push(`POST cancel ${run}`)
      await record.cancel()
      return recorded.row()
    },
  }
  const log: string[] = []
  const streams = createStreams({
    createFollower: following({ transport, api }), api, sink, clock, lifecycle, random: () => 0.5,
    cache: createRunCache(() => ({
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    })),
    log: { debug: (message) => void log.push(message), warn: (message) => void log.push(message), error: (message) => void log.push(message) },
  })
  const of = <K extends Said['kind']>(kind: K) => sink.said.filter((one): one is Extract<Said, { kind: K }> => one.kind === kind)
  return {
    clock, transport, sink, lifecycle, stored, record, requests, streams, log,
    follow: (start: LiveView | null = null) => streams.follow(recorded.thread, recorded.run, start),
    /** Lets what is due now happen. */
    settle: () => clock.advance(0),
    views: () => of('events').map((one) => one.live),
    shown: () => of('events').at(-1)?.live ?? null,
    connection: () => of('connection').at(-1)?.connection ?? null,
    connections: () => of('connection').map((one) => one.connection.kind),
    finales: () => of('finale'),
  }
}
