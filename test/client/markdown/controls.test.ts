// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { listenToControls } from '../../../src/client/markdown/controls.ts'
import { createActs } from '../../../src/client/markdown/rich/acts.ts'
import { htmlOf, plainText } from '../../../src/client/markdown/rich/copying.ts'

let stop = () => {}
const copied: string[] = []
let allowed = true
let wrapped = false

beforeEach(() => {
  copied.length = 0
  allowed = true
  wrapped = false
  stop = listenToControls(document, () => Promise.resolve(createActs({
    copy: (text) => { copied.push(text); return Promise.resolve(allowed) },
    copied: () => 'Copied',
    pictureFailed: () => 'It did not load.',
    toggleWrap: () => { wrapped = !wrapped },
  })), (error) => { throw error })
})
afterEach(() => {
  stop()
  document.body.replaceChildren()
})

function make(tag: string, attributes: Readonly<Record<string, string>>, ...kids: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...kids)
  return made
}

describe('the controls of code', () => {
  const source = '  a\u202e b\n\n<c>&amp;\t\n'
  function block() {
    const button = make('button', { 'data-act': 'copy-code' }, make('b', {}, 'Copy'))
    const figure = make('figure', {}, make('figcaption', {}, button), make('pre', {}, make('code', {}, make('span', {}, source.slice(0, 4)), make('span', {}, source.slice(4)))))
    document.body.append(figure)
    return { figure, button }
  }

  test('copy the exact source, chunk by chunk, and say so for a moment', async () => {
    const { button } = block()
    ;(button.firstElementChild as HTMLElement).click()
    await vi.waitFor(() => expect(button.getAttribute('data-copied')).toBe('Copied'))
    expect(copied).toEqual([source])
  })

  test('do not say so when the browser refuses', async () => {
    allowed = false
    const { button } = block()
    button.click()
    await vi.waitFor(() => expect(copied.length).toBe(1))
    expect(button.hasAttribute('data-copied')).toBe(false)
  })

  test('wrap, and turn a diagram to its source and back', async () => {
    const { figure } = block()
    const wrap = make('button', { 'data-act': 'wrap' })
    const turn = make('button', { 'data-act': 'diagram-source', 'aria-label': 'Show source', 'data-label': 'Show source', 'data-label-pressed': 'Show diagram' })
    figure.append(wrap, turn)
    wrap.click()
    await vi.waitFor(() => expect(wrapped).toBe(true))
    turn.click()
    await vi.waitFor(() => expect([figure.hasAttribute('data-shows-source'), turn.getAttribute('aria-label')]).toEqual([true, 'Show diagram']))
    turn.click()
    await vi.waitFor(() => expect([figure.hasAttribute('data-shows-source'), turn.getAttribute('aria-label')]).toEqual([false, 'Show source']))
  })

  test('copy a formula as it was written, though its button stands in a shadow root', async () => {
    const host = make('div', { 'data-maths': 'display' }, '\\frac{1}{2}')
    const button = make('button', { 'data-act': 'copy-maths' })
    host.attachShadow({ mode: 'open' }).append(button)
    document.body.append(host)
    button.click()
    await vi.waitFor(() => expect(copied).toEqual(['\\frac{1}{2}']))
  })
})

test('a selection with formulas is copied with their source, block by block', () => {
  const page = make('div', {},
    make('p', {}, 'For ', make('span', { 'data-maths': '' }, 'x^2'), ' we have'),
    make('div', { 'data-maths': 'display' }, '\\sum x'),
    make('ul', {}, make('li', {}, 'one'), make('li', {}, 'two')),
    make('figure', {}, make('figcaption', {}, 'ts', make('button', {}, 'Copy')), make('pre', {}, 'a\n  b')))
  expect(plainText(page)).toBe('For $x^2$ we have\n\n$$\n\\sum x\n$$\n\none\ntwo\n\nts\n\na\n  b')
})

test('what is copied has no blank line between the items of a list, none where it is cut in parts, and as HTML nothing that only draws it', () => {
  const fragment = () => {
    const list = make('ol', { start: '3', class: 'x' },
      make('li', {}, make('p', { style: 'color: red' }, 'three'), make('ul', {}, make('li', {}, make('p', {}, 'within')))),
      make('div', { 'data-part': 'full' }, make('li', { value: '4' }, make('p', {}, 'four'))),
      make('div', { 'data-part': '', 'data-loose': '' }, make('li', { value: '5' }, make('p', {}, 'five')), make('li', {}, make('p', {}, 'six'))))
    const made = document.createDocumentFragment()
    made.append(make('div', { 'data-page': '' },
      make('p', {}, 'one ', make('span', { 'data-piece': '' }, 'text')), list,
      make('div', { 'data-table': '' }, make('table', {}, make('tbody', {}, make('tr', {}, make('td', { 'data-number': '' }, '1'), make('td', {}, '2'))), make('tbody', {}, make('tr', {}, make('td', {}, '3'), make('td', {}, '4'))))),
      make('p', {}, make('span', { 'data-maths': '' }, 'x'))))
    return made
  }
  expect(plainText(fragment())).toBe('one text\n\nthree\nwithin\nfour\n\nfive\n\nsix\n\n1\t2\n3\t4\n\n$x$')
  expect(htmlOf(fragment())).toBe('<p>one text</p><ol start="3"><li><p>three</p><ul><li><p>within</p></li></ul></li><li value="4"><p>four</p></li><li value="5"><p>five</p></li><li><p>six</p></li></ol>'
    + '<table><tbody><tr><td>1</td><td>2</td></tr></tbody><tbody><tr><td>3</td><td>4</td></tr></tbody></table><p>$x$</p>')
})
