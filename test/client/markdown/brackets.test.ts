import fc from 'fast-check'
import { Lexer } from 'marked'
import { expect, test } from 'vitest'
import { lexWhole } from '../../../src/client/markdown/syntax.ts'
import { seedOf } from '../../support/seed.ts'

const piece = fc.constantFrom('[', '[', '[', '[[', '[[[', '[[[[', '![', ']', ']', ']]', ']]]', '](/u)', '][r]', '](/u "t")', 'a', ' ', '*', '_', '`', '\n', '<b', '@')

test('a row of brackets, which is read at once, holds exactly the links that marked finds in it', () => {
  const seed = seedOf('brackets')
  let links = 0
  fc.assert(fc.property(fc.array(piece, { minLength: 1, maxLength: 16 }).map((pieces) => `[r]: /r\n\na${pieces.join('')}`), (text) => {
    const inner = (tokens: ReturnType<typeof lexWhole>): string => JSON.stringify(tokens)
    const ours = inner(lexWhole(text))
    if (/\[\[\[\[/.test(text) && ours.includes('"link"')) links++
    return ours === inner([...new Lexer({ gfm: true }).lex(text)])
  }), { numRuns: 3_000, seed })
  expect(links).toBeGreaterThan(50)
})
