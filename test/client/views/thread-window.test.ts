// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { createThreadWindow } from '../../../src/client/views/thread/thread-window.ts'
import type { Piece } from '../../../src/client/views/thread/window.ts'

const entries = Array.from({ length: 100 }, (_, index) => ({ key: `turn ${index}`, characters: () => 0, stays: false }))
/** Of such an entry, before it is measured, and of the view. */
const HEIGHT = 132
const VIEW = 900

const drawn = (pieces: readonly Piece[]) => pieces.flatMap((piece) => (piece.kind === 'turns' ? [{ from: piece.from, height: (piece.to - piece.from) * HEIGHT, to: piece.to }] : []))

test('a chat is drawn as far as it is seen, and what may be seen next once the page rests', () => {
  const waiting: (() => void)[] = []
  const look = createThreadWindow(undefined, (run) => void waiting.push(run))
  const first = drawn(look.pieces(entries))
  expect(first).toHaveLength(1)
  expect(first[0]?.to).toBe(100)
  expect(first[0]?.height).toBeGreaterThanOrEqual(VIEW)
  expect(first[0]?.height).toBeLessThan(VIEW * 1.5)

  const scroller = document.createElement('div')
  const list = document.createElement('div')
  scroller.scrollTop = 100 * HEIGHT - VIEW
  look.attach(scroller, list)
  let told = 0
  look.subscribe(() => told++)
  scroller.dispatchEvent(new Event('scroll'))
  expect(drawn(look.pieces(entries))).toEqual(first)
  expect(told).toBe(0)

  for (const run of waiting) run()
  expect(told).toBe(1)
  expect(drawn(look.pieces(entries))[0]?.height).toBeGreaterThanOrEqual(VIEW * 2.25)
})

test('whoever scrolls before the page rests sees what is there', () => {
  const look = createThreadWindow(undefined, () => undefined)
  look.pieces(entries)
  const scroller = document.createElement('div')
  look.attach(scroller, document.createElement('div'))
  scroller.scrollTop = 50 * HEIGHT
  scroller.dispatchEvent(new Event('scroll'))
  const [middle] = drawn(look.pieces(entries))
  expect(middle?.from).toBeLessThanOrEqual(50)
  expect(middle?.to).toBeGreaterThanOrEqual(50 + Math.ceil(VIEW / HEIGHT))
})
