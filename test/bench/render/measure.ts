/** One text streamed through one renderer in a fresh page. */
import type { Browser, CDPSession, Page } from '@playwright/test'
import { threadTime, traceTasks } from '../tasks.ts'
import type { BuiltBench } from './build.ts'
import type {} from './harness.ts'
import type { Seen } from './watch.ts'

export interface Timed {
  /** Seconds of the main thread's processor time, from the first delta until nothing is left to do; null: not within the limit. */
  readonly cpuS: number | null
  /** Processor time of the last tenth by that of the first. */
  readonly slope: number | null
  /** Tasks that took more than 50 ms of processor time, and the longest, ms. */
  readonly longTasks: number
  readonly longest: number
  readonly elements: number | null
}

export interface Limits {
  readonly perFrame: number
  readonly limitMs: number
}

const TENTHS = 10

/** Main-thread processor time, layout and tail following included, without watching anything. */
export async function time(browser: Browser, bench: BuiltBench, renderer: string, deltas: readonly string[], limits: Limits): Promise<Timed> {
  return inFreshPage(browser, bench, async (page, session) => {
    await page.evaluate(([module, all]) => window.bench.start(module, all, false), [bench.moduleOf(renderer), deltas] as const)
    const traced = await traceTasks(browser, page)
    const cpu: number[] = [await threadTime(session)]
    const whole = await within(limits.limitMs, async () => {
      // Whole frames in each tenth, so that none of them has a short one more.
      const step = Math.max(limits.perFrame, Math.ceil(deltas.length / TENTHS / limits.perFrame) * limits.perFrame)
      for (let from = 0; from < deltas.length; from += step) {
        await page.evaluate(([a, b, perFrame]) => window.bench.stream(a, b, perFrame), [from, Math.min(deltas.length, from + step), limits.perFrame] as const)
        cpu.push(await threadTime(session))
      }
      await page.evaluate(() => window.bench.finish())
      return threadTime(session)
    })
    if (whole === null) return { cpuS: null, slope: null, longTasks: 0, longest: 0, elements: null }
    const tasks = await traced()
    const shares = cpu.slice(1).map((at, index) => at - (cpu[index] ?? 0))
    // The last tenth may be a short one: then the one before it tells.
    const last = shares.length > TENTHS || deltas.length % Math.ceil(deltas.length / TENTHS) === 0 ? shares.at(-1) : shares.at(-2)
    return {
      cpuS: whole - (cpu[0] ?? 0),
      slope: shares.length < TENTHS ? null : (last ?? 0) / (shares[0] ?? 1),
      longTasks: tasks.long,
      longest: tasks.longest,
      elements: await page.evaluate(() => window.bench.elements()),
    }
  })
}

/** What becomes of the nodes; null: not within the limit. */
export async function watch(browser: Browser, bench: BuiltBench, renderer: string, deltas: readonly string[], limits: Limits): Promise<Seen | null> {
  return inFreshPage(browser, bench, (page) => within(limits.limitMs, async () => {
    await page.evaluate(([module, all]) => window.bench.start(module, all, true), [bench.moduleOf(renderer), deltas] as const)
    await page.evaluate(([to, perFrame]) => window.bench.stream(0, to, perFrame), [deltas.length, limits.perFrame] as const)
    await page.evaluate(() => window.bench.finish())
    return page.evaluate(() => window.bench.seen())
  }))
}

async function inFreshPage<T>(browser: Browser, bench: BuiltBench, use: (page: Page, session: CDPSession) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  try {
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    await page.goto(bench.url)
    await page.waitForFunction(() => 'bench' in window)
    return await use(page, session)
  } finally {
    await context.close()
  }
}

/** Null if `work` takes longer; it is then left to fail when its page is closed. */
async function within<T>(ms: number, work: () => Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  const done = work()
  done.catch(() => undefined)
  try {
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}
