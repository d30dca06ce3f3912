/**
 * `npm run bench:join`: how long the built page is busy at once when very much comes at once: an event of 10 MB, an answer of 10 MB, a run of
 * 100,000 events that it joins. Prints the longest task of the page's main thread, in processor time, against its bar. `-- --only=output` and the like for one.
 */
import { randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { chromium } from '@playwright/test'
import type { Browser, Page } from '@playwright/test'
import { findChromium } from '../support/chromium.ts'
import { startBenchProcess } from './bench-process.ts'
import type { BenchProcess } from './bench-process.ts'
import type { Plan } from './plan.ts'
import { table, under } from './report.ts'
import type { Row } from './report.ts'
import { threadTime, traceTasks } from './tasks.ts'

const LONGEST_MS = 100
const EVENTS = 100_000
const CALLS = 5_000
const CHARS = 10_000_000
/** Nothing more has come to be drawn for so long: the page is done. */
const QUIET_MS = 3_000

const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length)
const executablePath = findChromium()
if (executablePath === null) throw new Error('No Chromium. Run `npm run chromium`, or set PLAYWRIGHT_CHROMIUM to the path of one.')
const pause = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms))
const randomId = () => randomBytes(16).toString('base64url')
const begun = Date.now()
const say = (line: string) => process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}\n`)

/** `from`: before the run has said anything, or when it has said all but its end. */
interface Case {
  readonly what: string
  readonly plan: (gate: string) => Plan
  readonly events: number
  readonly from: 'before' | 'behind'
}
const cases: Readonly<Record<string, Case>> = {
  output: { what: 'a tool that gives 10 MB in one event', events: 0, from: 'before', plan: (gate) => ({ kind: 'whole', gate, as: 'output', chars: CHARS }) },
  text: { what: 'an answer of 10 MB, said at once', events: 0, from: 'before', plan: (gate) => ({ kind: 'whole', gate, as: 'text', chars: CHARS }) },
  deltas: { what: 'joining a run of 100,000 deltas', events: EVENTS, from: 'behind', plan: (gate) => ({ kind: 'flood', gate, deltas: EVENTS, chars: 6, joined: false, markdown: true }) },
  tools: { what: 'joining a run of 5,000 tool calls', events: CALLS * 3, from: 'behind', plan: (gate) => ({ kind: 'tools', gate, calls: CALLS }) },
}

const server = await startBenchProcess({ CLIENT_DIR: resolve(import.meta.dirname, '../../dist/client') })
const browser = await chromium.launch({ executablePath, args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])] })
const rows: Row[] = []
try {
  for (const [name, one] of Object.entries(cases)) if (only === undefined || only === name) rows.push(...(await measure(server, browser, one)))
} finally {
  await browser.close()
  await server.close()
}
process.stdout.write(`\n${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${((Date.now() - begun) / 1000).toFixed(0)} s; processor time of the page's main thread\n\n${table(rows)}\n`)

async function measure(to: BenchProcess, within: Browser, { what, plan, events, from }: Case): Promise<Row[]> {
  const [thread, gate] = [randomId(), randomId()]
  say(what)
  const answer = await fetch(`${to.url}/api/threads/${thread}/runs`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: { id: randomId(), parts: [{ kind: 'text', text: JSON.stringify(plan(gate)) }] } }),
  })
  if (!answer.ok) throw new Error(`The run did not start: ${answer.status} ${await answer.text()}`)
  const { id: run } = (await answer.json()) as { id: string }
  const said = async () => ((await (await fetch(`${to.url}/api/runs/${run}`)).json()) as { lastSeq: number }).lastSeq
  while ((await said()) < events) await pause(200)
  const context = await within.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  try {
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    await page.goto(from === 'before' ? `${to.url}/t/${thread}` : to.url)
    const link = page.locator(`a[href="/t/${thread}"]`)
    await link.waitFor()
    await pause(QUIET_MS)
    say('  watched from now on')
    const traced = await traceTasks(within, page)
    const before = await threadTime(session)
    const at = Date.now()
    if (from === 'behind') await link.click()
    else await to.ask('open', { gate })
    await page.locator('article[data-role=assistant]').last().waitFor({ timeout: 120_000 })
    const shownS = (Date.now() - at) / 1000
    if (from === 'behind') {
      await pause(QUIET_MS)
      await to.ask('open', { gate })
    }
    await page.locator('article[data-role=assistant][data-status=completed]').last().waitFor({ timeout: 120_000 })
    say('  saved')
    await quiet(page)
    const { longest, long } = await traced()
    const totalS = (await threadTime(session)) - before
    return [
      under(`${what}: longest task`, longest, LONGEST_MS, 'ms'),
      { what: '  tasks over 50 ms; all work until it is saved', value: `${long}; ${totalS.toFixed(2)} s` },
      { what: '  shown after', value: `${shownS.toFixed(1)} s` },
    ]
  } finally {
    await context.close()
  }
}

/** Resolves when nothing of the page has changed for a while. */
async function quiet(page: Page): Promise<void> {
  await page.evaluate((ms) => new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, ms)
    new MutationObserver(() => {
      clearTimeout(timer)
      timer = setTimeout(resolve, ms)
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
  }), QUIET_MS)
}
