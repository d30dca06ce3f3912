/**
 * Inline text of many thousand characters is read in pieces, so that a mark that is opened and never closed does not make everything behind it be
 * read again and again. Where nothing is open, cutting changes nothing; a construct that is longer than a piece is none.
 */
import type { Token } from 'marked'
import { checkpoint } from './checkpoint.ts'

/** Nothing an answer holds inside a paragraph is longer. */
const LONGEST = 8_000
/** For each mark marked may look at all that stands behind it: so a piece has no more than this many characters times marks. */
const DEAREST = 80_000
/** What marked may begin something with. */
const marks = /[\\<![\]`*~_$@]|:\/\//g

/** How much of the beginning of a text is read at once; null if that is all of it, or may be. Depends on that beginning alone. */
export function readableAtOnce(text: string): number | null {
  // All may be marks.
  if (text.length * text.length <= DEAREST) return null
  let limit = LONGEST
  let count = 0
  marks.lastIndex = 0
  for (let found = marks.exec(text); found !== null && found.index < limit; found = marks.exec(text)) limit = Math.max(found.index, Math.min(limit, Math.floor(DEAREST / ++count)))
  if (text.length <= limit) return null
  // Never between the halves of a surrogate pair.
  return text.charCodeAt(limit - 1) >> 10 === 0x36 ? limit - 1 : limit
}

/** Reads a text of any length with `lex`, which takes no more than it can read at once. */
export function readInPieces(text: string, into: Token[], lex: (piece: string) => Token[]): void {
  for (let rest = text; rest !== '';) {
    const limit = readableAtOnce(rest) ?? rest.length
    const piece = rest.slice(0, limit)
    const tokens = lex(piece)
    const safe = limit < rest.length ? checkpoint(tokens, piece) : 0
    into.push(...(safe === 0 ? tokens : lex(rest.slice(0, safe))))
    rest = rest.slice(safe === 0 ? limit : safe)
  }
}
