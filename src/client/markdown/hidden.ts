/**
 * Characters that nobody sees but that change what is read: direction marks that reorder a line, zero-width characters, tag characters
 * that carry hidden words, terminal escapes. They are made visible around the true character, so that copying gives what was written.
 */

/** A piece of text; `name` is how a hidden one is called, null for text that is what it looks like. */
export interface Piece {
  readonly text: string
  readonly name: string | null
}

const hidden = '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0]'
/** Variation selectors too: one behind a character chooses its look, more than one carry something else. */
const suspect = new RegExp(`${hidden}|[\\ufe00-\\ufe0f]{2}|\\udb40`)
/** What is joined by these is written so: pictures, flags of regions, and letters of scripts that need joiners. */
const lettersWithJoiners = '\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Mongolian}'
const each = new RegExp(
  // At the end of a text they wait for what they join.
  `\\u{1f3f4}[\\u{e0020}-\\u{e007e}]{1,6}(?:\\u{e007f}|$)` // a flag
  + `|(?<=[\\p{Extended_Pictographic}\\ufe0f\\u{1f3fb}-\\u{1f3ff}])\\u200d(?=\\p{Extended_Pictographic}|$)`
  + `|(?<=[${lettersWithJoiners}])[\\u200c\\u200d](?=[${lettersWithJoiners}]|$)`
  + `|(?<tags>[\\u{e0000}-\\u{e007f}]+)|(?<selectors>[\\u{e0100}-\\u{e01ef}]+|[\\ufe00-\\ufe0f]{2,})|(?<one>${hidden})`,
  'gu',
)

const names: Readonly<Record<number, string>> = {
  0x00: 'NUL', 0x07: 'BEL', 0x08: 'BS', 0x1b: 'ESC', 0x7f: 'DEL', 0x9b: 'CSI', 0xad: 'SHY', 0x61c: 'ALM', 0x200b: 'ZWSP', 0x200c: 'ZWNJ', 0x200d: 'ZWJ', 0x200e: 'LRM', 0x200f: 'RLM',
  0x202a: 'LRE', 0x202b: 'RLE', 0x202c: 'PDF', 0x202d: 'LRO', 0x202e: 'RLO', 0x2060: 'WJ', 0x2066: 'LRI', 0x2067: 'RLI', 0x2068: 'FSI', 0x2069: 'PDI', 0xfeff: 'BOM',
}

/** Cheap enough for every text: one pass of a pattern without alternatives that look back. */
export const hasHidden = (text: string): boolean => suspect.test(text)

/** The text in pieces, joined exactly the text. A text without hidden characters is one piece. */
export function pieces(text: string): readonly Piece[] {
  if (!hasHidden(text)) return [{ text, name: null }]
  const found: Piece[] = []
  let from = 0
  for (const match of text.matchAll(each)) {
    const name = nameOf(match)
    if (name === null) continue
    if (match.index > from) found.push({ text: text.slice(from, match.index), name: null })
    found.push({ text: match[0], name })
    from = match.index + match[0].length
  }
  if (from < text.length) found.push({ text: text.slice(from), name: null })
  return found
}

function nameOf({ 0: whole, groups }: RegExpMatchArray): string | null {
  if (groups?.['tags'] !== undefined) {
    const words = Array.from(whole, (tag) => (tag.codePointAt(0) ?? 0) - 0xe0000).filter((code) => code >= 0x20 && code < 0x7f).map((code) => String.fromCodePoint(code)).join('')
    return words === '' ? 'TAG' : `TAG ${words}`
  }
  if (groups?.['selectors'] !== undefined) return `VS ×${Array.from(whole).length}`
  if (groups?.['one'] === undefined) return null
  const code = whole.codePointAt(0) ?? 0
  return names[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
