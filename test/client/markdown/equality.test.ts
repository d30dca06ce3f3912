import fc from 'fast-check'
import { describe, test } from 'vitest'
import { seedOf } from '../../support/seed.ts'
import { compare } from './compare.ts'
import { nasty } from './nasty.ts'
import { oddCases } from './odd-cases.ts'
import sample from './document.md?raw'
import every from './every-syntax.md?raw'

const each = (text: string) => Array.from({ length: text.length }, (_, index) => index + 1)

/** Cut at blank lines, so that every prefix is compared without comparing all that stands above it. */
function quarters(text: string): string[] {
  const blocks = text.split('\n\n')
  const size = Math.ceil(blocks.length / 4)
  return [0, 1, 2, 3].map((quarter) => blocks.slice(quarter * size, (quarter + 1) * size).join('\n\n'))
}

describe('a growing text is at every prefix what marked makes of it', () => {
  test('a document', () => compare(sample, each(sample)), 60_000)
  test.each(quarters(every))('every syntax: %j', (part) => compare(part, each(part)), 60_000)
  test('every syntax in one text', () => compare(every, each(every).filter((at) => at % 5 === 0)), 60_000)
  test('every syntax, with another system\'s line ends', () => compare(every.replaceAll('\n', '\r\n'), each(every).filter((at) => at % 12 === 0).map((at) => at * 2)), 60_000)
  test.each(oddCases)('%j', (text) => compare(text, each(text)))

  test('documents that nobody would write, cut anywhere', () => {
    const given = process.env['FUZZ_DOCUMENTS']
    fc.assert(
      fc.property(nasty, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 14 }), (text, cuts) => {
        compare(text, cuts.map((cut) => Math.round(cut * text.length)).sort((a, b) => a - b))
      }),
      { numRuns: given === undefined ? 500 : Number(given), seed: seedOf('markdown documents') },
    )
  }, Number(process.env['FUZZ_DOCUMENTS'] ?? 0) * 200 + 60_000)
})
