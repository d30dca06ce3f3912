/** Markdown as it would be read aloud: its words without its marks. */
import { lex } from './lex.ts'
import { shapeBlock } from './shape.ts'
import type { MarkdownWords, Shape } from './shape.ts'

/** One line per block; code without its caption. */
export function spoken(source: string, words: MarkdownWords): string {
  return lex(source).tokens.map((token) => wordsOf(shapeBlock(token, words, 2) ?? '').trim()).filter((line) => line !== '').join('\n')
}

/** Elements whose end is a pause. */
const pauses = new Set(['li', 'p', 'tr', 'th', 'td', 'br', 'pre'])

function wordsOf(shape: Shape): string {
  if (typeof shape === 'string') return shape
  if (shape.tag === 'figcaption') return ''
  const inside = shape.kids.map(wordsOf).join('')
  return pauses.has(shape.tag) ? `${inside} ` : inside
}
