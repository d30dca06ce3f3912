/** A live answer in the whole page: what it costs the main thread, mark by mark. */
import type { Browser, CDPSession, Page } from '@playwright/test'
import type { ProviderCall, ScriptedProvider } from '../../support/scripted-provider.ts'
import { threadTime, traceTasks } from '../tasks.ts'
import type { Tasks } from '../tasks.ts'
import { mixed } from '../render/texts.ts'
import type {} from './watch-page.ts'

export interface Streamed {
  readonly marks: readonly Mark[]
  readonly tasks: Tasks
}

export interface Mark {
  /** Characters of the answer at the mark. */
  readonly chars: number
  /** Seconds of main-thread processor time since the mark before. */
  readonly cpuS: number
  /** Characters since the mark before. */
  readonly more: number
  /** Frames per second, and the longest time between two, ms. */
  readonly fps: number
  readonly worstFrame: number
}

const PER_SECOND = 200
const DELTA = 6

/**
 * Sends a message in the page as it stands and streams the answer at 200 deltas of 6 characters a second. `marks`: lengths at which to read the
 * figures, growing; the last is the answer's length.
 */
export async function streamAnswer(browser: Browser, page: Page, session: CDPSession, provider: ScriptedProvider, marks: readonly number[]): Promise<Streamed> {
  const text = mixed(marks.at(-1) ?? 0)
  await page.getByRole('textbox', { name: 'Message' }).fill('Go on')
  await page.getByRole('textbox', { name: 'Message' }).press('Enter')
  const call = await provider.nextCall()
  // What came before the first word (the message itself, the run's start) is not the answer's cost.
  call.text(text.slice(0, DELTA))
  await page.locator('article[data-role=assistant]').last().locator('[data-kind=text]').filter({ hasText: /\S/ }).waitFor()
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.evaluate(() => window.pageWatch.begin())
  const figures: Mark[] = []
  const traced = await traceTasks(browser, page)
  let sent = DELTA
  let cpu = await threadTime(session)
  for (const mark of marks) {
    const from = sent
    await pace(call, text.slice(from, mark))
    sent = mark
    const now = await threadTime(session)
    const frames = await page.evaluate(() => {
      const seen = [...window.pageWatch.frames]
      window.pageWatch.begin()
      return seen
    })
    const gaps = frames.slice(1).map((at, index) => at - (frames[index] ?? 0))
    const spanMs = (frames.at(-1) ?? 0) - (frames[0] ?? 0)
    figures.push({
      chars: mark, more: mark - from, cpuS: now - cpu,
      fps: (gaps.length / spanMs) * 1000, worstFrame: Math.max(0, ...gaps),
    })
    cpu = await threadTime(session)
  }
  call.finish()
  await page.locator('article[data-role=assistant][data-status=completed]').last().waitFor()
  return { marks: figures, tasks: await traced() }
}

/** Deltas at the rate, by the clock: a timer that comes late sends what is due. */
async function pace(call: ProviderCall, text: string): Promise<void> {
  const begun = performance.now()
  for (let at = 0; at < text.length;) {
    const due = Math.ceil(((performance.now() - begun) / 1000) * PER_SECOND) * DELTA
    for (; at < Math.min(due, text.length); at += DELTA) call.text(text.slice(at, at + DELTA))
    await new Promise((resolve) => setTimeout(resolve, 1000 / PER_SECOND))
  }
}
