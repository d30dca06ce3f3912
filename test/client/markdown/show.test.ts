// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest'
import { mount } from '../../../src/client/markdown/mount.ts'
import { fetchedLater, showIn } from '../../../src/client/markdown/show.ts'
import { words } from './oracle.ts'

const rich = { chunk: () => undefined, closed: () => undefined, maths: () => undefined }
const long = '- an item of a list that is very long\n'.repeat(300)

afterEach(() => document.body.replaceChildren())

/** An element in which texts are shown; `arrive` brings the code of growing ones, or has it fail. */
function page() {
  const host = document.createElement('div')
  document.body.append(host)
  const fetches: { readonly here: (code: typeof mount) => void; readonly fail: (error: Error) => void }[] = []
  const troubles: unknown[] = []
  const growing = fetchedLater(() => new Promise((here, fail) => void fetches.push({ here, fail })))
  const shown = showIn(host, { words, rich, growing, onTrouble: (error) => void troubles.push(error) })
  const arrive = async (trouble?: Error) => {
    const fetch = fetches.at(-1)
    if (trouble === undefined) fetch?.here(mount)
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
