import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'

/** As a browser does with a tab that another one covers. */
async function setVisible(page: Page, visible: boolean): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state })
    document.dispatchEvent(new Event('visibilitychange'))
  }, visible ? 'visible' : 'hidden')
}

test('what waits or is done unseen marks title and icon in every tab, notifies once while all are hidden, and is cleared in all of them by being opened', async ({ app, provider, secondTab, context }) => {
  const { page } = app
  await context.grantPermissions(['notifications'])
  await context.addInitScript(() => {
    const told: { title: string; body: string }[] = []
    class Recorded extends EventTarget {
      static readonly permission = 'granted'
      static requestPermission = () => Promise.resolve('granted')
      constructor(title: string, options: { body: string }) {
        super()
        told.push({ title, body: options.body })
        Object.assign(window, { press: () => this.dispatchEvent(new Event('click')) })
      }
      close() {}
    }
    Object.assign(window, { Notification: Recorded, told })
  })
  const told = async (one: Page) => one.evaluate(() => (window as unknown as { told: { title: string; body: string }[] }).told)
  const icon = (one: Page) => one.locator('link[rel=icon]')

  await app.open()
  await app.send('Take your time')
  const call = await provider.nextCall()
  call.text('Half of it')
  await app.shows('Half of it')
  const slow = app.thread()
  await expect(icon(page)).toHaveAttribute('href', '/favicon-running.svg')

  const other = await secondTab()
  await other.open()
  await expect(icon(other.page)).toHaveAttribute('href', '/favicon-running.svg')
  await other.page.keyboard.press('Control+k')
  await other.page.getByRole('combobox').fill('notify')
  await other.page.keyboard.press('Enter')
  await expect.poll(() => page.evaluate(() => localStorage.getItem('holdfast:preferences'))).toContain('"notifications":true')

  await setVisible(page, false)
  await setVisible(other.page, false)
  call.text(', and the rest.')
  call.finish()
  for (const one of [page, other.page]) {
    await expect(one).toHaveTitle(/^\(1\) /)
    await expect(icon(one)).toHaveAttribute('href', '/favicon-unread.svg')
  }
  await expect.poll(async () => [...(await told(page)), ...(await told(other.page))].map((notice) => notice.body)).toEqual(['The answer is ready.'])

  // Its click brings the thread into view, in the tab that told of it.
  const teller = (await told(page)).length > 0 ? page : other.page
  await setVisible(teller, true)
  await teller.evaluate(() => (window as unknown as { press(): void }).press())
  await expect(teller).toHaveURL(new RegExp(`/t/${slow}$`))
  for (const one of [page, other.page]) {
    await expect(one).not.toHaveTitle(/^\(/)
    await expect(icon(one)).toHaveAttribute('href', '/favicon.svg')
  }

  // Somebody looks at one of the tabs: a mark in it, and no notification.
  await setVisible(other.page, true)
  await setVisible(page, false)
  await other.page.keyboard.press('Control+Shift+O')
  await other.send('Another one')
  const next = await provider.nextCall()
  next.text('Quick.')
  await other.shows('Quick.')
  await other.page.keyboard.press('Control+Shift+O')
  next.finish()
  await expect(other.page).toHaveTitle(/^\(1\) /)
  expect([...(await told(page)), ...(await told(other.page))]).toHaveLength(1)
})
