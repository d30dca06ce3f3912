import { join } from 'node:path'
import { seeded, seedThread } from '../test/support/seed-thread.ts'
import { expect, test } from './fixtures.ts'

const TURNS = 260
const THREAD = 'a-long-talk'

test('the questions of a long chat are listed, the one that is read marked, and lead there by keyboard, on a phone from a sheet below', async ({ app, server }) => {
  const { page } = app
  await server.stop()
  seedThread(join(server.dataDir, 'holdfast.db'), THREAD, TURNS, (turn) => ({ question: `Question number ${turn}`, answer: `Answer ${turn}. `.repeat(60) }))
  await server.restart()
  const outline = page.getByRole('dialog', { name: 'Questions in this chat' })
  const current = outline.locator('[aria-current=true]')
  const question = (turn: number) => page.locator(`[data-message="${seeded(THREAD, turn).human}"]`)

  await app.open(`/t/${THREAD}`)
  await expect(app.answers.last()).toBeInViewport()
  await page.keyboard.press('Control+Shift+L')
  await expect(current).toContainText(`Question number ${TURNS - 1}`)
  await expect(current).toBeFocused()
  // All of them are there, the oldest once somebody goes that far.
  await page.keyboard.press('Home')
  await expect(outline.getByRole('button', { name: /Question number 0\b/ })).toBeAttached()
  await outline.getByRole('button', { name: /Question number 12\b/ }).focus()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await expect(outline).toBeHidden()
  await expect(question(11)).toBeInViewport()
  await expect(question(11)).toBeFocused()

  await page.setViewportSize({ width: 390, height: 780 })
  // A window that gets narrow, or a phone that is turned, keeps the place.
  await expect(question(11)).toBeInViewport()
  await page.getByRole('button', { name: 'Chat menu' }).click()
  await page.getByRole('menuitem', { name: 'Questions in this chat' }).click()
  await expect(current).toContainText('Question number 11')
  await expect(current).toBeInViewport()
  const sheet = await outline.boundingBox()
  expect(Math.round((sheet?.y ?? 0) + (sheet?.height ?? 0))).toBe(780)
  expect(sheet?.width).toBe(390)
  await page.keyboard.press('Escape')
  await expect(outline).toBeHidden()
})
