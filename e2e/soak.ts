/**
 * `npm run soak:browser [-- --minutes 60 --reconnects 20000]`: one page in Chromium that loses its connection again and again while answers arrive.
 * After each round, at the same place, it weighs the page (heap, nodes, listeners, timers), its sockets and the server. Leaves with 1 if
 * anything grew, or if a text was not what the server has saved.
 */
import { parseArgs } from 'node:util'
import { readdir } from 'node:fs/promises'
import { chromium } from '@playwright/test'
import type { CDPSession, Page } from '@playwright/test'
import { createApp } from './app.ts'
import { findChromium } from '../test/support/chromium.ts'
import { createFaultProxy } from '../test/support/fault-proxy.ts'
import { savedMessages } from '../test/support/server-client.ts'
import { startServerProcess } from '../test/support/server-process.ts'
import { textOf } from '../test/support/test-server.ts'
import { until } from '../test/support/until.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, reconnects: { type: 'string', default: '20000' } } })
const minutes = Number(values.minutes)
const wanted = Math.round((Number(values.reconnects) * minutes) / 60)
const ROUNDS = 20
/** The first rounds warm caches and compilers. */
const WARM_ROUNDS = 4
const STREAM = /\/api\/runs\/[^/]+\/stream/
/** What the later half of the rounds may weigh more than the earlier one: noise of a collector, not a leak, which would double it. */
const MOST_GROWTH = 1.15

interface Weight {
  readonly heap: number
  readonly nodes: number
  readonly listeners: number
  readonly timers: number
  readonly sockets: number
  readonly serverReaders: number
  readonly serverMemory: number
  readonly serverFiles: number
}

const executablePath = findChromium()
if (executablePath === null) throw new Error('No Chromium. Run `npm run chromium`, or set PLAYWRIGHT_CHROMIUM to the path of one.')
const behind = { host: '127.0.0.1', port: 0 }
const wire = await createFaultProxy({ target: behind })
const server = await startServerProcess({ ALLOWED_HOSTS: wire.host, TEST_AGENT: 'planned', LOG_LEVEL: 'warn' })
behind.port = server.port
const browser = await chromium.launch({ executablePath, args: ['--disable-gpu', '--js-flags=--expose-gc', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])] })
const page = await browser.newPage()
const session = await page.context().newCDPSession(page)
await session.send('Performance.enable')
// The compiler that this script runs under marks functions by a helper that a page does not have.
await page.addInitScript({ content: 'globalThis.__name = (made) => made' })
await page.addInitScript(countTimers)
const app = createApp(page, () => wire.url)
const wrong: string[] = []
page.on('pageerror', (error) => wrong.push(String(error)))
await app.open()

let reconnects = 0
const weights: Weight[] = []
const endsAt = Date.now() + minutes * 60_000
for (let round = 0; round < ROUNDS; round++) {
  const roundEndsAt = endsAt - ((ROUNDS - 1 - round) * minutes * 60_000) / ROUNDS
  const enough = Math.ceil((wanted * (round + 1)) / ROUNDS)
  await type(JSON.stringify({ pieces: 1_000_000, everyMs: 50, chars: 8, name: `r${round}.` }))
  await app.field.press('Enter')
  await until('text arrives', async () => (await app.answerText()) !== '', 60_000)
  while (reconnects < enough && Date.now() < roundEndsAt) {
    await until('one stream is open', () => wire.open(STREAM).length === 1, 60_000)
    if (reconnects % 3 === 2) await page.evaluate(() => dispatchEvent(new Event('online'))) // the page joins anew by itself
    else if (reconnects % 3 === 1) wire.cut(STREAM)
    else wire.rst(STREAM)
    reconnects += 1
    const joins = wire.requests.length
    await until('it is joined again', () => wire.requests.slice(joins).some((line) => STREAM.test(line)) || wire.open(STREAM).length === 1, 60_000)
  }
  await app.stopButton.click()
  await until('it is stopped', async () => (await app.answers.last().getAttribute('data-status')) === 'cancelled', 60_000)
  const shown = await app.answerText()
  const thread = app.thread()
  const saved = await until('it is saved', async () => {
    const messages = await savedMessages(server.url, thread)
    return messages.length === 2 ? textOf(messages) : null
  }, 60_000)
  if (shown !== saved) wrong.push(`round ${round}: ${shown.length} characters shown, ${saved.length} saved`)
  await until('no stream is left', () => wire.open(STREAM).length === 0, 60_000)
  // The page is the same all the time: a new one would forget what the old one leaked.
  await page.getByRole('button', { name: 'New chat' }).first().click()
  await app.answers.first().waitFor({ state: 'detached' })
  // A list that is longer by a chat weighs more, and rightly so.
  await fetch(`${server.url}/api/threads/${thread}`, { method: 'DELETE', headers: { 'content-type': 'application/json' } })
  await app.threads.first().waitFor({ state: 'detached' })
  weights.push(await weigh(page, session))
  console.info(`round ${round + 1}: ${reconnects} reconnects, ${saved.length} characters, ${describe(weights.at(-1))}`)
}
await browser.close()
await wire.close()
await server.close()

const kept = weights.slice(WARM_ROUNDS)
const halves = [kept.slice(0, kept.length / 2), kept.slice(kept.length / 2)] as const
for (const what of ['heap', 'nodes', 'listeners', 'timers', 'sockets', 'serverReaders', 'serverMemory', 'serverFiles'] as const) {
  const [before, after] = halves.map((half) => median(half.map((weight) => weight[what]))) as [number, number]
  // A handful of small numbers may differ by chance: two sockets or three.
  if (after > before * MOST_GROWTH + 2) wrong.push(`${what} grew from ${before} to ${after}`)
}
console.info(`${reconnects} reconnects in ${minutes} minutes; ${describe(halves[0][0])} at first, ${describe(weights.at(-1))} at last`)
console.info(wrong.length === 0 ? 'flat, and every text as it is saved' : `WRONG\n${wrong.join('\n')}`)
process.exit(wrong.length === 0 ? 0 : 1)

/** Not as a person types: of that the browser keeps a thousand steps for Undo, two nodes each, which would be weighed as ours. */
async function type(text: string): Promise<void> {
  await app.field.evaluate((field, value) => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set?.call(field, value)
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }, text)
}

async function weigh(weighed: Page, cdp: CDPSession): Promise<Weight> {
  await cdp.send('HeapProfiler.collectGarbage')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN
  const told = await (await fetch(`${server.url}/metrics`)).text()
  return {
    heap: metric('JSHeapUsedSize'), nodes: metric('Nodes'), listeners: metric('JSEventListeners'),
    timers: await weighed.evaluate(() => (window as unknown as { pendingTimers(): number }).pendingTimers()),
    sockets: wire.connections,
    serverReaders: Number(/^holdfast_stream_readers (\d+)$/m.exec(told)?.[1]),
    serverMemory: await server.memory(),
    serverFiles: (await readdir(`/proc/${server.pid}/fd`)).length,
  }
}

/** For `addInitScript`: self-contained. */
function countTimers(): void {
  const pending = new Set<number>()
  const { setTimeout: set, clearTimeout: clear } = window
  Object.assign(window, {
    setTimeout: (act: () => void, ms?: number) => {
      const id: number = set(() => {
        pending.delete(id)
        act()
      }, ms)
      pending.add(id)
      return id
    },
    clearTimeout: (id: number) => {
      pending.delete(id)
      clear(id)
    },
    pendingTimers: () => pending.size,
  })
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

function describe(weight: Weight | undefined): string {
  if (weight === undefined) return ''
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
  return `page ${mb(weight.heap)}, ${weight.nodes} nodes, ${weight.listeners} listeners, ${weight.timers} timers, ${weight.sockets} sockets; server ${mb(weight.serverMemory)}, ${weight.serverFiles} files, ${weight.serverReaders} readers`
}
