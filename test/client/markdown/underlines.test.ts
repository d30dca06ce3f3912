import fc from 'fast-check'
import { Lexer } from 'marked'
import { expect, test } from 'vitest'
import { lexWhole } from '../../../src/client/markdown/syntax.ts'
import { seedOf } from '../../support/seed.ts'

const piece = fc.constantFrom('\n', '\n', '\n\n', ' ', '   ', '\t', 'word', 'Two words', '1.', '- ', '---', '===', '--', '=', '#', '| a ', '|---')

test('an underline makes a heading of what stands above it exactly where marked says so', () => {
  const seed = seedOf('underlines')
  let headings = 0
  fc.assert(fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join('')), (text) => {
    const outline = (tokens: ReturnType<typeof lexWhole>) => tokens.map(({ type, raw }) => `${type} ${raw}`).join('\u0000')
    const ours = outline(lexWhole(text))
    if (ours.startsWith('heading') && !ours.startsWith('heading #')) headings++
    return ours === outline(new Lexer({ gfm: true }).blockTokens(text, []))
  }), { numRuns: 2_000, seed })
  expect(headings).toBeGreaterThan(5)
})
