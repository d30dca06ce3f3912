/** What nobody writes but who wants to stop the page: it costs what its length costs, and reads the same however it comes. */
import fc from 'fast-check'
import { Lexer } from 'marked'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { seedOf } from '../../support/seed.ts'
import { hostile } from './hostile.ts'
import { createMirror, lines } from './oracle.ts'
import type { Plain } from './oracle.ts'

const PUSH = 2_000
/** More than the open end of any honest text costs, and all that a push may. */
const MOST_PER_PUSH = 12_000_000

/** Characters that marked was given; for inline text times the marks in it, each of which may make it look at all of them. */
let work = 0
beforeEach(() => {
  const { blockTokens, inlineTokens } = Lexer.prototype
  vi.spyOn(Lexer.prototype, 'blockTokens').mockImplementation(function (this: Lexer, ...given: Parameters<typeof blockTokens>) {
    work += given[0].length
    return blockTokens.apply(this, given)
  })
  vi.spyOn(Lexer.prototype, 'inlineTokens').mockImplementation(function (this: Lexer, ...given: Parameters<typeof inlineTokens>) {
    work += given[0].length * (1 + (given[0].match(/[\\<![\]`*~_$@]/g)?.length ?? 0))
    return inlineTokens.apply(this, given)
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

function workOf(text: string): { readonly whole: number; readonly worst: number } {
  const { text: grown, read } = createMirror()
  work = 0
  let worst = 0
  for (let at = 0; at < text.length; at += PUSH) {
    const before = work
    grown.push(text.slice(at, at + PUSH))
    grown.step(false)
    worst = Math.max(worst, work - before)
  }
  const whole = work
  read()
  return { whole, worst }
}

/** What is shown of a text that came in these pieces. */
function shown(text: string, cuts: readonly number[]): string {
  const { text: grown, read } = createMirror()
  for (const [index, cut] of cuts.entries()) {
    grown.push(text.slice(cuts[index - 1] ?? 0, cut))
    grown.step(false)
  }
  grown.push(text.slice(cuts.at(-1) ?? 0))
  grown.end()
  return lines(read())
}

describe('hostile text', () => {
  test.each(Object.keys(hostile))('%s: twice as much takes twice the work', (name) => {
    const make = hostile[name] ?? (() => '')
    const half = workOf(make(10_000))
    const all = workOf(make(20_000))
    expect(all.worst).toBeLessThan(MOST_PER_PUSH)
    expect(all.whole / half.whole).toBeLessThan(2.6)
  }, 30_000)

  test.each(Object.keys(hostile))('%s: read the same however it comes', (name) => {
    const text = hostile[name]?.(13_000) ?? ''
    const seed = seedOf(`cuts of ${name}`)
    const [cuts = []] = fc.sample(fc.array(fc.integer({ min: 1, max: text.length - 1 }), { minLength: 6, maxLength: 12 }), { numRuns: 1, seed })
    const chosen = [...new Set(cuts)].sort((a, b) => a - b)
    expect(shown(text, chosen) === shown(text, []), `cut at ${chosen.join()}`).toBe(true)
  }, 30_000)

  test.each(['opening brackets', 'quotes in quotes', 'emphasis that is never closed', 'formulas that begin'])('%s: laid out in pieces, though no word ends one', (name) => {
    const { text, read } = createMirror()
    text.push(hostile[name]?.(20_000) ?? '')
    text.end()
    expect(Math.max(...read().map(longestText))).toBeLessThan(6_000)
  })

  test('half an address with brackets in it is tried in one way only', () => {
    const text = `[x](${'(ab'.repeat(200)}\nand more ![y](${'(ab'.repeat(200)}\nand more`
    expect(shown(text, Array.from({ length: 40 }, (_, index) => 20 + index * 20))).toContain('and more')
  })
})

/** Characters of the longest text that is laid out as one: an element's own, without those of pieces in it. */
function longestText(shape: Plain): number {
  if (typeof shape === 'string') return shape.length
  const inPieces = shape.kids.filter((kid) => typeof kid !== 'string' && 'data-piece' in kid.attributes)
  const own = shape.kids.filter((kid) => !inPieces.includes(kid))
  const blocks = own.some((kid) => typeof kid !== 'string' && /^(?:div|p|blockquote|ul|ol|li)$/.test(kid.tag))
  const texts = own.map(longestText)
  return Math.max(0, blocks ? Math.max(...texts) : texts.reduce((sum, each) => sum + each, 0), ...inPieces.map(longestText))
}
