import { gzipSync } from 'node:zlib'
import type { Response } from '@playwright/test'
import { firstLoad } from '../test/bench/first-load.ts'
import { writeThread } from '../test/bench/long-thread.ts'
import { expect, test } from './fixtures.ts'

/** A budget: raise it only for something that people get for it. React itself is 64 KB of it and marked 12. That and the times are measured by `npm run bench:load`. */
test('the first load of a thread takes at most 150 KB of script, 25 KB of style and 12 requests, and comes as the build compressed it', async ({ page, server, provider }) => {
  const { thread, last } = await writeThread(server.url, provider, 4, false)
  const encodings: (string | undefined)[] = []
  page.on('response', (response) => {
    if (/\/assets\/.*\.(js|css)$/.test(response.url())) encodings.push(response.headers()['content-encoding'])
  })
  const load = await firstLoad(page, `${server.url}/t/${thread}`, last)
  expect(load.scriptKb).toBeGreaterThan(50) // it was built
  expect(load.scriptKb).toBeLessThanOrEqual(150)
  expect(load.styleKb).toBeGreaterThan(1)
  expect(load.styleKb).toBeLessThanOrEqual(25)
  expect(load.requests).toBeLessThanOrEqual(12)
  expect(new Set(encodings)).toEqual(new Set(['br']))
})

test('the chat of an address is asked for before the page’s code is here, and once', async ({ page, server, provider }) => {
  const { thread, last } = await writeThread(server.url, provider, 2, false)
  const chats: string[] = []
  page.on('request', (request) => { if (request.url().includes('/messages')) chats.push(new URL(request.url()).pathname) })
  // The code comes only once the chat has been asked for.
  const asked = page.waitForRequest('**/messages?*')
  await page.route('**/assets/page-*.js', async (route) => {
    await asked
    await route.continue()
  })
  await page.goto(`${server.url}/t/${thread}`)
  await expect(page.locator('article').last()).toContainText(last)
  expect(chats).toEqual([`/api/threads/${thread}/messages`])
})

test('code costs nothing until the thread is shown and can be used; then its colours take at most 110 KB of script, grammar included', async ({ page, server, provider }) => {
  const { thread, last } = await writeThread(server.url, provider, 4)
  const scripts: Response[] = []
  page.on('response', (response) => { if (response.request().resourceType() === 'script') scripts.push(response) })
  await firstLoad(page, `${server.url}/t/${thread}`, last)
  await expect(page.locator('.code-keyword').first()).toBeVisible()
  const html = await (await fetch(server.url)).text()
  const later = scripts.filter((script) => !html.includes(new URL(script.url()).pathname))
  const sizes = await Promise.all(later.map(async (script) => ({ name: new URL(script.url()).pathname, kb: gzipSync(await script.body(), { level: 9 }).length / 1024 })))
  expect(sizes.map(({ name }) => name)).toContainEqual(expect.stringContaining('/assets/rich-'))
  expect(sizes.map(({ name }) => name)).toContainEqual(expect.stringContaining('/assets/typescript-'))
  expect(sizes.reduce((sum, { kb }) => sum + kb, 0)).toBeLessThanOrEqual(110)
  const [richAt, paintedAt] = await page.evaluate(() => [
    performance.getEntriesByType('resource').find(({ name }) => name.includes('/assets/rich-'))?.startTime ?? 0,
    (performance.getEntriesByName('first-contentful-paint')[0])?.startTime ?? Infinity,
  ])
  expect(richAt).toBeGreaterThan(paintedAt ?? Infinity)
})
