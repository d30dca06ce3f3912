import { expect, test } from './fixtures.ts'
import type { App } from './app.ts'

const paragraphs = (from: number, count: number) => Array.from({ length: count }, (_, i) => `Paragraph ${from + i}, with enough words in it to fill a line or two of the page that is being read.\n\n`)
const distance = (app: App) => app.scroller.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)

test('new content keeps the bottom in view, until one turn of the wheel; the pill brings it back', async ({ app, provider }) => {
  await app.open()
  await app.send('A long one')
  const call = await provider.nextCall()
  call.text(...paragraphs(0, 30))
  await expect.poll(() => app.answerText()).toContain('Paragraph 29')
  await expect.poll(() => distance(app)).toBeLessThan(3)
  await expect(app.jump).toBeHidden()

  await app.scroller.hover()
  const top = await app.scrollsUp(() => app.page.mouse.wheel(0, -120))
  await expect(app.jump).toBeVisible()
  call.text(...paragraphs(30, 30))
  await expect.poll(() => app.answerText()).toContain('Paragraph 59')
  expect(Math.abs((await app.scroller.evaluate((box) => box.scrollTop)) - top)).toBeLessThanOrEqual(1)

  await app.jump.click()
  await expect.poll(() => distance(app)).toBeLessThan(3)
  await expect(app.jump).toBeHidden()
  call.text(...paragraphs(60, 10))
  await expect.poll(() => app.answerText()).toContain('Paragraph 69')
  await expect.poll(() => distance(app)).toBeLessThan(3)
  call.finish()
  await app.ends('completed')
  await expect.poll(() => distance(app)).toBeLessThan(3)
})

test('a key releases following too, while words pour in', async ({ app, provider }) => {
  await app.open()
  await app.send('Pour')
  const call = await provider.nextCall()
  call.text(...paragraphs(0, 40))
  await expect.poll(() => app.answerText()).toContain('Paragraph 39')
  let sent = 40
  const pour = setInterval(() => call.text(...paragraphs(sent++, 1)), 10)
  try {
    await app.scroller.focus()
    const top = await app.scrollsUp(() => app.page.keyboard.press('PageUp'))
    await expect(app.jump).toBeVisible()
    const upTo = sent + 20
    await expect.poll(() => app.answerText()).toContain(`Paragraph ${upTo}`)
    expect(Math.abs((await app.scroller.evaluate((box) => box.scrollTop)) - top)).toBeLessThanOrEqual(1)
  } finally {
    clearInterval(pour)
  }
  call.finish()
  await app.ends('completed')
})

test('the end of an answer, and its settling, never move the text that is read', async ({ app, provider, asked }) => {
  await app.open()
  await app.send('Read above')
  const call = await provider.nextCall()
  call.text(...paragraphs(0, 40))
  await expect.poll(() => app.answerText()).toContain('Paragraph 39')
  await app.scroller.hover()
  await app.scrollsUp(() => app.page.mouse.wheel(0, -900))
  await expect(app.jump).toBeVisible()
  const line = app.answers.last().getByText('Paragraph 28,')
  const before = await line.boundingBox()
  call.finish()
  await app.ends('completed')
  await asked.settled(app.thread())
  await expect.poll(() => app.page.evaluate((thread) => sessionStorage.getItem(`lg:stream:${thread}`), app.thread())).toBeNull()
  expect(Math.abs(((await line.boundingBox())?.y ?? 0) - (before?.y ?? 0))).toBeLessThanOrEqual(1)
})

test('each thread keeps its reading position', async ({ app, provider }) => {
  await app.open()
  await app.send('Long thread')
  const call = await provider.nextCall()
  call.text(...paragraphs(0, 60))
  call.finish()
  await app.ends('completed')
  const first = app.thread()
  await app.scroller.hover()
  const top = await app.scrollsUp(() => app.page.mouse.wheel(0, -1500))
  await expect(app.jump).toBeVisible()
  await app.page.getByRole('button', { name: 'New chat' }).first().click()
  await expect(app.scroller).toHaveCount(0)
  await app.page.locator(`a[href="/t/${first}"]`).click()
  await expect.poll(async () => Math.abs((await app.scroller.evaluate((box) => box.scrollTop)) - top)).toBeLessThanOrEqual(1)
})

test('a selection survives streaming', async ({ app, provider }) => {
  await app.open()
  await app.send('Select')
  const call = await provider.nextCall()
  call.text('Select these words. ', 'Then ')
  await app.shows('Select these words. Then ')
  await app.answers.last().getByText('Select these words').dblclick({ position: { x: 10, y: 10 } })
  const selected = await app.page.evaluate(() => getSelection()?.toString())
  expect(selected).not.toBe('')
  call.text('more', ' and more.')
  await app.shows('Select these words. Then more and more.')
  expect(await app.page.evaluate(() => getSelection()?.toString())).toBe(selected)
  call.finish()
  await app.ends('completed')
  expect(await app.page.evaluate(() => getSelection()?.toString())).toBe(selected)
})

test('code has its language and a button that copies the exact source', async ({ app, provider }) => {
  await app.open()
  await app.send('Code')
  const source = 'const a = `x`\n\tif (a < 1 && "b") {}\n'
  const call = await provider.nextCall()
  call.text('Look:\n\n```ts\n', source, '```\n\nThat is it.')
  call.finish()
  await app.ends('completed')
  const answer = app.answers.last()
  await expect(answer).toContainText('ts')
  await answer.getByRole('button', { name: /Copy code|^Copy$/ }).first().click()
  await expect.poll(() => app.page.evaluate(() => navigator.clipboard.readText())).toBe(source.trimEnd())
})

test('the line under an answer stays where it is when the answer ends', async ({ app, provider }) => {
  await app.open()
  await app.send('Stay')
  const call = await provider.nextCall()
  call.text('Words that stay.')
  await app.shows('Words that stay.')
  const place = () => app.page.getByRole('button', { name: /^[\d.]+ s/ }).evaluate((line) => {
    const { left, top, height } = line.getBoundingClientRect()
    return { left, top, height, scrolls: document.querySelector('[data-thread]')?.scrollHeight }
  })
  const live = await place()
  call.finish()
  await app.ends('completed')
  await expect(app.page.getByRole('button', { name: 'Copy', exact: true }).last()).toBeVisible()
  expect(await place()).toEqual(live)
})
