/**
 * Which turns of a long thread are on the page. All others are spaces of the height they had, or are thought to have, so that the page costs
 * what is seen of it. Pure; `thread-window.ts` feeds it.
 */

/** What is drawn, from top to bottom: turns by their place in the list, and the spaces between them. */
export type Piece =
  | { readonly kind: 'turns'; readonly from: number; readonly to: number }
  | { readonly kind: 'space'; readonly from: number; readonly to: number; readonly height: number }

/** Indices from `from` up to, not including, `to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** Turns that are touched by the stretch from `top` to `bottom` (px from the first turn's top); at least one where there is any. */
export function rangeAt(heights: readonly number[], top: number, bottom: number): Range {
  let at = 0
  let from = -1
  for (const [index, height] of heights.entries()) {
    const end = at + height
    if (from < 0 && (end > top || index === heights.length - 1)) from = index
    if (from >= 0 && end >= bottom) return { from, to: index + 1 }
    at = end
  }
  return { from: Math.max(0, from), to: heights.length }
}

/** The last turns that fill `height` px. */
export function rangeAtEnd(heights: readonly number[], height: number): Range {
  let from = heights.length
  for (let filled = 0; from > 0 && filled < height;) filled += heights[--from] ?? 0
  return { from, to: heights.length }
}

/** Turns and spaces, so that all of `ranges` (in any order, overlapping or not) are turns. Spaces of no height are left out. */
export function piecesOf(heights: readonly number[], ranges: readonly Range[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  const space = (to: number) => {
    if (to > at) pieces.push({ kind: 'space', from: at, to, height: sum(heights, at, to) })
    at = Math.max(at, to)
  }
  const sorted = ranges
    .map(({ from, to }) => ({ from: Math.max(0, from), to: Math.min(to, heights.length) }))
    .filter(({ from, to }) => to > from)
    .toSorted((a, b) => a.from - b.from)
  for (const { from, to } of sorted) {
    space(from)
    if (to <= at) continue
    const last = pieces.at(-1)
    if (last?.kind === 'turns') pieces[pieces.length - 1] = { ...last, to }
    else pieces.push({ kind: 'turns', from: at, to })
    at = to
  }
  space(heights.length)
  return pieces
}

/** True where every turn of `wanted` is drawn. */
export function draws(pieces: readonly Piece[], wanted: Range): boolean {
  return wanted.from >= wanted.to || pieces.some((piece) => piece.kind === 'turns' && piece.from <= wanted.from && piece.to >= wanted.to)
}

export function sum(heights: readonly number[], from: number, to: number): number {
  let total = 0
  for (let index = from; index < to; index++) total += heights[index] ?? 0
  return total
}

/** Height of a turn that was never drawn, from how much it says, in px. Near enough: what it turns out to be, the browser makes up for. */
export function thought(characters: number, width: number): number {
  const perLine = Math.max(20, Math.min(width, 720) / 7.6)
  return 132 + Math.ceil(characters / perLine) * 27
}
