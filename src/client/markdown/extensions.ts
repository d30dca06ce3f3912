/** What we add to marked's language: formulas and footnotes. Each decides on its first whole line, so that a growing text never changes its mind. */
import type { Token, TokenizerExtensionFunction, TokenizerThis, Tokens } from 'marked'

export interface Maths extends Tokens.Generic {
  readonly type: 'maths'
  readonly text: string
  readonly display: boolean
}

export interface Footnote extends Tokens.Generic {
  readonly type: 'footnote'
  readonly label: string
  readonly tokens: Token[]
}

export interface FootnoteMark extends Tokens.Generic {
  readonly type: 'footnote-mark'
  readonly label: string
}

const oneLine = /^ {0,3}(?:\$\$([^\n]+?)\$\$|\\\[([^\n]+?)\\\])[ \t]*(?:\n|$)/
/** `$$` alone or before TeX, `\[` before anything that does not close it; to the closing mark, a blank line or the end. */
const dollars = /^ {0,3}\$\$(?=[ \t]*\n|(?:(?!\$\$)[^\n])*\\[a-zA-Z](?:(?!\$\$)[^\n])*\n)((?:(?!\n[ \t]*(?:\n|$)|\$\$[ \t]*(?:\n|$))[\s\S])*)(?:\n?\$\$[ \t]*(?:\n|$)|\n|$)/
const brackets = /^ {0,3}\\\[(?=(?:(?!\\\])[^\n])*\n)((?:(?!\n[ \t]*(?:\n|$)|\\\][ \t]*(?:\n|$))[\s\S])*)(?:\n?\\\][ \t]*(?:\n|$)|\n|$)/

/** The formula that a text begins with. */
export function mathsAt(src: string): Maths | undefined {
  if (!/^ {0,3}(?:\$\$|\\\[)/.test(src)) return undefined
  const found = oneLine.exec(src) ?? dollars.exec(src) ?? brackets.exec(src)
  return found === null ? undefined : { type: 'maths', raw: found[0], text: (found[1] ?? found[2] ?? '').trim(), display: true }
}

export const mathsBlock: TokenizerExtensionFunction = (src) => mathsAt(src)

/** Where a paragraph may end because a formula begins. */
export const mathsStart = (src: string): number => {
  const at = src.search(/\n {0,3}(?:\$\$|\\\[)/)
  return at < 0 ? at : at + 1
}

/** No formula in a line is longer: so a lone `$` does not keep a paragraph open. */
export const LONGEST_MATHS = 1000
const spans = [
  /^\$\$(?!\$)([^\n$]{1,1000}?)\$\$(?!\$)/,
  /^\\\[([\s\S]{1,1000}?)\\\]/,
  /^\$(?![\s$])((?:\\[^\n]|[^\\$\n]){1,1000}?)(?<!\s)\$(?![\w$])/,
  /^\\\(([\s\S]{1,1000}?)\\\)/,
]

export const inlineMaths: TokenizerExtensionFunction = (src): Maths | undefined => {
  if (!src.startsWith('$') && !src.startsWith('\\(') && !src.startsWith('\\[')) return undefined
  for (const [index, span] of spans.entries()) {
    const found = span.exec(src)
    if (found?.[1] !== undefined) return { type: 'maths', raw: found[0], text: found[1].trim(), display: index < 2 }
  }
  return undefined
}

/** Formulas hold no emphasis. */
export function maskMaths(src: string): string {
  if (!src.includes('$')) return src
  return src.replaceAll(/\$\$(?!\$)[^\n$]{1,1000}?\$\$(?!\$)|\$(?![\s$])(?:\\[^\n]|[^\\$\n]){1,1000}?(?<!\s)\$(?![\w$])/g, (whole) => `[${'a'.repeat(whole.length - 2)}]`)
}

const definition = /^ {0,3}\[\^([^\]\s^[]{1,100})\]:[ \t]*([^\n]*(?:\n(?=[A-Za-z])[^\n]+|\n(?:[ \t]*\n)*(?: {4}|\t)[ \t]*[^\s][^\n]*)*)(?:\n|$)/

export const beginsFootnote = (src: string): boolean => definition.test(src)

export function footnoteBlock(this: TokenizerThis, src: string): Footnote | undefined {
  const found = definition.exec(src)
  if (found?.[1] === undefined || found[2] === undefined) return undefined
  const label = found[1].toLowerCase()
  const { lexer } = this
  lexer.tokens.links[`^${label}`] ??= { href: '', title: null }
  const { top } = lexer.state
  lexer.state.top = true
  const tokens = lexer.blockTokens(found[2].replaceAll(/\n(?: {4}|\t)/g, '\n'), [])
  lexer.state.top = top
  return { type: 'footnote', raw: found[0], label, tokens }
}

export function footnoteMark(this: TokenizerThis, src: string): FootnoteMark | undefined {
  const found = src.startsWith('[^') ? /^\[\^([^\]\s^[]{1,100})\]/.exec(src) : null
  const label = found?.[1]?.toLowerCase()
  if (found === null || label === undefined || this.lexer.tokens.links[`^${label}`] === undefined) return undefined
  return { type: 'footnote-mark', raw: found[0], label }
}
