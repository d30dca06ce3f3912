import { expect, test } from './fixtures.ts'

test.use({ serviceWorkers: 'allow' })

test('the server is killed in mid-answer and started again under an open page: the text stays, the page heals by itself', async ({ app, provider, server, asked }) => {
  await app.open()
  await app.send('Long live the text')
  const call = await provider.nextCall()
  call.text('What was said ', 'before the crash')
  await app.shows('What was said before the crash')
  await server.kill()
  await expect(app.status).toContainText(/Reconnecting|does not answer/)
  await app.shows('What was said before the crash')
  await server.restart()
  await app.ends('interrupted')
  await app.shows('What was said before the crash')
  await expect(app.page.locator('[data-outcome=interrupted]')).toBeVisible()
  await expect(app.status).not.toContainText(/Reconnecting|does not answer/)
  expect((await asked.settled(app.thread())).status).toBe('interrupted')
  expect(await asked.savedText(app.thread())).toBe('What was said before the crash')

  await app.send('Go on')
  const next = await provider.nextCall()
  next.text('And on it goes.')
  next.finish()
  await app.shows('And on it goes.')
  await app.ends('completed')
})

test('the server is killed while words pour in: every word that was shown is kept', async ({ app, provider, server, asked }) => {
  await app.open()
  await app.send('Pour')
  const call = await provider.nextCall()
  let sent = 0
  const pour = setInterval(() => call.text(`w${sent++} `), 5)
  try {
    await expect.poll(async () => (await app.answerText()).length, { intervals: [20] }).toBeGreaterThan(300)
    await server.kill()
  } finally {
    clearInterval(pour)
  }
  const shownText = await app.answerText()
  await server.restart()
  await app.ends('interrupted')
  await asked.settled(app.thread())
  const saved = await asked.savedText(app.thread())
  expect(saved.startsWith(shownText)).toBe(true)
  await app.shows(saved)
})

test('the server is killed after Stop was pressed: the run is cancelled, not interrupted', async ({ app, provider, server, asked }) => {
  await app.open()
  await app.send('Stop, then crash')
  const call = await provider.nextCall()
  call.text('Partial')
  await app.shows('Partial')
  await app.stopButton.click()
  await call.aborted
  await server.kill()
  await server.restart()
  await app.ends('cancelled')
  await app.shows('Partial')
  expect((await asked.settled(app.thread())).status).toBe('cancelled')
})

test('a planned shutdown drains: a run that ends in time is whole', async ({ app, provider, server, asked }) => {
  await app.open()
  await app.send('Nearly done')
  const call = await provider.nextCall()
  call.text('Almost')
  await app.shows('Almost')
  const stopped = server.stop()
  call.text(' there.')
  call.finish()
  expect(await stopped).toBe(0)
  await server.restart()
  await app.shows('Almost there.')
  await app.ends('completed')
  expect((await asked.settled(app.thread())).status).toBe('completed')
})

test('what was typed survives the death of the server and of the page', async ({ app, provider, server }) => {
  await app.open()
  await app.send('Open a thread')
  const call = await provider.nextCall()
  call.text('Open.')
  call.finish()
  await app.ends('completed')
  await app.field.fill('half a thought')
  await server.kill()
  await server.restart()
  await expect(app.field).toHaveValue('half a thought')
  await app.page.reload()
  await expect(app.field).toHaveValue('half a thought')
})

test.describe('a full disk', () => {
  test.use({ diskMb: 32 })

  test('is said under an answer that waits for room, and the answer goes on when there is some', async ({ app, provider, server, asked }) => {
    await app.open()
    await app.send('Fill up')
    const call = await provider.nextCall()
    call.text('Before the disk was full, ')
    await app.shows('Before the disk was full, ')
    await server.fillDisk(true)
    // More than lies free in the pages that the database has already.
    const much = 'x'.repeat(300_000)
    call.text(much)
    await expect(app.status).toContainText('The server’s disk is full. The answer goes on when there is room.')
    await app.shows('Before the disk was full, ')
    // Who comes to it now hears it too, and the new page shows what is journaled.
    await app.page.reload()
    await app.shows('Before the disk was full, ')
    await expect(app.status).toContainText('The server’s disk is full.')
    await server.fillDisk(false)
    await expect(app.status).not.toContainText('disk')
    call.text(' and after.')
    call.finish()
    await app.ends('completed')
    await asked.settled(app.thread())
    expect(await asked.savedText(app.thread())).toBe(`Before the disk was full, ${much} and after.`)
  })
})
