import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { seeded, seedThread } from '../test/support/seed-thread.ts'
import { expect, test } from './fixtures.ts'

const TURNS = 120
const THREAD = 'tides'
const words = (turn: number) => (turn % 40 === 3 ? `The **spr**ing [tide](https://tides.example/ebb) of turn ${turn} comes at noon.\n\nA second spring tide follows it.` : `Nothing of note in turn ${turn}. `.repeat(20))

/** The texts that are marked: all places, and the one that is looked at. */
const marks = (page: Page) => page.evaluate(() => {
  const textsOf = (name: string) => [...(CSS.highlights.get(name) ?? [])].map((range) => (range as Range).toString())
  return { found: textsOf('find').length, at: textsOf('find-at') }
})

test('Ctrl+F finds words in a chat that is longer than the page, step by step and with marks, and the palette finds what was said anywhere', async ({ app, server, provider }) => {
  const { page } = app
  await server.stop()
  seedThread(join(server.dataDir, 'holdfast.db'), THREAD, TURNS, (turn) => ({ question: turn === 60 ? `${'A line of a long question.\n'.repeat(40)}And a barnacle at its end.` : `Question ${turn}`, answer: words(turn) }))
  await server.restart()
  await app.open(`/t/${THREAD}`)
  await expect(app.answers.last()).toBeInViewport()
  await app.field.focus()

  await page.keyboard.press('Control+f')
  const bar = page.getByRole('search', { name: 'Find in this chat' })
  const field = bar.getByRole('searchbox')
  await expect(field).toBeFocused()
  await field.fill('Spring TIDE')
  // The newest is shown first; it lies far above the end, where the page was.
  await expect(bar.getByRole('status')).toHaveText('3 of 3')
  const message = (turn: number) => page.locator(`[data-message="${seeded(THREAD, turn).reply}"]`)
  await expect(message(83)).toBeInViewport()
  await expect.poll(() => marks(page)).toEqual({ found: 2, at: ['spring tide'] })
  await expect(field).toBeFocused()

  // Up to the next older one, in a part that is not loaded: first to its last place, then to its first.
  await field.press('Shift+Enter')
  await expect(bar.getByRole('status')).toHaveText('2 of 3')
  await expect(message(43)).toBeInViewport()
  const offset = () => page.evaluate(() => {
    const range = [...(CSS.highlights.get('find-at') ?? [])][0] as Range | undefined
    return range?.startContainer.parentElement?.closest('p')?.textContent ?? null
  })
  await expect.poll(offset).toContain('A second')
  await field.press('Shift+Enter')
  await expect.poll(offset).toContain('comes at noon')
  await expect(bar.getByRole('status')).toHaveText('2 of 3')
  await bar.getByRole('button', { name: 'Previous place' }).click()
  await expect(message(3)).toBeInViewport()
  await bar.getByRole('button', { name: 'Previous place' }).click()
  await bar.getByRole('button', { name: 'Previous place' }).click()
  await expect(bar.getByRole('status')).toHaveText('3 of 3') // round from the first to the last
  // In a question that is shown in part: then the whole of it is shown.
  await field.fill('barnacle')
  await expect(bar.getByRole('status')).toHaveText('1 of 1')
  const question = page.locator(`[data-message="${seeded(THREAD, 60).human}"]`)
  await expect(question.getByRole('button', { name: 'Show less' })).toBeAttached()
  await expect.poll(() => page.evaluate(() => {
    const place = ([...(CSS.highlights.get('find-at') ?? [])][0] as Range | undefined)?.getBoundingClientRect()
    const view = document.querySelector('[data-thread]')?.getBoundingClientRect()
    return place !== undefined && view !== undefined && place.height > 0 && place.top >= view.top && place.bottom <= view.bottom
  })).toBe(true)
  // What is not drawn is not found: the address of a link.
  await field.fill('tides.example')
  await expect(bar.getByRole('status')).toHaveText('Not found')

  // Esc closes it, takes the marks along, and gives the focus back; it stops no answer.
  await page.keyboard.press('Escape')
  await expect(bar).toBeHidden()
  await expect(app.field).toBeFocused()
  expect(await marks(page)).toEqual({ found: 0, at: [] })
  await app.send('Is there a tide now?')
  const call = await provider.nextCall()
  call.text('A neap tide runs. ')
  await app.shows('A neap tide runs. ')
  await page.getByRole('button', { name: 'Chat menu' }).click()
  await page.getByRole('menuitem', { name: 'Find in this chat' }).click()
  await field.fill('neap')
  await expect(bar.getByRole('status')).toHaveText('1 of 1')
  call.text('The neap tide turns.')
  await expect.poll(() => marks(page)).toEqual({ found: 2, at: ['neap'] })
  await page.keyboard.press('Escape')
  await expect(bar).toBeHidden()
  await expect(app.stopButton).toBeVisible()
  call.finish()
  await app.ends('completed')

  await page.keyboard.press('Control+Shift+O')
  // A chat that is whole on the page is left to the browser's own search: a key that is not taken goes on.
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('second spring')
  await page.getByRole('option', { name: /A second spring tide/ }).click()
  await expect(page).toHaveURL(new RegExp(`/t/${THREAD}#m-${seeded(THREAD, 83).reply}$`))
  await expect(message(83)).toBeInViewport()
})
