/** Markdown as it would be read aloud: its words without its marks. */
import { isLive } from './live.ts'
import type { Shape } from './live.ts'
import { footnotesIn, shapeBlock } from './shape.ts'
import type { MarkdownWords } from './shaping.ts'
import { lexWhole } from './syntax.ts'

/** One line per block; code without its caption. */
export function spoken(source: string, words: MarkdownWords): string {
  const tokens = lexWhole(source)
  const notes = footnotesIn(tokens)
  const shaping = { words, runOf: () => undefined, footnote: (label: string) => notes.findIndex((note) => note.label === label) + 1 }
  return [...tokens, ...notes.flatMap((note) => note.tokens)]
    .flatMap((token) => shapeBlock(token, shaping, 2)).map((shape) => wordsOf(shape).trim()).filter((line) => line !== '').join('\n')
}

/** Elements whose end is a pause. */
const pauses = new Set(['li', 'p', 'tr', 'th', 'td', 'br', 'pre'])

function wordsOf(shape: Shape): string {
  if (typeof shape === 'string') return shape
  if (isLive(shape) || shape.tag === 'figcaption') return ''
  const inside = shape.kids.map(wordsOf).join('')
  return pauses.has(shape.tag) ? `${inside.trimEnd()} ` : inside
}
