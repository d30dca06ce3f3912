/** Looking at a page: once it stands still, with axe's eyes. */
import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'
import axe from 'axe-core'
import type { RunOptions } from 'axe-core'

/** Waits for what fades or slides; colours half-way are nobody's. What turns for ever is left to turn, and what is skipped out of sight stands still until it is seen. */
export async function standsStill(page: Page): Promise<void> {
  // Two frames: a theme that changed sets off its transitions with the next one.
  await page.evaluate(async () => {
    await new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)) })
    const moves = ({ effect }: Animation) => effect?.getComputedTiming().iterations !== Infinity && (effect as KeyframeEffect | null)?.target?.checkVisibility({ contentVisibilityAuto: true }) !== false
    await Promise.all(document.getAnimations().filter(moves).map((animation) => animation.finished.catch(String)))
  })
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** About a whole page: in a frame they would ask for what the page around it has. */
const PAGE_RULES = ['region', 'bypass', 'landmark-one-main', 'page-has-heading-one']

/**
 * A tooltip stands outside of all landmarks, which is where it belongs. `over`: something lies over the page, in a portal of its own, which the rule
 * about landmarks does not know. axe runs in the page itself and reports violations alone: its adapter for Playwright opens a page of its own for each
 * look and describes every element that passed, which takes ten times as long.
 */
export async function passesAxe(page: Page, where: string, over = false): Promise<void> {
  await standsStill(page)
  for (const frame of page.frames()) {
    const off = frame !== page.mainFrame() ? PAGE_RULES : over ? ['region'] : []
    const options: RunOptions = { runOnly: TAGS, resultTypes: ['violations'], rules: Object.fromEntries(off.map((rule) => [rule, { enabled: false }])) }
    if (!(await frame.evaluate(() => 'axe' in window))) await frame.evaluate(axe.source)
    const { violations, passed } = await frame.evaluate(async (runOptions) => {
      const found = await (window as unknown as { axe: typeof axe }).axe.run({ exclude: ['[role=tooltip]'] }, runOptions)
      return { violations: found.violations, passed: found.passes.length }
    }, options)
    expect.soft(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join('\n')}`), where).toEqual([])
    expect(passed, `rules that axe found something to try on, ${where}`).toBeGreaterThan(0)
  }
}
