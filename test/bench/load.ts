/**
 * `npm run bench:load`: builds, serves with SQLite on disk, loads a thread of 50 messages in Chromium again and again, each time with an empty cache,
 * and prints the medians against their bars. `-- --quick`: three loads instead of fifteen.
 */
import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { chromium } from '@playwright/test'
import { findChromium } from '../support/chromium.ts'
import { createScriptedProvider } from '../support/scripted-provider.ts'
import { startServerProcess } from '../support/server-process.ts'
import { firstLoad } from './first-load.ts'
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
const browser = await chromium.launch({ executablePath, args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])] })
try {
  const { thread, last } = await writeThread(server.url, provider, MESSAGES)
  const seen: FirstLoad[] = []
  // The first one warms the server up and does not count.
  for (let i = 0; i <= loads; i++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const load = await firstLoad(await context.newPage(), `${server.url}/t/${thread}`, last)
    if (i > 0) seen.push(load)
    await context.close()
  }
  const median = (of: (load: FirstLoad) => number) => percentile(seen.map(of), 0.5)
  process.stdout.write(`${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), medians of ${loads} loads of a thread of ${MESSAGES} messages on loopback\n\n${table([
    under('script, gzip', median((load) => load.scriptKb), 150, 'KB'),
    under('style, gzip', median((load) => load.styleKb), 25, 'KB'),
    under('requests until it is interactive', median((load) => load.requests), 13, ''),
    under('first paint', median((load) => load.firstPaintMs), 300, 'ms'),
    under('interactive: the end of the thread is drawn and a key is taken', median((load) => load.interactiveMs), 500, 'ms'),
  ])}\n`)
} finally {
  await browser.close()
  await server.close()
  await provider.close()
}
