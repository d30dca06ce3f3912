import type { Page } from '@playwright/test'
import type { App } from './app.ts'
import { expect, test } from './fixtures.ts'

test.use({ serviceWorkers: 'allow' })

const TABS = 8
const WITHIN_MS = 1_000
/** On a machine where a lone tab takes longer than this, the others are measured by that one: what must not be is a wait for a free connection. */
const TIMES_ALONE = 3

test('eight tabs on HTTP/1.1, each with a live answer: Send and Stop are answered within a second in each, and hidden ones hold no run stream', { tag: '@alone' }, async ({ app, provider, secondTab, wire }) => {
  test.slow()
  const tabs: App[] = [app]
  while (tabs.length < TABS) tabs.push(await secondTab())
  const streams = new Map<Page, number>()
  for (const { page } of tabs) {
    const change = (by: number) => (request: { url(): string }) => {
      if (/\/api\/runs\/[^/]+\/stream/.test(request.url())) streams.set(page, (streams.get(page) ?? 0) + by)
    }
    page.on('request', change(1))
    page.on('requestfinished', change(-1))
    page.on('requestfailed', change(-1))
  }
  expect(wire.url).toMatch(/^http:/) // six connections for all tabs together

  let within = WITHIN_MS
  for (const tab of tabs) {
    await tab.page.bringToFront()
    await setVisible(tab.page, true)
    await tab.open()
    const took = await answeredWithin(tab, /\/api\/threads\/[^/]+\/runs$/, () => tab.send('Go on for ever'))
    if (tab === app) within = Math.max(WITHIN_MS, TIMES_ALONE * took)
    expect(took, 'Send').toBeLessThan(within)
    const call = await provider.nextCall()
    call.text('It goes on')
    await tab.shows('It goes on')
    // Another tab is looked at now. A hidden one keeps its stream for ten seconds at most.
    await setVisible(tab.page, false)
  }
  await expect.poll(() => [...streams.values()].reduce((sum, count) => sum + count, 0), { message: 'no hidden tab holds a stream' }).toBe(0)

  for (const tab of tabs) {
    await tab.page.bringToFront()
    await setVisible(tab.page, true)
    await tab.shows('It goes on')
    const took = await answeredWithin(tab, /\/api\/runs\/[^/]+\/cancel$/, () => tab.stopButton.click())
    expect(took, 'Stop').toBeLessThan(within)
    await tab.ends('cancelled')
    await setVisible(tab.page, false)
  }
})

/** As a browser does with a tab that another one covers. */
async function setVisible(page: Page, visible: boolean): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state })
    document.dispatchEvent(new Event('visibilitychange'))
  }, visible ? 'visible' : 'hidden')
}

/** Milliseconds from the request's start to its answer, waiting for a free connection included. */
async function answeredWithin(tab: App, path: RegExp, act: () => Promise<unknown>): Promise<number> {
  const answer = tab.page.waitForResponse((response) => response.request().method() === 'POST' && path.test(new URL(response.url()).pathname))
  await act()
  const response = await answer
  await response.finished()
  return response.request().timing().responseEnd
}
