/** Which entries of the palette a query means. Pure. */

/** Higher is better; null: not meant. Every word of the query must be in the text; beginnings of words count more than what is inside of them. */
export function rank(query: string, title: string): number | null {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '')
  const inside = title.toLowerCase()
  let sum = 0
  for (const word of words) {
    const at = inside.indexOf(word)
    if (at === -1) return null
    sum += at === 0 ? 3 : new RegExp(`[^\\p{L}\\p{N}]${word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}`, 'u').test(inside) ? 2 : 1
  }
  return sum
}

/** The best `most` of them, in their own order where they are equally good. */
export function find<T>(query: string, all: readonly T[], titleOf: (one: T) => string, most: number): T[] {
  return all
    .flatMap((one, place) => {
      const points = rank(query, titleOf(one))
      return points === null ? [] : [{ one, place, points }]
    })
    .sort((a, b) => b.points - a.points || a.place - b.place)
    .slice(0, most)
    .map(({ one }) => one)
}
