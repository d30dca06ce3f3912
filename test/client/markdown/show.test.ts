// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { followIn, SLICE } from '../../../src/client/markdown/follow.ts'
import { showIn } from '../../../src/client/markdown/show.ts'
import { onDemand } from '../../../src/client/views/ui/on-demand.ts'
import { words } from './oracle.ts'

const rich = { chunk: () => undefined, closed: () => undefined, maths: () => undefined }
const long = '- an item of a list that is very long\n'.repeat(300)

afterEach(() => document.body.replaceChildren())

/** An element in which texts are shown; `arrive` brings the code of growing ones, or has it fail. */
function page() {
  const host = document.createElement('div')
  document.body.append(host)
  const fetches: { readonly here: (code: typeof followIn) => void; readonly fail: (error: Error) => void }[] = []
  const troubles: unknown[] = []
  const growing = onDemand<typeof followIn>(() => new Promise((here, fail) => void fetches.push({ here, fail })))
  const shown = showIn(host, { words, rich, growing, onTrouble: (error) => void troubles.push(error) })
  const arrive = async (trouble?: Error) => {
    const fetch = fetches.at(-1)
    if (trouble === undefined) fetch?.here(followIn)
    else fetch?.fail(trouble)
    await growing.load().catch(() => undefined)
  }
  return { host, shown, fetches, troubles, arrive }
}

test('a whole text is drawn at once, and nothing is fetched for it', () => {
  const { host, shown, fetches } = page()
  shown.show('Some *words*.', false)
  expect(host.querySelector('em')?.textContent).toBe('words')
  const drawn = host.querySelector('p')
  shown.show('Some *words*.', false)
  expect(host.querySelector('p')).toBe(drawn)
  shown.show('Others.', false)
  expect(host.textContent).toBe('Others.')
  expect(fetches).toHaveLength(0)
})

test('an answer that grows when the page opens shows all it has, goes on once the code is here, and ends as it is', async () => {
  const { host, shown, arrive } = page()
  shown.show('Half of *it', true)
  expect(host.textContent).toBe('Half of *it')
  shown.show('Half of *it is', true)
  expect(host.textContent).toBe('Half of *it is')
  await arrive()
  expect(host.querySelector('em')?.textContent).toBe('it is')
  shown.show('Half of *it is* here', true)
  const drawn = host.querySelector('p')
  shown.show('Half of *it is* here', false)
  expect(host.querySelector('p')).toBe(drawn)
  expect(host.innerHTML).toContain('<em>it is</em> here')
})

test('an answer that ended before the code was here stays as it is drawn', async () => {
  const { host, shown, arrive } = page()
  shown.show('All', true)
  shown.show('All of it.', false)
  const drawn = host.querySelector('p')
  await arrive()
  expect(host.querySelector('p')).toBe(drawn)
  expect(host.textContent).toBe('All of it.')
})

test('a text that cannot be drawn at once can be read as it was written, until it is drawn', async () => {
  const { host, shown, arrive } = page()
  shown.show(long, false)
  expect(host.textContent).toBe(long)
  expect(host.querySelector('li')).toBeNull()
  await arrive()
  expect(host.querySelectorAll('li')).toHaveLength(300)
})

test('code that did not come takes nothing away, and is asked for again with the next words', async () => {
  const { host, shown, fetches, troubles, arrive } = page()
  shown.show('Some', true)
  await arrive(new Error('no network'))
  expect(host.textContent).toBe('Some')
  expect(troubles).toEqual([new Error('no network')])
  shown.show('Some *more', true)
  expect(fetches).toHaveLength(2)
  await arrive()
  expect(host.querySelector('em')?.textContent).toBe('more')
})

test('what was left is not drawn into when the code comes', async () => {
  const { host, shown, arrive } = page()
  shown.show('Some', true)
  shown.leave()
  await arrive()
  expect(host.childNodes).toHaveLength(0)
})

describe('very much at once', () => {
  const paragraphs = Array.from({ length: 9_000 }, (_, i) => `Paragraph ${i} of a *very* long answer.\n\n`)
  const much = paragraphs.join('')
  let frames: FrameRequestCallback[] = []
  beforeEach(() => {
    frames = []
    vi.stubGlobal('requestAnimationFrame', (draw: FrameRequestCallback) => frames.push(draw))
    vi.stubGlobal('cancelAnimationFrame', (id: number) => void (frames[id - 1] = () => undefined))
    return () => vi.unstubAllGlobals()
  })
  /** Draws one frame; answers whether there was one to draw. */
  const frame = () => {
    const due = frames
    frames = []
    for (const draw of due) draw(0)
    return due.length > 0
  }
  const shownOf = (host: HTMLElement) => host.textContent.length

  for (const [what, open] of [['an answer that is whole', false], ['an answer that still grows', true]] as const) {
    test(`${what} is drawn a slice a frame, in order, and is all there at the end`, async () => {
      const { host, shown, arrive } = page()
      shown.show(much, open)
      await arrive()
      const steps = [shownOf(host)]
      while (frame()) steps.push(shownOf(host))
      const growth = steps.map((length, index) => length - (steps[index - 1] ?? 0))
      expect(Math.max(...growth)).toBeLessThan(SLICE * 1.1)
      expect(Math.min(...growth.slice(0, -1))).toBeGreaterThan(0)
      const whole = document.createElement('div')
      followIn(whole, { words, rich }, Infinity).show(much, open)
      expect(host.innerHTML).toBe(whole.innerHTML)
    })
  }

  test('never takes away what was on the page already', async () => {
    const { host, shown, arrive } = page()
    const early = paragraphs.slice(0, 1_400).join('')
    expect(early.length).toBeGreaterThan(2 * SLICE)
    shown.show(early, true)
    const before = host.textContent
    await arrive()
    expect(host.textContent.startsWith(before.trimEnd())).toBe(true)
    // It ends, and goes on after all: drawn anew, as far as it was at once.
    shown.show(early, false)
    while (frame()) expect(shownOf(host)).toBeGreaterThanOrEqual(before.length - 2)
    shown.show(much, true)
    expect(shownOf(host)).toBeGreaterThanOrEqual(before.length - 2)
  })

  test('words that come meanwhile wait for their turn, and another text takes the place of the rest', async () => {
    const { host, shown, arrive } = page()
    shown.show('', true)
    await arrive()
    shown.show(much, true)
    shown.show(`${much}And *then* some.`, false)
    while (frame());
    expect(host.textContent.endsWith('And then some.')).toBe(true)
    shown.show(much, true)
    shown.show('Another text.', false)
    while (frame());
    expect(host.textContent).toBe('Another text.')
  })

  test('what is left in the middle of it draws no further', async () => {
    const { host, shown, arrive } = page()
    shown.show(much, false)
    await arrive()
    shown.leave()
    while (frame());
    expect(host.childNodes).toHaveLength(0)
  })

  test('no character is drawn by half', async () => {
    const { host, shown, arrive } = page()
    shown.show(`a${'🌊'.repeat(SLICE)}`.repeat(3), false)
    await arrive()
    do expect(host.textContent).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/)
    while (frame())
  })
})
