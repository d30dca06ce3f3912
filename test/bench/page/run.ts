/**
 * `npm run bench:page`: the built page against the built server and a scripted provider, in Chromium. Prints one table, with the bars.
 *
 *   -- --quick                   an answer of 10 KB, threads of 50 messages
 *   -- --only=stream|open        one of the two
 *   -- --above=0,500             messages above the live answer
 *   -- --throttle=1,4            how many times slower the processor is made
 *   -- --marks=10,50,100         KB of the answer at which to read the figures
 *   -- --repeats=3               medians of so many fresh pages
 *   -- --keep=FILE               keeps what is measured in FILE, and goes on where FILE stops
 *
 * All of it takes twenty minutes: an answer of 100 KB comes in 84 s, twelve times.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import type { Page } from '@playwright/test'
import { findChromium } from '../../support/chromium.ts'
import { createScriptedProvider } from '../../support/scripted-provider.ts'
import { startServerProcess } from '../../support/server-process.ts'
import { openThread } from './open.ts'
import { pageReport } from './report.ts'
import type { OpenCase, StreamCase } from './report.ts'
import { seedThreads } from './seed.ts'
import { streamAnswer } from './stream.ts'
import { watchPage } from './watch-page.ts'

const option = (name: string) => process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3)
const numbers = (name: string, usual: readonly number[]) => option(name)?.split(',').map(Number) ?? usual
const quick = process.argv.includes('--quick')
const only = option('only')
const above = numbers('above', quick ? [0] : [0, 500])
const throttles = numbers('throttle', quick ? [1] : [1, 4])
const marks = numbers('marks', quick ? [2, 10] : [10, 50, 100]).map((kb) => kb * 1000)
const repeats = Number(option('repeats') ?? (quick ? 1 : 3))
const lengths = quick ? [50] : [50, 500, 5_000]
const keep = option('keep')

const held = keep !== undefined && existsSync(keep) ? (JSON.parse(readFileSync(keep, 'utf8')) as { streams: StreamCase[]; opens: OpenCase[] }) : { streams: [], opens: [] }
const save = () => {
  if (keep !== undefined) writeFileSync(keep, JSON.stringify(held))
}
const begun = Date.now()
const say = (line: string) => process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}\n`)

const executablePath = findChromium()
if (executablePath === null) throw new Error('No Chromium. Run `npm run chromium`, or set PLAYWRIGHT_CHROMIUM to the path of one.')
const provider = await createScriptedProvider()
const server = await startServerProcess({ OPENAI_BASE_URL: provider.url, OPENAI_API_KEY: 'none', OPENAI_MODEL: 'scripted-model', LOG_LEVEL: 'warn' })
const browser = await chromium.launch({
  executablePath,
  args: ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
})

async function withPage(use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  try {
    // The compiler that runs this file wraps functions in a call of `__name`, which the page does not have.
    await context.addInitScript('globalThis.__name = (made) => made')
    await context.addInitScript(watchPage)
    await use(await context.newPage())
  } finally {
    await context.close()
  }
}

try {
  const longThreads = above.filter((count) => count > 0)
  const streamCases = only === 'open' ? [] : throttles.flatMap((throttle) => above.map((count) => ({ above: count, throttle }))).flatMap((one) => {
    const known = held.streams.filter((each) => each.above === one.above && each.throttle === one.throttle).length
    return Array.from({ length: Math.max(0, repeats - known) }, () => one)
  })
  const openCases = only === 'stream' ? [] : lengths.filter((messages) => !held.opens.some((known) => known.messages === messages))

  // A thread of its own for each case: an answer that was streamed into one is a message above the next.
  const wanted = [...openCases, ...streamCases.filter((one) => longThreads.includes(one.above)).map((one) => one.above)]
  await server.stop()
  say(`writing threads of ${wanted.join(', ')} messages`)
  const threads = await seedThreads(join(server.dataDir, 'holdfast.db'), wanted)
  await server.restart()

  const forStreams = threads.slice(openCases.length)
  for (const [index, messages] of openCases.entries()) {
    say(`opening ${messages} messages`)
    await withPage(async (page) => {
      held.opens.push({ messages, ...(await openThread(page, await page.context().newCDPSession(page), server.url, threads[index] ?? '')) })
    })
    save()
  }
  for (const one of streamCases) {
    say(`${(marks.at(-1) ?? 0) / 1000} KB below ${one.above} messages, slowed ${one.throttle}×`)
    await withPage(async (page) => {
      const session = await page.context().newCDPSession(page)
      await page.goto(one.above === 0 ? server.url : `${server.url}/t/${forStreams.shift() ?? ''}`)
      if (one.above > 0) await page.evaluate(() => window.pageWatch.drawn())
      await session.send('Emulation.setCPUThrottlingRate', { rate: one.throttle })
      held.streams.push({ ...one, ...(await streamAnswer(browser, page, session, provider, marks)) })
    })
    save()
  }
} finally {
  await browser.close()
  await server.close()
  await provider.close()
}

process.stdout.write(`\n${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${((Date.now() - begun) / 1000).toFixed(0)} s; 200 deltas of 6 characters a second; medians of ${repeats}\n`)
if (quick) process.stdout.write('QUICK: no numbers to judge by\n')
process.stdout.write(`\n${pageReport(held)}\n`)
