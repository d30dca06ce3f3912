/** Where an inline text can be cut so that what follows is read as if nothing stood before it, and nothing before it can change any more. */
import type { Token } from 'marked'
import { LONGEST_MATHS } from './extensions.ts'
import { pair } from './pairs.ts'

/**
 * Marks in plain text that something later may pair with. Not: marks between blanks; `_` between letters; `<` before what begins no tag;
 * names in brackets, which only a definition can change.
 */
const hazard = /\*(?<!\s\*(?=\s))|~(?<!\s~(?=\s))|_(?<![\p{L}\p{N}]_(?=[\p{L}\p{N}]))|`|<(?=[A-Za-z/!?])|\$/u
const bracketed = /!?\[(?:[^[\]\\`*_~<$!]|\\.)*\](?![([:])/g

/** The last offset in `source`, whose tokens these are, where it may be cut; 0 if there is none. */
export function checkpoint(tokens: readonly Token[], source: string): number {
  let best = 0
  let at = 0
  let paired = -1
  for (const [index, token] of tokens.entries()) {
    const end = at + token.raw.length
    if (token.type === 'html' && index > paired) {
      const found = pair(tokens, index)
      if (found !== null) paired = found.end
      else if (/^<[a-z]+>$/i.test(token.raw)) return best
    }
    if (token.type === 'text') {
      const safe = harmless(token.raw, source.length - at)
      if (index > paired) best = Math.max(best, cutIn(source, at, at + safe))
      if (safe < token.raw.length) return best
    } else if (!isClosed(token, source, end)) return best
    at = end
  }
  return best
}

/** How much of a plain text is before its first mark that may still pair. */
function harmless(raw: string, behind: number): number {
  const blank = raw.replaceAll(bracketed, (whole) => ' '.repeat(whole.length))
  let from = 0
  for (;;) {
    const found = hazard.exec(blank.slice(from))
    const bracket = blank.indexOf('[', from)
    const first = Math.min(found === null ? Infinity : from + found.index, bracket < 0 ? Infinity : bracket)
    if (first === Infinity) return raw.length
    // A lone dollar is harmless once no formula can reach it.
    const reach = blank.indexOf('\n', first)
    if (blank.charAt(first) !== '$' || (reach < 0 && behind - first <= LONGEST_MATHS + 2)) return first
    from = first + 1
  }
}

/** The last place between a blank and a letter. */
function cutIn(source: string, from: number, to: number): number {
  for (let at = Math.min(to, source.length) - 1; at > from; at--) {
    const before = source.charCodeAt(at - 1)
    if ((before === 32 || before === 10) && /[A-Za-z0-9]/.test(source.charAt(at)) && !(before === 10 && source.charCodeAt(at - 2) === 32)) return at
  }
  return 0
}

function isClosed(token: Token, source: string, end: number): boolean {
  switch (token.type) {
    case 'strong':
    case 'em': {
      // marked skips a closing mark that stands inside the other kind's, which it may see only later.
      const other = token.raw.startsWith('*') ? '__' : '**'
      if (!token.raw.includes(other)) return true
      const next = source.slice(end).search(/[*_]/)
      return next >= 0 && end + next < source.length - 2
    }
    case 'escape':
      // `\(` may begin a formula.
      return (token.raw !== '\\(' && token.raw !== '\\[') || source.length - end > LONGEST_MATHS + 4
    default:
      return true
  }
}
