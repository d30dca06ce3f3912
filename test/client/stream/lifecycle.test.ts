import { expect, test } from 'vitest'
import { createLifecycle } from '../../../src/client/stream/lifecycle.ts'
import type { PageLike, PageSignal } from '../../../src/client/stream/lifecycle.ts'
import { createManualClock } from '../../support/manual-clock.ts'

function createPage(options: { hostname?: string; onLine?: boolean; visibilityState?: string } = {}) {
  const listeners = { window: new Map<string, (event: Event) => void>(), document: new Map<string, (event: Event) => void>() }
  const listens = (where: keyof typeof listeners) => ({
    addEventListener: (type: string, listener: (event: Event) => void) => void listeners[where].set(type, listener),
    removeEventListener: (type: string) => void listeners[where].delete(type),
  })
  const document = { visibilityState: options.visibilityState ?? 'visible', ...listens('document') }
  const navigator = { onLine: options.onLine ?? true }
  const page: PageLike = { document, navigator, location: { hostname: options.hostname ?? 'chat.example' }, ...listens('window') }
  const clock = createManualClock()
  const lifecycle = createLifecycle(page, clock)
  const signals: PageSignal[] = []
  lifecycle.subscribe((signal) => signals.push(signal))
  return {
    clock, lifecycle, signals, listeners,
    fire(where: keyof typeof listeners, type: string, more: object = {}) {
      listeners[where].get(type)?.(Object.assign(new Event(type), more))
    },
    network: (works: boolean) => void (navigator.onLine = works),
    see(state: 'visible' | 'hidden') {
      document.visibilityState = state
      listeners.document.get('visibilitychange')?.(new Event('visibilitychange'))
    },
  }
}

test('a tab that is hidden for ten seconds pauses, and one that is flicked past does not', async () => {
  const page = createPage()
  for (let flick = 0; flick < 10; flick++) {
    page.see('hidden')
    await page.clock.advance(50)
    page.see('visible')
    await page.clock.advance(50)
  }
  await page.clock.advance(20_000)
  expect(page.signals).toEqual([])
  page.see('hidden')
  await page.clock.advance(9_999)
  expect(page.signals).toEqual([])
  await page.clock.advance(1)
  expect(page.signals).toEqual([{ type: 'paused', reason: 'hidden' }])
  expect(page.lifecycle.pauses()).toEqual(['hidden'])
  page.see('visible')
  expect(page.signals.at(-1)).toEqual({ type: 'resumed', reason: 'hidden' })
})

test('a page that is left pauses at once, and says so when Back brings it again', () => {
  const page = createPage()
  page.fire('window', 'pagehide')
  expect(page.signals).toEqual([{ type: 'paused', reason: 'hidden' }, { type: 'left' }])
  page.fire('window', 'pageshow', { persisted: true })
  expect(page.signals.slice(2)).toEqual([{ type: 'resumed', reason: 'hidden' }, { type: 'returned' }, { type: 'stirred' }])
})

test('a frozen page pauses at once and stirs when it thaws', () => {
  const page = createPage()
  page.fire('document', 'freeze')
  page.fire('document', 'resume')
  expect(page.signals).toEqual([{ type: 'paused', reason: 'hidden' }, { type: 'resumed', reason: 'hidden' }, { type: 'stirred' }])
})

test('offline counts where the server is elsewhere, and not where it is this machine', () => {
  const away = createPage({ onLine: false })
  expect(away.lifecycle.pauses()).toEqual(['offline'])
  away.fire('window', 'online')
  expect(away.signals).toEqual([{ type: 'resumed', reason: 'offline' }])
  for (const hostname of ['localhost', '127.0.0.1', '[::1]', 'chat.localhost']) {
    const here = createPage({ hostname, onLine: false })
    here.fire('window', 'offline')
    expect(here.lifecycle.pauses()).toEqual([])
    here.fire('window', 'online')
    expect(here.signals).toEqual([{ type: 'stirred' }])
  }
})

test('an `online` that nobody heard is noticed', async () => {
  const page = createPage({ onLine: false })
  page.network(true)
  await page.clock.advance(2_000)
  expect(page.signals).toEqual([{ type: 'resumed', reason: 'offline' }])
})

test('a clock that jumps, as it does over a sleep, stirs; a clock that runs does not', async () => {
  const page = createPage()
  await page.clock.advance(60_000)
  expect(page.signals).toEqual([])
  const asleep = createPage()
  const { clock } = asleep
  const now = clock.now
  clock.now = () => now() + 60_000
  await clock.advance(2_000)
  expect(asleep.signals).toEqual([{ type: 'stirred' }])
  clock.now = () => now() - 3_600_000 // set back by an hour
  await clock.advance(2_000)
  expect(asleep.signals).toHaveLength(2)
})

test('nothing is left behind', () => {
  const page = createPage()
  page.see('hidden')
  page.lifecycle.dispose()
  expect(page.clock.pending()).toBe(0)
  expect(page.listeners.window.size + page.listeners.document.size).toBe(0)
})
