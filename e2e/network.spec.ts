import { expect, test } from './fixtures.ts'

const STREAM = /\/stream/

for (const fault of ['cut', 'rst'] as const) {
  test(`a connection that ends by ${fault === 'cut' ? 'FIN' : 'RST'} in mid-stream is taken up again, and nothing is lost`, async ({ app, provider, wire, asked }) => {
    await app.open()
    await app.send('Hold fast')
    const call = await provider.nextCall()
    call.text('Before')
    await app.shows('Before')
    for (let i = 0; i < 5; i++) {
      expect(wire[fault](STREAM)).toBeGreaterThan(0)
      call.text(` ${i}`)
      await app.shows(`Before${Array.from({ length: i + 1 }, (_, n) => ` ${n}`).join('')}`)
      await expect.poll(() => wire.open(STREAM).length).toBe(1)
    }
    call.finish()
    await app.ends('completed')
    await asked.settled(app.thread())
    expect(await asked.savedText(app.thread())).toBe('Before 0 1 2 3 4')
  })
}

test('a network that is down shows only after two seconds, then heals by itself', async ({ app, provider, wire }) => {
  await app.open()
  await app.send('Tunnel')
  const call = await provider.nextCall()
  call.text('Before the tunnel')
  await app.shows('Before the tunnel')
  wire.refuse()
  wire.rst()
  const cutAt = Date.now()
  await expect(app.status).toContainText(/Reconnecting|does not answer/)
  expect(Date.now() - cutAt).toBeGreaterThan(1900)
  call.text(', inside it')
  await app.shows('Before the tunnel')
  wire.heal()
  await app.shows('Before the tunnel, inside it')
  await expect(app.status).not.toContainText(/Reconnecting|does not answer/)
  call.finish()
  await app.ends('completed')
})

test('a cut shorter than two seconds is nobody’s business', async ({ app, provider, wire }) => {
  await app.open()
  await app.send('Blink')
  const call = await provider.nextCall()
  call.text('a')
  await app.shows('a')
  await app.page.evaluate(() => {
    const seen: string[] = []
    Object.assign(window, { seen })
    new MutationObserver(() => seen.push(document.querySelector('[role=status]')?.textContent ?? '')).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
  // A machine that is slow enough takes longer than two seconds to join again, and then it is to be said: such a cut is none of these.
  let took = Infinity
  for (let tries = 1; took >= 2_000 && tries <= 5; tries++) {
    await app.page.evaluate(() => { (window as unknown as { seen: string[] }).seen.length = 0 })
    const cutAt = performance.now()
    wire.rst(STREAM)
    call.text('b')
    await app.shows(`a${'b'.repeat(tries)}`)
    took = performance.now() - cutAt
  }
  expect(took, 'a cut that was over within two seconds').toBeLessThan(2_000)
  call.finish()
  await app.ends('completed')
  expect(await app.page.evaluate(() => (window as unknown as { seen: string[] }).seen.filter((text) => /Reconnecting|does not answer/.test(text)))).toEqual([])
})

test('a black hole is noticed by the missing heartbeats', async ({ app, provider, wire }) => {
  test.setTimeout(90_000)
  await app.open()
  await app.send('Into the hole')
  const call = await provider.nextCall()
  call.text('Visible')
  await app.shows('Visible')
  const before = wire.requests.filter((line) => STREAM.test(line)).length
  wire.blackHole()
  call.text(' again')
  // 2.5 heartbeats of 10 s; the requests of new attempts do not come through until it heals.
  await expect(app.status).toContainText(/Reconnecting|does not answer/, { timeout: 40_000 })
  wire.heal()
  await app.shows('Visible again')
  expect(wire.requests.filter((line) => STREAM.test(line)).length).toBeGreaterThan(before)
  call.finish()
  await app.ends('completed')
})

for (const bytes of [1, 40, 300, 900, 2500]) {
  test(`a stream that is cut after ${bytes} bytes each time it is joined still arrives whole`, async ({ app, provider, wire, asked }) => {
    const words = Array.from({ length: 60 }, (_, i) => `word${i} `)
    await app.open()
    wire.budget(bytes, 'rst', STREAM)
    await app.send('Piecemeal')
    const call = await provider.nextCall()
    for (const [i, word] of words.entries()) {
      call.text(word)
      if (i % 20 === 19) {
        await app.shows(words.slice(0, i + 1).join(''))
        wire.budget(bytes, 'rst', STREAM)
      }
    }
    wire.heal()
    call.finish()
    await app.ends('completed')
    await app.shows(words.join(''))
    await asked.settled(app.thread())
    expect(await asked.savedText(app.thread())).toBe(words.join(''))
  })
}

for (const [name, status, headers, body] of [
  ['502', 502, { 'content-type': 'text/html' }, '<html><h1>502 Bad Gateway</h1></html>'],
  ['503 with Retry-After', 503, { 'retry-after': '1' }, ''],
  ['504', 504, {}, ''],
  ['an HTML page with 200', 200, { 'content-type': 'text/html' }, '<!doctype html><p>event:stream_end</p>'],
  ['an empty 200', 200, {}, ''],
] as const) {
  test(`${name} on reconnect is waited out, and its body is never shown`, async ({ app, provider, wire }) => {
    await app.open()
    await app.send('Through the proxy')
    const call = await provider.nextCall()
    call.text('Here')
    await app.shows('Here')
    for (let i = 0; i < 3; i++) wire.answerNext(status, headers, body, STREAM)
    wire.rst(STREAM)
    await expect.poll(() => wire.answersLeft, { timeout: 20_000 }).toBe(0)
    call.text(' and there')
    await app.shows('Here and there')
    await expect(app.page.getByRole('main')).not.toContainText('Bad Gateway')
    call.finish()
    await app.ends('completed')
  })
}

test('401 on reconnect keeps what was shown, and says that a login is needed', async ({ app, provider, wire }) => {
  await app.open()
  await app.send('Who am I?')
  const call = await provider.nextCall()
  call.text('You are')
  await app.shows('You are')
  wire.answerNext(401, { 'content-type': 'application/problem+json' }, '{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Log in again."}', STREAM)
  wire.rst(STREAM)
  await expect(app.page.locator('[data-outcome=lost]')).toBeVisible()
  await app.shows('You are')
  call.text(' you.')
  call.finish()
  await app.page.reload()
  await app.shows('You are you.')
})

test('a login that ran out is asked for in place: text and draft stay, what is sent meanwhile waits, and all goes on once somebody has logged in beside it', async ({ app, context, provider, wire, asked, shown }) => {
  shown.mayLeave() // from the conversation to the queue
  const { page } = app
  await app.open()
  await app.send('Who am I?')
  const call = await provider.nextCall()
  call.text('You are')
  await app.shows('You are')
  const loggedOut = (url: URL) => url.pathname.startsWith('/api/')
  await context.route(loggedOut, (route) => route.fulfill({ status: 401, body: 'Log in.' }))
  wire.rst()
  await expect(app.status).toContainText('You are signed out')
  await app.shows('You are')
  await app.field.fill('And who are you?')
  await app.field.press('Enter')
  await expect(page.getByText('And who are you?')).toBeVisible()
  await expect(page.getByText('Waiting to be sent.')).toBeVisible()
  await app.field.fill('A draft')
  call.text(' Ada')

  const [beside] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', { name: 'Sign in' }).click()])
  // Only now: a page that asks again by itself takes the link away as soon as it is answered.
  await context.unroute(loggedOut)
  await beside.close()
  await app.shows('You are Ada')
  await expect(app.status).not.toContainText('signed out')
  await expect(page.locator('[data-outcome=lost]')).toHaveCount(0)
  await expect(app.field).toHaveValue('A draft')
  call.text('.')
  call.finish()
  const next = await provider.nextCall()
  next.text('A program.')
  next.finish()
  await app.shows('A program.')
  await asked.settled(app.thread())
  expect((await asked.messages(app.thread())).messages).toHaveLength(4)
})

for (const status of [404, 410]) {
  test(`${status} on reconnect: the page stops and says so, keeps the text, and does not ask again by itself`, async ({ app, provider, wire }) => {
    await app.open()
    await app.send('Gone?')
    const call = await provider.nextCall()
    call.text('Not quite')
    await app.shows('Not quite')
    for (let i = 0; i < 50; i++) wire.answerNext(status, { 'content-type': 'application/problem+json' }, `{"type":"about:blank","title":"Gone","status":${status},"detail":"No such run."}`, STREAM)
    wire.rst(STREAM)
    await expect.poll(() => wire.answersLeft).toBeLessThan(50)
    await app.shows('Not quite')
    await expect(app.page.locator('[data-outcome=lost]')).toBeVisible()
    expect(wire.answersLeft).toBe(49)
    wire.heal()
    call.text(', no.')
    call.finish()
    // Whatever this page does, the thread's saved answer is there as soon as it looks again.
    await app.page.reload()
    await app.shows('Not quite, no.')
    await app.ends('completed')
  })
}

test('a send whose answer is lost on the way makes one message and one run', async ({ app, provider, wire, asked }) => {
  await app.open()
  wire.budget(0, 'rst', /POST .*\/runs/)
  await app.field.fill('Only once')
  await app.field.press('Enter')
  const call = await provider.nextCall()
  call.text('Once.')
  call.finish()
  // The page sends it again by itself, and the server knows it.
  await app.shows('Once.')
  await app.ends('completed')
  await expect(app.questions).toHaveCount(1)
  const { messages, runs } = await asked.messages(app.thread())
  expect(messages.filter((message) => message.role === 'user')).toHaveLength(1)
  expect(runs).toHaveLength(1)
  expect(provider.calls).toHaveLength(1)
})
