import type { Page } from '@playwright/test'
import { png } from '../test/support/pictures.ts'
import { expect, test } from './fixtures.ts'

const chips = (page: Page) => page.locator('[data-attached]')
const answer = async (provider: { nextCall(): Promise<{ request: { body: unknown }; text(words: string): void; finish(): void }> }, words: string) => {
  const call = await provider.nextCall()
  call.text(words)
  call.finish()
  return (call.request.body as { messages: { content: unknown }[] }).messages.at(-1)?.content
}

test('a picture and a text are attached, one fails and is retried, both outlive a reload, and the model gets them', async ({ app, provider, asked, server, shown }) => {
  const { page } = app
  await app.open()
  let broken = true
  await page.route(/\/api\/files\/.*notes/, (route) => (broken ? route.fulfill({ status: 507, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'Full', status: 507, detail: 'The server’s disk has no room for this file.' }) }) : route.continue()))
  const chosen = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Attach files' }).click()
  await (await chosen).setFiles([
    { name: 'tide.png', mimeType: 'image/png', buffer: png(900, 300) }, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('High at four.') },
    { name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>') }, { name: 'huge.bin', mimeType: '', buffer: Buffer.alloc(20 * 1024 * 1024 + 1) },
  ])
  await expect(page.getByRole('alert')).toContainText('huge.bin is larger than 20 MB')
  await expect(chips(page)).toHaveCount(3)
  await expect(chips(page).nth(0)).toHaveAttribute('data-status', 'done')
  await expect(chips(page).nth(1)).toContainText('no room for this file')
  broken = false
  // By keyboard: from the field back through the chips.
  await page.getByRole('button', { name: 'Upload notes.txt again' }).press('Enter')
  await expect(chips(page).nth(1)).toHaveAttribute('data-status', 'done')
  await app.field.fill('What do they say?')
  await page.reload()
  await expect(chips(page)).toHaveText([/tide\.png/, /notes\.txt/, /logo\.svg/])
  await expect(app.field).toHaveValue('What do they say?')
  await page.getByRole('button', { name: 'Remove logo.svg' }).press('Enter')
  await expect(page.getByRole('button', { name: 'Remove notes.txt' })).toBeFocused()
  await app.sendButton.click()
  expect(await answer(provider, 'High water at four.')).toEqual([
    { type: 'text', text: 'What do they say?' }, { type: 'text', text: '[Attached picture "tide.png"]' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${png(900, 300).toString('base64')}` } },
    { type: 'text', text: '[Attached file "notes.txt"]\nHigh at four.\n[End of "notes.txt"]' },
  ])
  await app.ends('completed')
  await expect(chips(page)).toHaveCount(0)
  await asked.settled(app.thread())

  // The picture's room is there before the picture is, so nothing below it moves when it comes.
  let release = () => {}
  const held = new Promise<void>((resolve) => { release = resolve })
  await page.route(/\/api\/files\//, async (route) => { await held; await route.continue() })
  await page.reload()
  await app.shows('High water at four.')
  const picture = app.questions.getByRole('link', { name: 'Picture tide.png' }).locator('img')
  const before = await app.answers.last().boundingBox()
  expect(await picture.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.width, img.height])).toEqual([0, 360, 120])
  release()
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(900)
  expect(await app.answers.last().boundingBox()).toEqual(before)
  const saved = page.waitForEvent('download')
  await app.questions.getByRole('link', { name: 'Save notes.txt' }).click()
  expect((await saved).suggestedFilename()).toBe('notes.txt')

  // Edit keeps them, on a branch of its own.
  shown.mayLeave()
  await app.questions.hover()
  await app.questions.getByRole('button', { name: 'Edit' }).click()
  await page.getByRole('textbox', { name: 'Edit the message' }).fill('And now?')
  await page.keyboard.press('Enter')
  expect(await answer(provider, 'The same.')).toMatchObject([{ text: 'And now?' }, {}, { type: 'image_url' }, { type: 'text' }])
  await app.shows('The same.')

  // A server on a real socket says no to what is too large, whatever the page would have done.
  const refused = await fetch(`${server.url}/api/files/AAAAAAAAAAAAAAAAAAAAAA?name=big`, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(21 * 1024 * 1024) })
  expect(refused.status).toBe(413)
})

test('a long paste becomes a file and words again, files are dropped, and a send without a network makes one turn, files and all', async ({ app, provider, asked, context }) => {
  const { page } = app
  await app.open()
  await app.field.fill('Read: ')
  const paste = (text: string) => app.field.evaluate((field, words) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', words)
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
  const long = 'The tide comes in. '.repeat(500)
  await paste(long)
  await expect(chips(page)).toContainText('Pasted text.txt')
  await expect(app.field).toHaveValue('Read: ')
  await page.getByRole('button', { name: 'Insert as text instead' }).click()
  await expect(app.field).toHaveValue(`Read: ${long}`)
  await expect(chips(page)).toHaveCount(0)
  await app.field.fill('Look at this')

  // A picture from the clipboard, as a browser itself pastes it.
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate(async (bytes) => navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([new Uint8Array(bytes)], { type: 'image/png' }) })]), [...png(24, 16)])
  await app.field.press('Control+v')
  await expect(chips(page).locator('img')).toBeVisible()
  await expect(app.field).toHaveValue('Look at this')
  await chips(page).getByRole('button', { name: /^Remove / }).click()
  await expect(chips(page)).toHaveCount(0)

  await page.evaluate((bytes) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([new Uint8Array(bytes)], 'dropped.png', { type: 'image/png' }))
    const target = document.querySelector('main') ?? document.body
    for (const type of ['dragenter', 'dragover']) target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
    Object.assign(window, { dropIt: () => target.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })) })
  }, [...png(40, 30)])
  await expect(page.getByText('Drop files to attach them')).toBeVisible()

  // From here on nothing reaches the server.
  await context.route(/\/api\//, (route) => route.abort())
  await page.evaluate(() => (window as unknown as { dropIt: () => void }).dropIt())
  await expect(page.getByText('Drop files to attach them')).toHaveCount(0)
  await expect(chips(page)).toContainText('cannot be reached')
  await app.field.press('Enter')
  await expect(app.questions).toContainText('Waiting to be sent')
  await expect(app.questions.locator('img')).toBeVisible()
  await page.reload()
  await expect(app.questions).toContainText('Waiting to be sent')
  await expect.poll(() => app.questions.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth), { message: 'drawn from this browser’s own bytes' }).toBe(40)
  await context.unroute(/\/api\//)
  expect(await answer(provider, 'A dropped picture.')).toMatchObject([{ text: 'Look at this' }, { text: '[Attached picture "dropped.png"]' }, { type: 'image_url' }])
  await app.shows('A dropped picture.')
  await app.ends('completed')
  await asked.settled(app.thread())
  expect((await asked.messages(app.thread())).messages).toHaveLength(2)
  await page.reload()
  await app.shows('A dropped picture.')
  await expect(app.questions).toHaveCount(1)
  expect(provider.calls).toHaveLength(1)
})
