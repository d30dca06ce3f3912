/** Looking at a page: once it stands still, with axe's eyes. */
import AxeBuilder from '@axe-core/playwright'
import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'

/** Waits for what fades or slides; colours half-way are nobody's. What turns for ever is left to turn. */
export async function standsStill(page: Page): Promise<void> {
  // Two frames: a theme that changed sets off its transitions with the next one.
  await page.evaluate(async () => {
    await new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)) })
    await Promise.all(document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity).map((animation) => animation.finished.catch(String)))
  })
}

/** A tooltip stands outside of all landmarks, which is where it belongs. `over`: something lies over the page, in a portal of its own, which the rule about landmarks does not know. */
export async function passesAxe(page: Page, where: string, over = false): Promise<void> {
  await standsStill(page)
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).exclude('[role=tooltip]').disableRules(over ? ['region'] : []).analyze()
  expect.soft(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join('\n')}`), where).toEqual([])
}
