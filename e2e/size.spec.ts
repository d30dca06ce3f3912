import { firstLoad } from '../test/bench/first-load.ts'
import { writeThread } from '../test/bench/long-thread.ts'
import { expect, test } from './fixtures.ts'

/** A budget: raise it only for something that people get for it. React itself is 62 KB of it. The aim is 150 KB; that and the times are measured by `npm run bench:load`. */
test('the first load of a thread takes at most 175 KB of script, 25 KB of style and 12 requests, and comes as the build compressed it', async ({ page, server, provider }) => {
  const { thread, last } = await writeThread(server.url, provider, 4)
  const encodings: (string | undefined)[] = []
  page.on('response', (response) => {
    if (/\/assets\/.*\.(js|css)$/.test(response.url())) encodings.push(response.headers()['content-encoding'])
  })
  const load = await firstLoad(page, `${server.url}/t/${thread}`, last)
  expect(load.scriptKb).toBeGreaterThan(50) // it was built
  expect(load.scriptKb).toBeLessThanOrEqual(175)
  expect(load.styleKb).toBeGreaterThan(1)
  expect(load.styleKb).toBeLessThanOrEqual(25)
  expect(load.requests).toBeLessThanOrEqual(12)
  expect(new Set(encodings)).toEqual(new Set(['br']))
})
