/** Where words stand in a text that is drawn in pieces. Pure. */

/** A stretch of one occurrence, from `start` up to, not including, `end`, each as a piece and an offset in it. */
export interface Place {
  readonly start: { readonly piece: number; readonly offset: number }
  readonly end: { readonly piece: number; readonly offset: number }
}

/**
 * Every occurrence of `words` in the text that the pieces make together, whatever its case; none overlaps another. A piece that is `null`
 * is a border that no occurrence crosses.
 */
export function placesOf(words: string, pieces: readonly (string | null)[]): Place[] {
  const wanted = fold(words)
  if (wanted === '') return []
  // No text that is typed in holds the sign that stands for a border.
  const said = fold(pieces.map((piece) => piece ?? BORDER).join(''))
  const places: Place[] = []
  let piece = 0
  let before = 0
  const locate = (at: number, isEnd: boolean) => {
    // An end belongs to the piece that it ends, not to the one that begins there.
    while (piece < pieces.length - 1 && (isEnd ? before + lengthOf(pieces[piece]) < at : before + lengthOf(pieces[piece]) <= at)) before += lengthOf(pieces[piece++])
    return { piece, offset: at - before }
  }
  for (let at = said.indexOf(wanted); at >= 0; at = said.indexOf(wanted, at + wanted.length)) {
    const start = locate(at, false)
    places.push({ start, end: locate(at + wanted.length, true) })
  }
  return places
}

const BORDER = '\u0000'

function lengthOf(piece: string | null | undefined): number {
  return piece === undefined ? 0 : (piece ?? BORDER).length
}

/** Lower case, as long as the text itself: where a letter's lower case is longer it stays as it is. A line's end is a space, as it is drawn. */
function fold(given: string): string {
  const text = given.replaceAll(/\s/g, ' ')
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replaceAll(/./gsu, (sign) => (sign.toLowerCase().length === sign.length ? sign.toLowerCase() : sign))
}
