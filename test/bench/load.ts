/**
 * `npm run bench:load`: builds, serves with SQLite on disk, loads a thread of 50 messages in Chromium again and again, each time with an empty cache,
 * and prints the medians against their bars. `-- --quick`: three loads instead of fifteen.
 *
 * The times are those of somebody who meets the page for the first time: the browser runs already, with a profile and another tab; a new tab is opened;
 * nothing of ours is in its cache or storage, and no service worker of ours is there. Beside them, the same in a profile that is made for each load and with the
 * developer's tools attached, as tests have it: the browser then makes stores and connections for the new profile while the page loads, and reads
 * much of its script twice.
 */
import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { chromium } from '@playwright/test'
import { findChromium } from '../support/chromium.ts'
import { createScriptedProvider } from '../support/scripted-provider.ts'
import { startServerProcess } from '../support/server-process.ts'
import { startBareBrowser } from './bare-browser.ts'
import type { BareBrowser } from './bare-browser.ts'
import { firstLoad, watching } from './first-load.ts'
import type { FirstLoad } from './first-load.ts'
import { writeThread } from './long-thread.ts'
import { percentile, table, under } from './report.ts'

const MESSAGES = 50
const loads = process.argv.includes('--quick') ? 3 : 15
const executablePath = findChromium()
if (executablePath === null) throw new Error('No Chromium. Run `npm run chromium`, or set PLAYWRIGHT_CHROMIUM to the path of one.')

const root = resolve(import.meta.dirname, '../..')
if (spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) throw new Error('The page does not build; there is nothing to measure.')

const provider = await createScriptedProvider()
const server = await startServerProcess({ OPENAI_BASE_URL: provider.url, OPENAI_MODEL: 'scripted-model' })
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const running = await startBareBrowser(executablePath, asRoot)
const browser = await chromium.launch({ executablePath, args: ['--disable-gpu', ...asRoot] })
try {
  const { thread, last } = await writeThread(server.url, provider, MESSAGES)
  const met: Times[] = []
  const seen: FirstLoad[] = []
  // The first one of each kind warms up and does not count.
  for (let i = 0; i <= loads; i++) {
    const times = await firstVisit(running, server.url, `/t/${thread}`, last)
    if (i > 0) met.push(times)
  }
  for (let i = 0; i <= loads; i++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const load = await firstLoad(await context.newPage(), `${server.url}/t/${thread}`, last)
    if (i > 0) seen.push(load)
    await context.close()
  }
  const median = <T>(all: readonly T[], of: (load: T) => number) => percentile(all.map(of), 0.5)
  process.stdout.write(`${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), medians of ${loads} loads of a thread of ${MESSAGES} messages on loopback\n\n${table([
    under('script, gzip', median(seen, (load) => load.scriptKb), 150, 'KB'),
    under('style, gzip', median(seen, (load) => load.styleKb), 25, 'KB'),
    under('requests until it is interactive', median(seen, (load) => load.requests), 13, ''),
    under('first paint, in a browser that runs already', median(met, (times) => times.firstPaintMs), 300, 'ms'),
    under('interactive there: the end of the thread is drawn and a key is taken', median(met, (times) => times.interactiveMs), 500, 'ms'),
    { what: 'first paint, in a new profile with developer’s tools', value: `${median(seen, (load) => load.firstPaintMs).toFixed(0)} ms` },
    { what: 'interactive there', value: `${median(seen, (load) => load.interactiveMs).toFixed(0)} ms` },
  ])}\n`)
} finally {
  await running.close()
  await browser.close()
  await server.close()
  await provider.close()
}

interface Times {
  readonly firstPaintMs: number
  readonly interactiveMs: number
}

/** Opens `path` in a new tab of a browser that has never seen it. Nothing is asked of the page until it has had time to load: answering would delay it. */
async function firstVisit(browser: BareBrowser, origin: string, path: string, last: string): Promise<Times> {
  const tab = await browser.open()
  try {
    await tab.forget(origin)
    await tab.before(watching(last))
    await tab.go(origin + path)
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      const told = await tab.ask(`JSON.stringify({
        interactiveMs: window.interactiveMs,
        firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
        kept: performance.getEntriesByType('resource').filter((one) => one.transferSize === 0 && one.startTime < window.interactiveMs).map((one) => one.name),
      })`)
      const { interactiveMs, firstPaintMs, kept } = JSON.parse(String(told)) as { interactiveMs?: number; firstPaintMs?: number; kept: readonly string[] }
      if (interactiveMs === undefined || firstPaintMs === undefined) continue
      if (kept.length > 0) throw new Error(`This was no first visit: ${kept.join(', ')} came out of the cache.`)
      return { interactiveMs, firstPaintMs }
    }
  } finally {
    await tab.close()
  }
}
