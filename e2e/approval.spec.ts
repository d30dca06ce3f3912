import { expect, test } from './fixtures.ts'

test.use({ agent: 'demo' })

test('an approval is asked, survives a reload, and is answered once, in the other tab', async ({ app, secondTab, asked }) => {
  await app.open()
  await app.send('Ask me for approval, fast')
  const approve = app.page.getByRole('button', { name: 'Approve' })
  await expect(approve).toBeVisible({ timeout: 20_000 })
  await expect(app.answers.last().locator('[data-part][data-kind=tool]')).toHaveAttribute('data-status', 'waiting')
  await expect(app.status).toContainText('Your decision is needed')
  await app.page.reload()
  await expect(approve).toBeVisible()

  const other = await secondTab()
  await other.open(`/t/${app.thread()}`)
  await other.page.getByRole('button', { name: 'Approve' }).click()
  await other.ends('completed')
  await app.page.bringToFront()
  await expect(approve).toBeHidden()
  await app.ends('completed')
  for (const tab of [app, other]) await expect(tab.page.locator('[data-approval][data-state=answered]')).toContainText(/Approved by .+, \d\d:\d\d/)
  const run = await asked.settled(app.thread())
  expect(run.status).toBe('completed')
  await app.page.reload()
  await expect(app.page.locator('[data-approval][data-state=answered]')).toContainText('Approved')
})

test('an approval is answered by keyboard, and denied', async ({ app }) => {
  await app.open()
  await app.send('Ask me for approval, fast')
  const deny = app.page.getByRole('button', { name: 'Deny' })
  await expect(deny).toBeVisible({ timeout: 20_000 })
  await expect(app.field).toBeFocused()
  for (let i = 0; i < 20 && !(await deny.evaluate((button) => button === document.activeElement)); i++) await app.page.keyboard.press('Shift+Tab')
  await expect(deny).toBeFocused()
  await app.page.keyboard.press('Enter')
  await expect(app.page.locator('[data-approval][data-state=answered]')).toContainText('Denied')
  await app.ends('completed')
})

test('an approval that nobody answered expires with Stop, in every tab', async ({ app, secondTab }) => {
  await app.open()
  await app.send('Ask me for approval, fast')
  await expect(app.page.getByRole('button', { name: 'Approve' })).toBeVisible({ timeout: 20_000 })
  const other = await secondTab()
  await other.open(`/t/${app.thread()}`)
  await expect(other.page.getByRole('button', { name: 'Approve' })).toBeVisible()
  await other.stopButton.click()
  for (const tab of [other, app]) {
    await tab.page.bringToFront()
    await expect(tab.page.getByRole('button', { name: 'Approve' })).toBeHidden()
    await expect(tab.page.locator('[data-approval][data-state=expired]')).toBeVisible()
  }
})

test('a waiting thread has its own mark in the list', async ({ app }) => {
  await app.open()
  await app.send('Ask me for approval, fast')
  await expect(app.page.getByRole('button', { name: 'Approve' })).toBeVisible({ timeout: 20_000 })
  await app.page.getByRole('button', { name: 'New chat' }).first().click()
  await expect(app.threads.first()).toContainText('waiting for you')
})
