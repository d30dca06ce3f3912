/** A browser's page without the browser: real store, sink, streams, feed and actions; what it shows is told at every commit. */
import { createActions } from '../../../src/client/actions/actions.ts'
import type { PageActions } from '../../../src/client/actions/actions.ts'
import { createFetchApi } from '../../../src/client/api/fetch-api.ts'
import { selectTurns } from '../../../src/client/store/turns.ts'
import type { ShownTurn } from '../../../src/client/store/turns.ts'
import { createSink } from '../../../src/client/store/sink.ts'
import type { State } from '../../../src/client/store/state.ts'
import { createStore } from '../../../src/client/store/store.ts'
import { createFeed } from '../../../src/client/stream/feed.ts'
import { createFetchFeedTransport, createFetchTransport } from '../../../src/client/stream/fetch-transport.ts'
import { createRunCache } from '../../../src/client/stream/run-cache.ts'
import { following } from '../../../src/client/stream/live.ts'
import { createStreams } from '../../../src/client/stream/streams.ts'
import { text } from '../../../src/client/views/text.ts'
import { createScriptedLifecycle, silentLog } from '../../client/stream/stream-page.ts'
import type { Stored } from '../../client/actions/page.ts'
import type { ThreadId } from '../../../src/shared/ids.ts'
import type { BrowserTabs } from '../browser-tabs.ts'
import type { ManualClock } from '../manual-clock.ts'
import type { Network } from './network.ts'

const FRAME_MS = 33

export interface SimPage {
  readonly name: string
  readonly actions: PageActions
  state(): State
  turns(): readonly ShownTurn[]
  pause(reason: 'hidden' | 'offline'): void
  resume(reason: 'hidden' | 'offline'): void
  /** The back-forward cache, a laptop that wakes. */
  stir(): void
  /** The tab is closed or reloaded: not a line of it runs any more. */
  close(): void
}

export interface SimPageOptions {
  readonly name: string
  readonly network: Network
  readonly clock: ManualClock
  readonly random: () => number
  readonly tabs: BrowserTabs
  /** What is kept in the browser, for all its tabs: drafts, outbox, chosen branches. */
  readonly stored: Stored
  /** What the tab before a reload left. */
  readonly session: Map<string, string>
  readonly thread: ThreadId
  readonly onCommit: (page: SimPage) => void
}

export function openSimPage({ name, network, clock: outer, random, tabs, stored, session, thread, onCommit }: SimPageOptions): SimPage {
  let open = true
  const clock = { now: outer.now, after: (ms: number, wake: () => void) => outer.after(ms, () => { if (open) wake() }) }
  const fetch = network.fetchFor(name)
  /** `AbortSignal.timeout` in virtual time. */
  const expire = (ms: number): AbortSignal => {
    const controller = new AbortController()
    clock.after(ms, () => controller.abort(new DOMException('The operation timed out.', 'TimeoutError')))
    return controller.signal
  }
  const held = new Set<string>()
  const lifecycle = createScriptedLifecycle()
  const api = createFetchApi({ fetch, expire })
  const store = createStore()
  const runCache = createRunCache(() => ({
    getItem: (key) => session.get(key) ?? null, setItem: (key, value) => void session.set(key, value), removeItem: (key) => void session.delete(key),
  }))
  const sink = createSink({
    store, schedule: (frame) => clock.after(FRAME_MS, frame), log: () => undefined,
    onFinal: (token, finale) => actions.runEnded(token, finale), onForeign: (token) => actions.runForeign(token),
  })
  const streams = createStreams({
    sink: {
      ...sink,
      setConnection(token, connection) {
        if (connection.kind === 'streaming') feed.hint()
        sink.setConnection(token, connection)
      },
    },
    createFollower: following({ transport: createFetchTransport({ fetch }), api }), api, clock, random, cache: runCache, lifecycle, log: silentLog,
  })
  const actions = createActions({
    store, api, streams, runCache,
    newId: () => Array.from({ length: 24 }, () => 'abcdefghijklmnopqrstuvwxyz'.charAt(Math.floor(random() * 26))).join(''),
    navigate: () => undefined, drafts: stored.storage, savePreferences: () => undefined, settingsAddress: { current: () => null, show: () => undefined },
    branchMemory: { get: (one) => stored.branches.get(one) ?? null, set: (one, run) => { if (run === null) stored.branches.delete(one); else stored.branches.set(one, run) } },
    forgetEverything: async () => undefined, mayNotify: async () => true, words: () => text.actions,
    upload: () => Promise.reject(new Error('nobody attaches files here')), measurePicture: async () => null, clock, visible: () => !held.has('hidden'), log: () => undefined,
  })
  const feed = createFeed({
    transport: createFetchFeedTransport({ fetch }), locks: tabs.locks, openChannel: tabs.openChannel, clock, random, lifecycle, log: silentLog,
    onEvent: actions.receiveFeed,
    onStatus(status) {
      actions.feedStatus(status)
      if (status === 'online') streams.loggedIn()
    },
  })
  const page: SimPage = {
    name, actions,
    state: store.getState,
    turns: () => selectTurns(store.getState(), store.getState().current),
    pause(reason) {
      held.add(reason)
      lifecycle.send({ type: 'paused', reason })
    },
    resume(reason) {
      held.delete(reason)
      lifecycle.send({ type: 'resumed', reason })
      if (reason === 'hidden') actions.pageVisible()
    },
    stir: () => lifecycle.send({ type: 'stirred' }),
    close() {
      open = false
      network.leave(name)
      feed.close()
      streams.dispose()
    },
  }
  store.subscribe(() => { if (open) onCommit(page) })
  actions.start(thread)
  return page
}
