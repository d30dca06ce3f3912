import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import type { App } from './app.ts'
import { seedThread, seeded } from '../test/support/seed-thread.ts'
import type { ServerProcess } from '../test/support/server-process.ts'

const TURNS = 2_500
const THREAD = 'a-long-thread'

const sentence = (turn: number, i: number) => `Sentence ${i} of answer ${turn} says enough to fill a good part of a line, as people and models do. `
const answer = (turn: number) => [
  `Answer ${turn} begins. ${sentence(turn, 1)}${sentence(turn, 2)}`,
  `- first point of ${turn}\n- second point\n- third point`,
  ...Array.from({ length: turn % 5 }, (_, i) => sentence(turn, i + 3).repeat(1 + (turn % 3))),
  turn % 4 === 0 ? `\`\`\`ts\nconst turn = ${turn}\nconsole.log(turn)\n\`\`\`` : `That was answer ${turn}.`,
].join('\n\n')

/** Writes a thread into the stopped server's database. */
async function seed(server: ServerProcess, thread: string, turns: number): Promise<void> {
  await server.stop()
  seedThread(join(server.dataDir, 'holdfast.db'), thread, turns, (turn) => ({ question: `Question ${turn}: ${'what about this? '.repeat(turn % 7)}`, answer: answer(turn) }))
  await server.restart()
}

const elements = (page: Page) => page.evaluate(() => document.querySelectorAll('*').length)
/** The turn whose answer is in the middle of the view. */
async function inTheMiddle(page: Page): Promise<number> {
  const turn = await page.evaluate(() => {
    const at = [...document.querySelectorAll<HTMLElement>('article[data-role=assistant]')].find((one) => one.getBoundingClientRect().bottom > innerHeight / 2)
    return Number(/\d+$/.exec(at?.dataset['message'] ?? '')?.[0] ?? -1)
  })
  expect(turn, 'there is text in the middle of the view').toBeGreaterThanOrEqual(0)
  return turn
}
const answerOf = (app: App, turn: number) => app.page.locator(`[data-message="${seeded(THREAD, turn).reply}"]`)

/** Turns the wheel, and waits until the page stands still after it has moved. */
async function roll(app: App, by: number): Promise<void> {
  const still = await app.scroller.evaluateHandle((box) => {
    let moved = false
    let frames = 0
    let last = box.scrollTop
    const ended = new Promise<void>((resolve) => {
      const look = () => {
        moved ||= box.scrollTop !== last
        frames = box.scrollTop === last ? frames + 1 : 0
        last = box.scrollTop
        if (moved && frames >= 12) resolve()
        else requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    })
    return { ended }
  })
  await app.page.mouse.wheel(0, by)
  await still.evaluate(({ ended }) => ended)
}

/**
 * Watches one message, frame by frame, while `act` goes on: how far it moved but for the page's own scrolling by the wheel.
 * A move of scrollTop that is no wheel's is the browser holding the text that is read, and what it holds must not move.
 */
async function steadiness(app: App, turn: number): Promise<() => Promise<number>> {
  const handle = await answerOf(app, turn).evaluateHandle((message) => {
    let worst = 0
    let stopped = false
    const start = message.getBoundingClientRect().top
    const look = () => {
      if (stopped) return
      if (message.isConnected) worst = Math.max(worst, Math.abs(message.getBoundingClientRect().top - start))
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
    return { stop: () => ((stopped = true), worst) }
  })
  return () => handle.evaluate((watch) => watch.stop())
}

test('a thread of 5,000 messages: opened at once, read upwards, led into by a link, and always a small page', async ({ app, server, provider }) => {
  await seed(server, THREAD, TURNS)
  const { page } = app

  await test.step('opens at its end, with a small page', async () => {
    await app.open()
    await expect(app.threads.first()).toBeVisible()
    const opened = await page.evaluate(async (path) => {
      const since = performance.now()
      document.querySelector<HTMLElement>(`a[href="${path}"]`)?.click()
      await new Promise<void>((done) => {
        const look = () => (document.querySelector('article[data-role=assistant]') === null ? requestAnimationFrame(look) : done())
        look()
      })
      return performance.now() - since
    }, `/t/${THREAD}`)
    await test.info().attach('opened.txt', { body: `${Math.round(opened)} ms` })
    await expect(answerOf(app, TURNS - 1)).toBeInViewport()
    expect(await elements(page)).toBeLessThan(3_000)
  })

  await test.step('what is read stays where it is while older pages come in above', async () => {
    await app.scroller.hover()
    let most = 0
    for (let screens = 0; screens < 9; screens++) {
      await roll(app, -2_200)
      // What stands in the middle of the view holds still while pages come and turns take the place of spaces.
      const probe = await inTheMiddle(page)
      const moved = await steadiness(app, probe)
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))))
      expect(await moved()).toBeLessThanOrEqual(1)
      most = Math.max(most, await elements(page))
    }
    expect(most).toBeLessThan(3_000)
    const first = await page.evaluate(() => Number(/\d+$/.exec(document.querySelector<HTMLElement>('article')?.dataset['message'] ?? '')?.[0]))
    expect(first).toBeLessThan(TURNS - 30)
  })

  await test.step('a link to a message leads to it, far from what is loaded', async () => {
    await app.open(`/t/${THREAD}#m-${seeded(THREAD, 40).reply}`)
    await expect(answerOf(app, 40)).toBeInViewport()
    await expect(answerOf(app, 40)).toBeFocused()
    expect(await elements(page)).toBeLessThan(3_000)
    // Down from there: pages come in below, and nothing above moves.
    const before = await answerOf(app, 40).boundingBox()
    await expect(answerOf(app, 41)).toBeAttached()
    const after = await answerOf(app, 40).boundingBox()
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThanOrEqual(1)
  })

  await test.step('an answer that grows at the end moves nothing that is read far above', async () => {
    await app.field.fill('And now?')
    await app.field.press('Enter')
    const call = await provider.nextCall()
    call.text('It ', 'begins. ')
    await expect.poll(() => app.answerText()).toContain('It begins.')
    await app.scroller.hover()
    await roll(app, -3_000)
    const probe = await inTheMiddle(page)
    const moved = await steadiness(app, probe)
    for (let i = 0; i < 40; i++) call.text(`Paragraph ${i} of the new answer, with some words in it.\n\n`)
    await expect.poll(() => app.answerText()).toContain('Paragraph 39')
    expect(await moved()).toBeLessThanOrEqual(1)
    call.finish()
    await app.ends('completed')
    expect(await moved()).toBeLessThanOrEqual(1)
    await app.jump.click()
    await expect(app.jump).toBeHidden()
    await expect(app.answers.last()).toContainText('Paragraph 39')
  })
})
