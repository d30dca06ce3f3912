import { expect } from 'vitest'
import { createMirror, lines, whole } from './oracle.ts'

/** Pushes a text cut at these places; after each, what is shown equals what marked makes of the text so far. */
export function compare(text: string, cuts: readonly number[]): void {
  const { text: grown, read } = createMirror()
  let from = 0
  for (const cut of [...cuts, text.length]) {
    if (cut <= from) continue
    grown.push(text.slice(from, cut))
    grown.step(true)
    expect(lines(read()), JSON.stringify(text.slice(Math.max(0, cut - 60), cut))).toBe(lines(whole(text.slice(0, cut))))
    from = cut
  }
  grown.end()
  expect(lines(read())).toBe(lines(whole(text)))
}
