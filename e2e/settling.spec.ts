import { expect, test } from './fixtures.ts'

/** Marks what the last answer consists of now, and keeps its HTML as it is in the moment when the agent is done. */
const mark = () => {
  for (const node of document.querySelectorAll('article[data-role=assistant] [data-part], article[data-role=assistant] [data-part] *')) Object.assign(node, { before: true })
  document.querySelector('[data-thread]')?.addEventListener('scroll', () => Object.assign(window, { scrolled: true }))
  const look = () => {
    const answer = [...document.querySelectorAll('article[data-role=assistant]')].at(-1)
    if (answer?.getAttribute('data-status') !== 'completed') requestAnimationFrame(look)
    else Object.assign(window, { doneHtml: answer.querySelector('[data-part][data-kind=text]')?.innerHTML })
  }
  look()
}
const seen = () => {
  const page = window as Window & { readonly doneHtml?: string; readonly scrolled?: boolean }
  const parts = [...document.querySelectorAll('article[data-role=assistant] [data-part], article[data-role=assistant] [data-part] *')]
  const fresh = parts.filter((node) => (node as Element & { readonly before?: boolean }).before !== true).map((node) => node.outerHTML)
  return { doneHtml: page.doneHtml, scrolled: page.scrolled === true, fresh, html: [...document.querySelectorAll('article[data-role=assistant] [data-part][data-kind=text]')].at(-1)?.innerHTML }
}

for (const delayMs of [500, 3000, 10_000]) {
  test(`the agent is done ${delayMs / 1000} s before its answer is saved: the page does not change`, async ({ app, provider, server, asked }) => {
    await app.open()
    server.settleDelay(delayMs)
    await app.send('Settle late')
    const call = await provider.nextCall()
    call.text('First.\n\n- one\n- two\n\n', 'Last **words**.')
    await expect.poll(() => app.answerText()).toContain('Last words.')
    await app.page.evaluate(mark)
    call.finish()
    await app.ends('completed')
    // Only where a slow machine has the time to look before it is.
    if (delayMs === 10_000) expect((await asked.messages(app.thread())).runs.at(-1)?.settled ?? false).toBe(false)
    await asked.settled(app.thread())
    // The page has heard of it once it no longer remembers the run.
    await expect.poll(() => app.page.evaluate((thread) => sessionStorage.getItem(`lg:stream:${thread}`), app.thread())).toBeNull()
    const now = await app.page.evaluate(seen)
    expect(now).toEqual({ doneHtml: now.html, html: now.html, scrolled: false, fresh: [] })
    const before = now.html
    await app.page.reload()
    await expect.poll(() => app.answers.last().locator('[data-part][data-kind=text]').innerHTML()).toBe(before)
  })
}

test('a reload while the answer is not yet saved shows it all the same', async ({ app, provider, server, asked }) => {
  await app.open()
  server.settleDelay('hold')
  await app.send('Reload in the window')
  const call = await provider.nextCall()
  call.text('Not saved, not lost.')
  call.finish()
  await app.ends('completed')
  await app.page.reload()
  await app.shows('Not saved, not lost.')
  await app.ends('completed')
  server.settleDelay(0)
  await asked.settled(app.thread())
  await app.shows('Not saved, not lost.')
})

test('a message sent inside the settling window starts its own run, and both answers stay', async ({ app, provider, server, asked }) => {
  await app.open()
  server.settleDelay('hold')
  await app.send('First question')
  const first = await provider.nextCall()
  first.text('First answer.')
  first.finish()
  await app.ends('completed')
  await app.send('Second question')
  const second = await provider.nextCall()
  second.text('Second')
  await app.shows('Second')
  await expect(app.answers).toHaveCount(2)
  await expect(app.answers.first()).toContainText('First answer.')
  // The first run is saved while the second one streams: its finalizer must leave the second alone.
  server.settleDelay(0)
  second.text(' answer')
  await app.shows('Second answer')
  await expect(app.stopButton).toBeVisible()
  second.text('.')
  second.finish()
  await app.shows('Second answer.')
  await app.ends('completed')
  await asked.settled(app.thread())
  await expect(app.answers).toHaveCount(2)
  await expect(app.answers.first()).toContainText('First answer.')
  await app.page.reload()
  await expect(app.answers).toHaveCount(2)
  await expect(app.questions).toHaveCount(2)
})

test('the server is killed inside the settling window: the answer is saved after the restart', async ({ app, provider, server, asked }) => {
  await app.open()
  server.settleDelay('hold')
  await app.send('Crash in the window')
  const call = await provider.nextCall()
  call.text('Ended, not settled.')
  call.finish()
  await app.ends('completed')
  await server.kill()
  server.settleDelay(0)
  await server.restart()
  expect((await asked.settled(app.thread())).status).toBe('completed')
  await app.shows('Ended, not settled.')
  await app.ends('completed')
})
