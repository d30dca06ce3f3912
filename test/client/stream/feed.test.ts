import { afterEach, expect, test } from 'vitest'
import type { RunId, ThreadId } from '../../../src/shared/ids.ts'
import type { FeedEvent, Run, Thread } from '../../../src/shared/protocol.ts'
import { createFeed } from '../../../src/client/stream/feed.ts'
import type { Feed, FeedChannel, FeedHandlers, FeedStatus } from '../../../src/client/stream/feed.ts'
import { createFeedMemory } from '../../../src/client/stream/feed-memory.ts'
import { createManualClock, settlePromises } from '../../support/manual-clock.ts'
import { createBrowserTabs } from '../../support/browser-tabs.ts'
import { recordRun } from '../../support/recorded-run.ts'
import { createScriptedLifecycle, silentLog } from './stream-page.ts'

/** One browser: its locks, its channel, its clock, and the feed connections that its tabs open. */
function createBrowser() {
  const clock = createManualClock()
  const { locks, openChannel, channels } = createBrowserTabs()
  const connections: { readonly handlers: FeedHandlers; open: boolean }[] = []
  let random = 0

  function openTab(options: { locks?: null; hidden?: boolean } = {}) {
    const events: FeedEvent[] = []
    const statuses: FeedStatus[] = []
    const lifecycle = createScriptedLifecycle(options.hidden === true ? ['hidden'] : [])
    const feed = createFeed({
      transport: {
        open(handlers) {
          const connection = { handlers, open: true }
          connections.push(connection)
          return () => { connection.open = false }
        },
      },
      locks: options.locks === null ? null : locks,
      openChannel,
      clock,
      random: () => (random += 0.001) % 1,
      lifecycle,
      log: silentLog,
      onEvent: (event) => void events.push(event),
      onStatus: (status) => void statuses.push(status),
    })
    feeds.push(feed)
    return { events, statuses, lifecycle, feed, status: () => statuses.at(-1) ?? 'connecting' }
  }

  return {
    clock, connections, openTab, channels,
    open: () => connections.filter((connection) => connection.open),
    /** The newest open connection answers with a snapshot. */
    answer(threads: readonly Thread[] = []) {
      const connection = connections.findLast((one) => one.open)
      if (connection === undefined) throw new Error('no feed is open')
      connection.handlers.opened()
      connection.handlers.message('snapshot', JSON.stringify({ threads }))
      return connection.handlers
    },
  }
}

const feeds: Feed[] = []
afterEach(() => {
  for (const feed of feeds.splice(0)) feed.close()
})

const running = recordRun().row({ settled: false, status: 'running' })
function threadOf(more: Partial<Thread> = {}): Thread {
  return {
    id: 'thread1' as ThreadId, title: 'One', agent: null, model: null, pinned: false, archived: false, unread: false, draft: '', createdAt: 1, updatedAt: 2, activeRun: running,
    queue: { messages: [], paused: null }, ...more,
  }
}

test('eight tabs share one connection, and each hears everything once', async () => {
  const browser = createBrowser()
  const tabs = Array.from({ length: 8 }, () => browser.openTab())
  await settlePromises()
  expect(browser.open()).toHaveLength(1)
  const server = browser.answer([threadOf()])
  server.message('thread.removed', JSON.stringify({ thread: 'thread1' }))
  for (const tab of tabs) {
    expect(tab.events.map((event) => event.type)).toEqual(['snapshot', 'thread.removed'])
    expect(tab.status()).toBe('online')
  }
})

test('a tab that joins is told at once what a fresh connection would tell it', async () => {
  const browser = createBrowser()
  browser.openTab()
  await settlePromises()
  const server = browser.answer([threadOf(), threadOf({ id: 'thread2' as ThreadId, activeRun: null, unread: true })])
  server.message('run.changed', JSON.stringify({ run: recordRun().row() }))
  server.message('thread.changed', JSON.stringify({ thread: threadOf({ id: 'thread3' as ThreadId }) }))
  const late = browser.openTab()
  await settlePromises()
  expect(browser.connections).toHaveLength(1)
  expect(late.status()).toBe('online')
  expect(late.events).toHaveLength(1)
  expect(late.events[0]).toMatchObject({ type: 'snapshot', threads: [{ id: 'thread2' }, { id: 'thread3' }] })
})

test('when the leading tab is closed another leads, and a snapshot arrives again everywhere', async () => {
  const browser = createBrowser()
  const leader = browser.openTab()
  const others = [browser.openTab(), browser.openTab()]
  await settlePromises()
  browser.answer([threadOf()])
  leader.feed.close()
  await settlePromises()
  expect(browser.open()).toHaveLength(1)
  expect(browser.connections).toHaveLength(2)
  browser.answer([])
  for (const tab of others) expect(tab.events.at(-1)).toEqual({ type: 'snapshot', threads: [] })
})

test('a lost feed is told in every tab and comes back by itself, more slowly each time', async () => {
  const browser = createBrowser()
  const tabs = [browser.openTab(), browser.openTab()]
  await settlePromises()
  browser.answer().closed({ kind: 'lost', reason: 'cut' })
  for (const tab of tabs) expect(tab.status()).toBe('offline')
  await browser.clock.advance(250)
  expect(browser.connections).toHaveLength(2)
  browser.answer()
  for (const tab of tabs) {
    expect(tab.status()).toBe('online')
    expect(tab.events.at(-1)?.type).toBe('snapshot')
  }
})

test('a lost feed does not wait any longer once the server is heard elsewhere, in whichever tab', async () => {
  const browser = createBrowser()
  const [leader, other] = [browser.openTab(), browser.openTab()]
  await settlePromises()
  for (const tab of [leader, other]) {
    browser.answer().closed({ kind: 'lost', reason: 'cut' })
    const before = browser.connections.length
    tab.feed.hint()
    expect(browser.connections).toHaveLength(before + 1)
    tab.feed.hint() // under way: nothing to hurry
    expect(browser.connections).toHaveLength(before + 1)
  }
})

test('silence is noticed', async () => {
  const browser = createBrowser()
  const tab = browser.openTab()
  await settlePromises()
  browser.answer()
  await browser.clock.advance(25_000)
  expect(tab.statuses).toContain('offline')
  await browser.clock.advance(1_000)
  expect(browser.connections.length).toBeGreaterThan(1)
  expect(browser.open()).toHaveLength(1)
})

test('without locks every tab has its own feed', async () => {
  const browser = createBrowser()
  browser.openTab({ locks: null })
  browser.openTab({ locks: null })
  await settlePromises()
  expect(browser.open()).toHaveLength(2)
})

test('a tab in view helps itself when the leader is frozen, and follows again when it wakes', async () => {
  const browser = createBrowser()
  browser.openTab()
  const follower = browser.openTab()
  const hidden = browser.openTab({ hidden: true })
  await settlePromises()
  browser.answer([threadOf()])
  // The frozen page's timers and news stop: take its connection's silence as that, and keep it from noticing.
  const leaderConnection = browser.connections[0]
  expect(leaderConnection?.open).toBe(true)
  const posts = [...browser.channels].map((channel) => channel.postMessage)
  for (const channel of browser.channels) channel.postMessage = () => {}
  await browser.clock.advance(36_000)
  const own = browser.open().filter((connection) => connection !== leaderConnection)
  expect(own.length).toBeGreaterThan(0)
  expect(hidden.status()).toBe('online')
  for (const [index, channel] of [...browser.channels].entries()) channel.postMessage = posts[index] as FeedChannel['postMessage']
  // The leader is heard again.
  browser.answer([])
  await browser.clock.advance(10_000)
  expect(follower.events.at(-1)?.type).toBe('snapshot')
})

test('a page that is left gives its place to another, and takes part again on Back', async () => {
  const browser = createBrowser()
  const leader = browser.openTab()
  const other = browser.openTab()
  await settlePromises()
  browser.answer()
  leader.lifecycle.send({ type: 'left' })
  await settlePromises()
  expect(browser.open()).toHaveLength(1)
  browser.answer([threadOf()])
  expect(other.events.at(-1)).toMatchObject({ type: 'snapshot', threads: [{ id: 'thread1' }] })
  leader.lifecycle.send({ type: 'returned' })
  await settlePromises()
  expect(browser.open()).toHaveLength(1)
  expect(leader.events.at(-1)).toMatchObject({ type: 'snapshot', threads: [{ id: 'thread1' }] })
})

test('words of another build, and messages that cannot be read, are passed over', async () => {
  const browser = createBrowser()
  const tab = browser.openTab()
  const other = browser.openTab()
  await settlePromises()
  const server = browser.answer()
  const before = tab.events.length
  for (const channel of browser.channels) {
    for (const data of [null, 7, 'x', {}, { v: 2, kind: 'hello' }, { v: 1, from: 'x', kind: 'status', status: 'splendid' }]) channel.onmessage?.({ data } as MessageEvent)
  }
  server.message('hb', '{}')
  server.message('weather', '{}')
  server.message('thread.changed', '{"thread":1}')
  server.message('thread.removed', JSON.stringify({ thread: 'thread1' }))
  expect(tab.events.length).toBe(before + 1)
  expect(other.events.at(-1)?.type).toBe('thread.removed')
})

test('closing leaves no timer, channel or connection', async () => {
  const browser = createBrowser()
  const tabs = [browser.openTab(), browser.openTab()]
  await settlePromises()
  browser.answer()
  for (const tab of tabs) tab.feed.close()
  await settlePromises()
  expect([browser.open().length, browser.channels.size, browser.clock.pending()]).toEqual([0, 0, 0])
  for (const tab of tabs) expect(tab.lifecycle.listeners()).toBe(0)
})

test('a leader that cannot tell any more what is active says so', () => {
  const memory = createFeedMemory()
  expect([memory.snapshot(), memory.lost()]).toEqual([null, false])
  memory.take('snapshot', JSON.stringify({ threads: [] }))
  expect(memory.snapshot()).toBe('{"threads":[]}')
  const unknown: Run = { ...running, id: 'run7' as RunId, thread: 'thread7' as ThreadId }
  memory.take('run.changed', JSON.stringify({ run: unknown }))
  expect([memory.snapshot(), memory.lost()]).toEqual([null, true])
})
