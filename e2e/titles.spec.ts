import { expect, test } from './fixtures.ts'

test('a title comes after the first exchange, everywhere at once, outlives a restart, and never takes the place of a name that was given meanwhile', async ({ app, provider, server, asked }) => {
  const { page } = app
  provider.holdTitles()
  const exchange = async (question: string, answer: string) => {
    await app.send(question)
    const call = await provider.nextCall()
    call.text(answer)
    call.finish()
    await app.ends('completed')
  }
  const title = (name: string) => page.getByRole('heading', { level: 1, name, exact: true })
  await app.open()
  await exchange('When is high water today?', 'At noon.')
  const first = await provider.nextTitle()
  await expect(title('When is high water today?')).toBeVisible()
  first.text('Title: High water today')
  first.finish()
  await expect(title('High water today')).toBeVisible()
  await expect(app.threads.first()).toContainText('High water today')
  await expect(page).toHaveTitle('High water today')

  await page.keyboard.press('Control+Shift+O')
  await exchange('And low water?', 'At six.')
  const second = await provider.nextTitle()
  await page.getByRole('button', { name: 'Options for “And low water?”' }).click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await page.getByRole('textbox', { name: 'New title' }).fill('My own name')
  await page.keyboard.press('Enter')
  await expect(title('My own name')).toBeVisible()
  second.text('Low water')
  second.finish()

  await asked.settled(app.thread())
  const thread = app.thread()
  await server.restart()
  await app.open(`/t/${thread}`)
  await exchange('Once more?', 'At six, still.')
  await asked.settled(app.thread())
  await expect(app.threads).toHaveText([/My own name/, /High water today/])
  const titles = provider.requests.filter((request) => request.body?.max_tokens !== undefined)
  expect(titles).toHaveLength(2)
})
