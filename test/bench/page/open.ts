/** Opening a thread: how long until its end is drawn and the page answers again, and how many elements that makes. */
import type { CDPSession, Page } from '@playwright/test'
import { threadTime } from '../tasks.ts'
import type {} from './watch-page.ts'

export interface Opened {
  /** From the press on its link, ms. */
  readonly switchMs: number
  /** Processor time of the main thread meanwhile, ms: what of it is the page's own. */
  readonly switchCpuMs: number
  /** From the navigation to its address, ms: the program is loaded and started, too. */
  readonly loadMs: number
  readonly elements: number
}

/** Middle of three, each in a page that was just loaded. */
export async function openThread(page: Page, session: CDPSession, origin: string, thread: string): Promise<Opened> {
  const loadMs: number[] = []
  const switchMs: number[] = []
  const switchCpuMs: number[] = []
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  let elements = 0
  for (let round = 0; round < 3; round++) {
    await page.goto(`${origin}/t/${thread}`)
    loadMs.push(await page.evaluate(() => window.pageWatch.drawn()))
    elements = await page.evaluate(() => document.querySelectorAll('*').length)
    await page.goto(`${origin}/`)
    const link = page.getByRole('navigation', { name: 'Chats' }).locator(`a[href$="${thread}"]`)
    await link.waitFor()
    const before = await threadTime(session)
    switchMs.push(await link.evaluate(async (element) => {
      const begun = performance.now()
      ;(element as HTMLElement).click()
      return (await window.pageWatch.drawn()) - begun
    }))
    switchCpuMs.push(((await threadTime(session)) - before) * 1000)
  }
  return { loadMs: middle(loadMs), switchMs: middle(switchMs), switchCpuMs: middle(switchCpuMs), elements }
}

const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
