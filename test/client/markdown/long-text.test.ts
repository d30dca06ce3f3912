// @vitest-environment happy-dom
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chunkEnd, mountLongText } from '../../../src/client/markdown/long-text.ts'
import { seedOf } from '../../support/seed.ts'

const LONGEST = 16_000

let box: HTMLElement
beforeEach(() => {
  box = document.body.appendChild(document.createElement('pre'))
})
afterEach(() => box.remove())

const lines = (from: number, count: number) => Array.from({ length: count }, (_, i) => `line ${from + i} of a long output\n`).join('')
const chunks = () => [...box.querySelectorAll<HTMLElement>('[data-chunk]')]

describe('a long text', () => {
  test('stands in chunks that end with a line, and together are the text', () => {
    const text = lines(0, 20_000)
    mountLongText(box).update(text, false)
    expect(box.textContent).toBe(text)
    expect(chunks().length).toBeGreaterThan(text.length / LONGEST)
    expect(chunks().length).toBeLessThan(text.length / 11_000)
    expect(chunks().slice(0, -1).every((chunk) => chunk.textContent.endsWith('\n') && chunk.dataset['chunk'] === 'full')).toBe(true)
  })

  test('of one line without an end is cut all the same, and never inside a character', () => {
    const text = '👩‍🚀🌊'.repeat(10_000)
    mountLongText(box).update(text, false)
    expect(box.textContent).toBe(text)
    expect(chunks().length).toBeGreaterThan(3)
    expect(chunks().every((chunk) => !/[\uD800-\uDBFF]$/.test(chunk.textContent) && chunk.textContent.length <= LONGEST)).toBe(true)
  })

  test('that grows touches no chunk that is full, and keeps the node at its end', () => {
    const view = mountLongText(box)
    const text = lines(0, 3_000)
    view.update(text, true)
    const before = chunks()
    const last = before.at(-1)?.firstChild
    view.update(`${text}one more, `, true)
    expect(chunks().every((chunk, index) => chunk === before[index])).toBe(true)
    expect(chunks().at(-1)?.firstChild).toBe(last)
    const longer = `${text}one more, ${lines(3_000, 3_000)}`
    view.update(longer, true)
    expect(before.every((chunk, index) => chunk === chunks()[index])).toBe(true)
    expect(box.textContent).toBe(longer)
  })

  test('that is another one takes the place of the first', () => {
    const view = mountLongText(box)
    view.update(lines(0, 2_000), false)
    view.update('short', false)
    expect(box.textContent).toBe('short')
    view.destroy()
    expect(box.childNodes).toHaveLength(0)
  })

  test('has the same chunks however it came', () => {
    const piece = fc.array(fc.constantFrom('a', 'word ', '\n', '👩', 'x'.repeat(9_000), `${'y'.repeat(4_000)}\n`), { maxLength: 12 }).map((parts) => parts.join(''))
    fc.assert(fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const grown = document.createElement('pre')
      const view = mountLongText(grown)
      pieces.reduce((text, more) => {
        view.update(text + more, true)
        return text + more
      }, '')
      const whole = document.createElement('pre')
      mountLongText(whole).update(pieces.join(''), false)
      expect(grown.textContent).toBe(pieces.join(''))
      expect([...grown.querySelectorAll('[data-chunk]')].map((chunk) => chunk.textContent)).toEqual([...whole.querySelectorAll('[data-chunk]')].map((chunk) => chunk.textContent))
    }), { seed: seedOf('chunks of a long text'), numRuns: 100 })
  })

  test('a chunk that may still grow has no end', () => {
    expect(chunkEnd('short', 0)).toBeNull()
    expect(chunkEnd('x'.repeat(LONGEST), 0)).toBeNull()
    expect(chunkEnd('x'.repeat(LONGEST + 1), 0)).toBe(LONGEST)
    expect(chunkEnd(`${'x'.repeat(13_000)}\nmore`, 0)).toBe(13_001)
  })
})
