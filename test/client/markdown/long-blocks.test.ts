/** Blocks of any length: cut in parts, which are the same however the text came, and each read once. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seedOf } from '../../support/seed.ts'
import { compare } from './compare.ts'
import { whole } from './oracle.ts'
import type { Plain } from './oracle.ts'

const some = (count: number, make: (index: number) => string, between: string) => Array.from({ length: count }, (_, index) => make(index)).join(between)
const sentence = (index: number) => `Sentence ${index} has **bold** and \`code\`, [a link](https://e.org/${index}) and ${index % 7 === 0 ? '*some* $5' : 'no more'}.`

const texts: Readonly<Record<string, string>> = {
  'a paragraph': some(250, sentence, ' '),
  'a paragraph with numbered characters': some(250, (index) => `Sentence ${index} of &#65;&#x42; &amp; more${index % 3 === 0 ? '.' : ''}`, ' '),
  'a paragraph with marks that are never closed': `Begin ${'**and `never [closed, '.repeat(30)}${some(300, (index) => `word ${index}`, ' ')} ${'x'.repeat(9_500)} ${some(1_500, (index) => `and ${index}`, ' ')} end*`,
  'a paragraph whose links are defined at its end': `${some(220, (index) => `Look. [At this. One][r${index % 30}] or at [r${index % 40}].`, ' ')}\n\n${some(40, (index) => `[r${index}]: https://e.org/${index}`, '\n')}`,
  'a list': some(130, (index) => `${index + 7}. item ${index}${index % 9 === 0 ? '\n     - inner\n     - other' : ''}${index === 60 ? '\n\n     more of it' : ''}${index > 90 && index < 110 ? '\n' : ''}`, '\n'),
  'a list that marked has to read': some(120, (index) => (index % 5 === 0 ? '-\n  begins empty' : `- item ${index}\nlazy`), '\n'),
  'a list in a list': `- outer\n${some(120, (index) => `  - inner ${index}`, '\n')}\n- next`,
  'a table': `| a | b |\n|---|:-:|\n${some(120, (index) => `| ${index} | **b** ${'x'.repeat(index % 30)} |`, '\n')}\n\nend`,
  'footnotes': some(110, (index) => `Text[^n${index}] and more.\n\n[^n${index}]: Note ${index}.`, '\n\n'),
  'many blocks': some(320, (index) => (index % 4 === 0 ? `## Title ${index}` : `Block ${index}.`), '\n\n'),
}

const count = (plain: readonly Plain[], is: (one: Exclude<Plain, string>) => boolean): number =>
  plain.reduce((sum, one) => sum + (typeof one === 'string' ? 0 : Number(is(one)) + count(one.kids, is)), 0)

describe('long blocks', () => {
  test.each(Object.keys(texts))('%s is the same at every prefix, however it came', (name) => {
    const text = texts[name] ?? ''
    const cuts = fc.array(fc.integer({ min: 1, max: text.length }), { minLength: 8, maxLength: 20 }).map((all) => all.sort((a, b) => a - b))
    fc.assert(fc.property(cuts, (chosen) => compare(text, chosen)), { numRuns: 2, seed: seedOf(`cuts of ${name}`) })
    compare(text, Array.from({ length: 14 }, (_, index) => text.length - 14 + index))
  }, 60_000)

  test('stand in parts that can be skipped', () => {
    const shapes = (name: string) => whole(texts[name] ?? '')
    expect(count(shapes('a paragraph'), (one) => 'data-piece' in one.attributes)).toBeGreaterThan(5)
    // One list to whoever hears it, its items behind the first fifty in parts, each loose by itself and numbered from its own first.
    expect(count(shapes('a list'), (one) => one.tag === 'ol')).toBe(1)
    expect(count(shapes('a list'), (one) => 'data-part' in one.attributes)).toBe(2)
    expect(count(shapes('a list'), (one) => one.tag === 'li' && one.attributes['value'] === '57')).toBe(1)
    expect(count(shapes('a list'), (one) => (one.tag === 'ol' || 'data-part' in one.attributes) && 'data-loose' in one.attributes)).toBe(2)
    expect(count(shapes('a table'), (one) => one.attributes['data-table'] === 'long')).toBe(1)
    expect(count(shapes('footnotes'), (one) => 'data-part' in one.attributes)).toBe(2)
    expect(count(shapes('many blocks'), (one) => 'data-book' in one.attributes && 'data-full' in one.attributes)).toBe(2)
  })

  test('a paragraph that is cut keeps every character', () => {
    const words = (plain: readonly Plain[]): string => plain.map((one) => (typeof one === 'string' ? one : words(one.kids))).join('')
    fc.assert(fc.property(fc.array(fc.constantFrom('word ', 'end. ', 'long'.repeat(300), 'é ', '🙂', '(x) '), { minLength: 500, maxLength: 1_500 }), (parts) => {
      const text = parts.join('').trim()
      expect(words(whole(text))).toBe(text)
    }), { numRuns: 20, seed: seedOf('paragraphs that are cut') })
  })
})
