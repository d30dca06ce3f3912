/** What a browser does to its pages: keeps them for Back, hides them, sleeps, kills them, and has no room left. */
import type { Browser, Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

const STREAM = /\/api\/runs\/[^/]+\/stream/

// Playwright switches it off, people's browsers have it on.
test.use({ serviceWorkers: 'allow', launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] }) })

test('a page that is left and brought back is the same page, on one stream, with all that came meanwhile', async ({ app, provider, wire }) => {
  const { page } = app
  await app.open()
  await app.send('Leave and come back')
  const call = await provider.nextCall()
  call.text('Before')
  await app.shows('Before')
  for (const word of [', away', ', and away again']) {
    const before = await app.answerText()
    await page.evaluate(() => Object.assign(window, { marked: true }))
    await page.goto(`${provider.url}/models`)
    await expect.poll(() => wire.open(STREAM).length, { message: 'a page that is kept holds no stream' }).toBe(0)
    call.text(word)
    // A page that was kept loads nothing again, so there is no load event to wait for.
    await page.goBack({ waitUntil: 'commit' })
    await app.shows(before + word)
    expect(await page.evaluate(() => 'marked' in window), 'it was kept, not loaded again').toBe(true)
    expect(wire.open(STREAM)).toHaveLength(1)
  }
  call.finish()
  await app.ends('completed')
})

test('hidden and shown ten times in a second, then asleep for seconds: one stream at most, and fresh text soon', async ({ app, browser, provider, wire }) => {
  const { page } = app
  await app.open()
  await app.send('Flicker')
  const call = await provider.nextCall()
  call.text('One')
  await app.shows('One')
  const joins = () => wire.requests.filter((line) => STREAM.test(line)).length
  const before = joins()
  await page.evaluate(async () => {
    const set = (state: string) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state })
      document.dispatchEvent(new Event('visibilitychange'))
    }
    for (let i = 0; i < 10; i++) {
      set('hidden')
      await new Promise((resolve) => setTimeout(resolve, 50))
      set('visible')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })
  call.text(', two')
  await app.shows('One, two')
  expect(joins(), 'nobody who only flickers joins again').toBe(before)

  // The machine sleeps: the page's process stands still, the server goes on, and the connection dies without a word to the page.
  const asleep = await pageProcesses(browser)
  for (const pid of asleep) process.kill(pid, 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 4_000)) // the sleep itself
  wire.rst()
  call.text(', three')
  for (const pid of asleep) process.kill(pid, 'SIGCONT')
  await app.shows('One, two, three')
  expect(wire.open(STREAM).length).toBeLessThanOrEqual(1)

  // A clock that was set by an hour says that time passed unseen.
  await page.evaluate(() => {
    const { now } = Date
    Date.now = () => now() + 3_600_000
  })
  await expect.poll(joins, { message: 'a jump of the clock has the page look again' }).toBeGreaterThan(before + 1)
  call.text(', four')
  call.finish()
  await app.shows('One, two, three, four')
  await app.ends('completed')
})

test('a page that is killed while somebody types and words pour in: draft and text are back', async ({ app, browser, provider, secondTab }) => {
  const { page } = app
  await app.open()
  await app.send('Kill me')
  const call = await provider.nextCall()
  call.text('What was said')
  await app.shows('What was said')
  await app.field.fill('half a thought')
  await expect.poll(() => keptDrafts(page)).toContain('half a thought')
  const path = new URL(page.url()).pathname
  const crashed = page.waitForEvent('crash')
  for (const pid of await pageProcesses(browser)) process.kill(pid, 'SIGKILL')
  await crashed
  call.text(' before the end')
  const reborn = await secondTab()
  await reborn.open(path)
  await reborn.shows('What was said before the end')
  await expect(reborn.field).toHaveValue('half a thought')
  call.finish()
  await reborn.ends('completed')
})

test('a browser whose storage is full and throws, and holds junk: answers come, a reload brings them back, and nothing complains', async ({ app, provider }) => {
  const { page } = app
  await page.addInitScript(() => {
    const full = () => { throw new DOMException('The quota has been exceeded.', 'QuotaExceededError') }
    Storage.prototype.setItem = full
    IDBObjectStore.prototype.put = full
  })
  await app.open()
  await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('holdfast')
      opening.onsuccess = () => resolve(opening.result)
    })
    const transaction = database.transaction(['drafts', 'outbox'], 'readwrite')
    transaction.objectStore('drafts').add({ not: 'a draft' }, 'junk')
    const outbox = transaction.objectStore('outbox')
    outbox.add({ ...(outbox.keyPath === null ? {} : { [String(outbox.keyPath)]: 'junk' }), what: 7 }, ...(outbox.keyPath === null ? ['junk'] : []))
    await new Promise((resolve) => { transaction.oncomplete = resolve })
    database.close()
  })
  await page.reload()
  await app.send('No room')
  const call = await provider.nextCall()
  call.text('It came ')
  await app.shows('It came ')
  await app.field.fill('a draft that cannot be kept')
  await page.reload()
  call.text('all the same.')
  call.finish()
  await app.shows('It came all the same.')
  await app.ends('completed')
})

/** Process ids of everything in which this browser draws pages. */
async function pageProcesses(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

/** The drafts that would survive the page. */
function keptDrafts(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('holdfast')
      opening.onsuccess = () => resolve(opening.result)
    })
    const drafts = await new Promise<string[]>((resolve) => {
      const reading = database.transaction('drafts').objectStore('drafts').getAll()
      reading.onsuccess = () => resolve(reading.result as string[])
    })
    database.close()
    return drafts
  })
}
