/**
 * Where a paragraph of many thousand characters is cut in pieces, each laid out by itself and skipped while it is out of sight. A cut stands
 * before a word of plain text, behind a sentence where there is one, and depends on the text in front of it alone: growing and whole texts have
 * the same pieces. What nobody writes has no such place: it is cut where it is.
 */
export interface Cut {
  /** Goes past text that is not cut. */
  pass(raw: string): void
  /** True if a piece has to end here, before what is not cut. */
  due(): boolean
  /** Plain text in parts: it is cut between them. */
  split(raw: string): string[]
  copy(): Cut
}

/** A piece has at least so many characters … */
const SHORTEST = 2_000
/** … and where no sentence ends, ends with the first word after so many. */
const LONGEST = 3_000

/** … and where there is no word either, ends with this character, for lines cannot be laid out by the hundred thousand. */
const LONGEST_OF_MARKS = 4_000

const sentence = /[.!?]\s[\p{L}\d]$/u
const word = /\s[\p{L}\d]$/u

export function createCut(length = 0, before = '  '): Cut {
  return {
    due() {
      if (length < LONGEST_OF_MARKS) return false
      length = 0
      return true
    },
    pass(raw) {
      length += raw.length
      before = (before + raw).slice(-2)
    },
    split(raw) {
      const parts: string[] = []
      let from = 0
      const source = before + raw
      for (let at = Math.max(0, SHORTEST - length); at < raw.length; at++) {
        const since = length + at - from
        if (since < LONGEST_OF_MARKS ? !endsPiece(raw, at, since, source.slice(at, at + 3)) : /[\uD800-\uDBFF]/.test(source.charAt(at + 1))) continue
        parts.push(raw.slice(from, at))
        from = at
        length = 0
      }
      parts.push(raw.slice(from))
      length += raw.length - from
      before = source.slice(-2)
      return parts
    },
    copy: () => createCut(length, before),
  }
}

function endsPiece(raw: string, at: number, since: number, around: string): boolean {
  if (since < SHORTEST || !(since < LONGEST ? sentence : word).test(around)) return false
  // A definition that comes later may make a link of what stands in brackets.
  return raw.lastIndexOf('[', at) <= raw.lastIndexOf(']', at)
}
