import { cleanable, hopeless } from '../test/support/run-id-fixtures.ts'
import { seedOf } from '../test/support/seed.ts'
import { expect, test } from './fixtures.ts'

const words = ['The ', 'quick ', 'brown ', 'fox ', 'jumps ', 'over ', 'the ', 'lazy ', 'dog.']
const whole = words.join('')

/** How many words were sent when the page is loaded again; at the end also whether the provider is done and the run settled. */
for (const [when, sent, after] of [
  ['before the first token', 0, 'running'],
  ['after the first token', 1, 'running'],
  ['in the middle', 5, 'running'],
  ['after the last token', words.length, 'running'],
  ['after the end', words.length, 'settled'],
] as const) {
  test(`a reload ${when} goes on with all that was shown`, async ({ app, provider, asked }) => {
    await app.open()
    await app.send('Tell me of the fox')
    const call = await provider.nextCall()
    call.text(...words.slice(0, sent))
    await app.shows(words.slice(0, sent).join(''))
    if (after === 'settled') {
      call.finish()
      await asked.settled(app.thread())
    }
    await app.page.reload()
    await app.shows(words.slice(0, sent).join(''))
    if (after === 'running') {
      call.text(...words.slice(sent))
      call.finish()
    }
    await app.shows(whole)
    await app.ends('completed')
    await expect(app.answers).toHaveCount(1)
    await expect(app.questions).toHaveCount(1)
    await asked.settled(app.thread())
    expect(await asked.savedText(app.thread())).toBe(whole)
  })
}

test('five reloads in one answer lose nothing and double nothing', async ({ app, provider, asked }) => {
  await app.open()
  await app.send('Again and again')
  const call = await provider.nextCall()
  for (let i = 0; i < words.length; i += 2) {
    call.text(...words.slice(i, i + 2))
    await app.shows(words.slice(0, i + 2).join(''))
    await app.page.reload()
  }
  call.finish()
  await app.shows(whole)
  await app.ends('completed')
  await asked.settled(app.thread())
})

/** Of a page that is itself still loading, often. `RELOADS=50` for more. */
const RELOADS = Number(process.env['RELOADS'] ?? 12)

test('reloads at random instants while words pour in lose nothing and double nothing', async ({ app, provider }) => {
  test.slow()
  let state = seedOf('reloads')
  await app.open()
  await app.send('Pour')
  const call = await provider.nextCall()
  let sent = ''
  let count = 0
  const pour = setInterval(() => {
    const word = `w${count++} `
    sent += word
    call.text(word)
  }, 5)
  try {
    for (let reload = 0; reload < RELOADS; reload++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      // Every third is of a page that shows something; the others strike whenever they do.
      if (reload % 3 === 0) await expect.poll(async () => (await app.answerText()).length, { intervals: [20], timeout: 20_000 }).toBeGreaterThan(10)
      await new Promise((strike) => setTimeout(strike, (state / 2 ** 32) * 300))
      await app.page.reload({ waitUntil: 'commit' })
    }
    await expect.poll(async () => (await app.answerText()).length, { intervals: [20], timeout: 20_000 }).toBeGreaterThan(10)
  } finally {
    clearInterval(pour)
  }
  call.finish()
  await app.shows(sent)
})

/** Every value is tried without a browser (run-cache.test.ts); here every sixth, for each takes a reload. */
const some = (values: readonly string[]) => values.filter((_, index) => index % 6 === 1)

test.describe('whatever another client left in sessionStorage', () => {
  test('a run id is found in it where there is one, and the key is repaired', async ({ app, provider }) => {
    await app.open()
    await app.send('Pollute me')
    const call = await provider.nextCall()
    call.text('Still here')
    await app.shows('Still here')
    const thread = app.thread()
    const key = `lg:stream:${thread}`
    const run = await app.page.evaluate((name) => sessionStorage.getItem(name), key)
    expect(run).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
    for (const stored of some(cleanable(run ?? '', thread))) {
      await app.page.evaluate(([name, value]) => sessionStorage.setItem(name, value), [key, stored] as const)
      await app.page.reload()
      await app.shows('Still here')
      await expect.poll(() => app.page.evaluate((name) => sessionStorage.getItem(name), key), { message: stored }).toBe(run)
    }
    call.finish()
    await app.ends('completed')
  })

  test('what holds none is dropped, and never becomes a request', async ({ app, provider, wire }) => {
    await app.open()
    await app.send('Pollute me')
    const call = await provider.nextCall()
    call.text('Still here')
    await app.shows('Still here')
    const thread = app.thread()
    const key = `lg:stream:${thread}`
    const run = (await app.page.evaluate((name) => sessionStorage.getItem(name), key)) ?? ''
    for (const stored of [...some(hopeless(run, thread)), 'x'.repeat(10_240), `/runs/${run}`.repeat(300)]) {
      await app.page.evaluate(([name, value]) => sessionStorage.setItem(name, value), [key, stored] as const)
      await app.page.reload()
      await app.shows('Still here')
    }
    call.finish()
    await app.ends('completed')
    const asked = wire.requests.flatMap((line) => /\/api\/runs\/([^/? ]*)/.exec(line)?.[1] ?? [])
    expect([...new Set(asked)]).toEqual([run])
  })

  test('and where it cannot be used at all the answer still comes', async ({ app, provider }) => {
    await app.page.addInitScript(() => {
      Object.defineProperty(window, 'sessionStorage', { get: () => { throw new DOMException('blocked', 'SecurityError') } })
    })
    await app.open()
    await app.send('No storage')
    const call = await provider.nextCall()
    call.text('Fine ')
    await app.shows('Fine ')
    await app.page.reload()
    call.text('without.')
    call.finish()
    await app.shows('Fine without.')
  })
})
