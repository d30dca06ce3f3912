import { expect, test } from './fixtures.ts'

test('chats are pinned, archived, brought back, deleted and undone, in every tab; search finds them and jumps to the place', async ({ app, provider, asked, secondTab }) => {
  const { page } = app
  await app.open()
  const threads: string[] = []
  for (const [question, answer] of [['Where do okapis live?', 'In the for**ests** of the [Con](https://hidden.example)go.'], ['Tell me of 東京タワー', `${'A long line.\n\n'.repeat(60)}It was built in 1958, near a café.`]] as const) {
    if (threads.length > 0) await page.getByRole('button', { name: 'New chat' }).first().click()
    await app.send(question)
    const call = await provider.nextCall()
    call.text(answer)
    call.finish()
    await app.ends('completed')
    threads.push(app.thread())
    await asked.settled(app.thread())
  }
  const [okapi, tower] = threads as [string, string]
  const other = await secondTab()
  await other.open()
  await expect(other.threads).toHaveCount(2)

  const choose = async (title: string, item: string) => {
    await page.getByRole('button', { name: `Options for “${title}”` }).click()
    await page.getByRole('menuitem', { name: item, exact: true }).click()
  }
  await choose('Where do okapis live?', 'Pin')
  const pinned = (of: typeof page) => of.getByRole('navigation', { name: 'Chats' }).locator('section', { has: of.getByRole('heading', { name: 'Pinned' }) }).getByRole('link')
  for (const of of [page, other.page]) await expect(pinned(of)).toHaveAttribute('href', `/t/${okapi}`)
  await page.reload()
  await expect(pinned(page)).toHaveAttribute('href', `/t/${okapi}`)

  await choose('Where do okapis live?', 'Archive')
  for (const tab of [app, other]) await expect(tab.threads).toHaveCount(1)
  await page.getByRole('button', { name: 'Archived' }).click()
  await expect(app.threads).toHaveAttribute('href', `/t/${okapi}`)
  await choose('Where do okapis live?', 'Move out of archive')
  await expect(app.threads).toHaveCount(0)
  await expect(page.getByRole('navigation', { name: 'Chats' })).toContainText('Nothing is archived.')
  await page.getByRole('button', { name: 'Back to chats' }).click()
  for (const tab of [app, other]) await expect(tab.threads).toHaveCount(2)

  await choose('Where do okapis live?', 'Delete')
  for (const tab of [app, other]) await expect(tab.threads).toHaveCount(1)
  // Not that of the chat that was archived before, which may still be there.
  await page.locator('[data-toast]', { hasText: 'Deleted' }).getByRole('button', { name: 'Undo' }).click()
  for (const tab of [app, other]) await expect(tab.threads).toHaveCount(2)

  // Out as JSON and in again: a chat of its own that is the same.
  const saved = page.waitForEvent('download')
  await choose('Where do okapis live?', 'Export as JSON')
  const file = await (await saved).path()
  await page.getByRole('button', { name: 'Archived' }).click()
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Import chats…' }).click()
  await (await chooser).setFiles(file)
  await expect(page.getByText('One chat imported.')).toBeVisible()
  await expect(app.answers.last()).toContainText('forests of the Congo')
  const copy = app.thread()
  expect(copy).not.toBe(okapi)
  const [one, two] = [await asked.messages(okapi), await asked.messages(copy)]
  expect(two.messages.map(({ run: _run, ...message }) => message)).toEqual(one.messages.map(({ run: _run, ...message }) => message))
  await page.getByRole('button', { name: 'Back to chats' }).click()
  for (const tab of [app, other]) await expect(tab.threads).toHaveCount(3)
  await page.locator(`li:has(a[href="/t/${copy}"])`).getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(app.threads).toHaveCount(2)

  // By words, by the beginning of one without its accent, by a part of a text without spaces, and never a syntax error.
  const search = page.getByRole('searchbox', { name: 'Search chats' })
  await search.fill('okap')
  await expect(app.threads).toHaveCount(1)
  await expect(app.threads.locator('mark')).toContainText(['okapis'])
  await search.fill('"CAFE (1958')
  await expect(app.threads).toHaveAttribute('href', new RegExp(`^/t/${tower}`))
  await expect(app.threads.locator('mark')).toHaveText(['1958', 'café'])
  await search.fill('京タ')
  await expect(app.threads.locator('mark').first()).toHaveText('京タ')
  await search.fill('nowhere')
  await expect(page.getByText('Nothing found for “nowhere”.')).toBeVisible()

  // By what is shown: a word is whole whatever marks go through it, and where a link leads is not shown.
  await search.fill('hidden')
  await expect(page.getByText('Nothing found for “hidden”.')).toBeVisible()
  await search.fill('forests congo')
  await expect(app.threads.locator('mark')).toHaveText(['forests', 'Congo'])

  // By keyboard, to the message that says it.
  await search.fill('forests')
  await expect(app.threads).toHaveCount(1)
  await search.press('ArrowDown')
  await expect(app.threads.first()).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(search).toBeFocused()
  await search.press('Enter')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/t/${okapi}#m-`))
  await expect(app.answers.last()).toContainText('forests of the Congo')
  await search.press('Escape')
  await expect(app.threads).toHaveCount(2)
})

test('a message written while the network is down survives a reload and goes out by itself, once, when it is back', async ({ app, provider, asked, secondTab }) => {
  const { page } = app
  await app.open()
  await app.send('First')
  const first = await provider.nextCall()
  first.text('Here.')
  first.finish()
  await app.ends('completed')
  const thread = app.thread()
  await asked.settled(thread)
  const other = await secondTab()
  await other.open(`/t/${thread}`)

  await page.route('**/api/threads/*/runs', (route) => route.abort())
  await app.send('Are you there?')
  await expect(app.questions.last()).toHaveAttribute('data-status', 'waiting')
  await expect(app.questions.last()).toContainText('Waiting to be sent.')
  await expect(app.field).toHaveValue('')
  await page.reload()
  await expect(app.questions.last()).toContainText('Are you there?')
  await expect(app.questions.last()).toHaveAttribute('data-status', 'waiting')
  // Another tab finds it too, and both send it now.
  await Promise.all([page.unroute('**/api/threads/*/runs'), other.page.reload()])
  const second = await provider.nextCall()
  second.text('Yes.')
  second.finish()
  for (const tab of [app, other]) {
    await tab.shows('Yes.')
    await expect(tab.questions).toHaveCount(2)
    await expect(tab.page.getByText('Waiting to be sent.')).toHaveCount(0)
  }
  await asked.settled(thread)
  expect((await asked.messages(thread)).messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user', 'assistant'])
})
