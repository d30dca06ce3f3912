/**
 * Inline text of many thousand characters is read in pieces, so that a mark that is opened and never closed does not make everything behind it be
 * read again and again. Where nothing is open, cutting changes nothing; a construct that is longer than a piece is none.
 */
import type { Token } from 'marked'
import { checkpoint } from './checkpoint.ts'

/** Nothing an answer holds inside a paragraph is longer. */
const LONGEST = 8_000
/** How much of the beginning of a text is read at once; null if that is all of it, or may be. */
export function readableAtOnce(text: string): number | null {
  if (text.length <= LONGEST) return null
  // Never between the halves of a surrogate pair.
  return text.charCodeAt(LONGEST - 1) >> 10 === 0x36 ? LONGEST - 1 : LONGEST
}

/** Reads a text of any length with `lex`, which takes no more than it can read at once. */
export function readInPieces(text: string, into: Token[], lex: (piece: string) => Token[]): void {
  for (let rest = text; rest !== '';) {
    const limit = readableAtOnce(rest) ?? rest.length
    const piece = rest.slice(0, limit)
    const safe = limit < rest.length ? checkpoint(lex(piece), piece) : 0
    const at = safe === 0 ? limit : safe
    into.push(...lex(rest.slice(0, at)))
    rest = rest.slice(at)
  }
}
