/**
 * Makes half-typed markdown presentable: what is still open at the end of a growing text is drawn as if it were closed, and a mark of
 * which nobody knows yet what it will be is held back. Touches the last line and the last inline text only.
 */
import type { Token, Tokens } from 'marked'
import { LONGEST_MATHS, maskMaths } from './extensions.ts'
import { itemsOf } from './reading.ts'
import type { Lexed } from './syntax.ts'

const mark = /^\s*(?:>\s*)*(?:#{1,6}|[-*+_=~`|:$\\\s]+|[-*+] \[[ xX]?\]?|\d{1,9}[.)]?|\[\^?[^\]\s]*\]?|(?:(?:[-*+]|\d{1,9}[.)])\s+)+(?:[-*+#>`_~|$\\]+|\d{1,9}[.)]?|\[[ xX]?\]?)?)?\s*$/

/** What such a line begins with. */
const begins = /^\s*(?:$|[>#\-*+_=~`|:$\\\d[])/

/** Nobody writes a longer line of marks; and the pattern takes the square of what it looks at. */
const LONGEST_MARK = 100

/** A line that is nothing but a mark so far (`#`, `-`, `1.`, `>`, `` `` ``, `=`, `|`, `$$`). */
export const isUndecided = (line: string): boolean => begins.test(line) && ((line.length <= LONGEST_MARK && mark.test(line)) || /^ {0,3}\[[^\]\n^][^\]\n]*\]:/.test(line))

/** The text without a last line that nobody can tell yet; and with the delimiter row that a table's head waits for. */
export function holdBack(text: string): string {
  const start = text.lastIndexOf('\n') + 1
  return closeTable(isUndecided(text.slice(start)) ? text.slice(0, start) : text)
}

/** A header row, alone or with half a delimiter row, is drawn as a table. */
function closeTable(text: string): string {
  const found = /(?:^|\n[ \t]*\n|^)( {0,3}\|[^\n]*)(?:\n([\s|:-]*))?$/.exec(text)
  const header = found?.[1]
  if (header === undefined || header.trim().length < 2) return text
  const whole = header.trimEnd().endsWith('|') ? header.trimEnd() : `${header.trimEnd()} |`
  const cells = whole.trim().slice(1, -1).split(/(?<!\\)\|/).length
  return `${text.slice(0, text.length - (found?.[0].replace(/^\n[ \t]*\n/, '').length ?? 0))}${whole}\n|${' --- |'.repeat(cells)}`
}

/** Closes what is open in the last inline text of these blocks. */
export function healLexed({ tokens, queue }: Lexed): void {
  const open = openText(tokens.at(-1))
  const waiting = open === undefined ? undefined : queue.find((each) => each.tokens === open)
  if (waiting !== undefined) waiting.src = healInline(waiting.src)
}

/** Where the last inline text of a block will stand. */
function openText(token: Token | undefined): Token[] | undefined {
  if (token === undefined) return undefined
  switch (token.type) {
    case 'paragraph':
    case 'text':
    case 'heading':
      return token.tokens
    case 'blockquote':
    case 'footnote':
      return openText(token.tokens?.at(-1))
    case 'list':
      return openText(itemsOf(token).at(-1)?.tokens.at(-1))
    case 'table': {
      const { rows, header } = token as Tokens.Table
      return (rows.at(-1) ?? header).findLast((cell) => cell.text !== '')?.tokens
    }
    default:
      return undefined
  }
}

/** No link is longer; and looking further back would cost the square of the text. */
const LONGEST_LINK = 2000

/** An inline text with everything closed that is open at its end. */
export function healInline(text: string): string {
  // Half a character reference is not shown: it will be one character.
  const whole = text.replace(/&(?:#?[A-Za-z0-9]{0,30})$/, '')
  if (!/[[\]*_~`<$\\]/.test(whole)) return whole
  return closeMarks(closeMaths(closeDollars(closeLink(whole))))
}

/** Half an address, with brackets of its own: each character is read in one way only, or what does not fit would be tried in every way there is. */
const address = String.raw`(?:[^()\n]|\([^()\n]*\)|\((?![^()\n]*\)))*`
const halfImage = new RegExp(String.raw`!(?:\[[^\]\n]*(?:\](?:\(${address}|\[[^\]\n]*)?)?)?$`)
const halfLink = new RegExp(String.raw`(^|[^\\])\[((?:[^\][\n]|\\[[\]]|\[[^\][\n]*\])*)\](?:\(${address}|\[[^\]\n]*)$`)

/** `[text](http://exa` and `[text` show their text; an image, a tag or an address in `<>` that is not complete shows nothing. */
function closeLink(text: string): string {
  const cut = Math.max(0, text.length - LONGEST_LINK)
  return text.slice(0, cut) + text.slice(cut)
    .replace(/<(?:[A-Za-z/!?][^<>\n]*)?$/, '')
    .replace(halfImage, '')
    .replace(/\[\^[^\]\s]*$/, '')
    .replace(halfLink, '$1$2')
    .replace(/(^|[^\\\]])\[([^\]\n]*)$/, '$1$2')
}

/** `\(x^2` and `\[x^2` are formulas already. */
function closeMaths(text: string): string {
  const line = text.slice(Math.max(text.lastIndexOf('\n') + 1, text.length - 500))
  const opened = /(?:^|[^\\])(?:\\\((?:(?!\\\))[\s\S])*|\\\[(?:(?!\\\])[\s\S])*)$/.exec(line)?.[0]
  if (opened === undefined) return text
  const closing = opened.includes('\\(') ? '\\)' : '\\]'
  const empty = /\\[([]\s*$/.exec(text)
  if (empty !== null) return text.slice(0, empty.index)
  return text.endsWith('\\') ? text + closing.slice(1) : text + closing
}

/** What only a formula has in it, or begins with: `$x^`, `$\alpha`, `$a +`. A price or a variable does not. */
const formulaLike = /[\\^_{]|^[A-Za-z]{1,2}\s*[-+*/=<>|]/
/** Of `$`, `$x` and `$5` nobody can tell yet. */
const undecidedFormula = /^(?:[A-Za-z]{0,2}\s*|\d{1,2})$/

/** `$x^2` is a formula already, `$` and `$x` are held back, `$100` is text. */
function closeDollars(text: string): string {
  const start = Math.max(text.lastIndexOf('\n') + 1, text.length - LONGEST_MATHS)
  const found = /(?:^|[^\\$\w])(\${1,2})(?!\s)([^$]*)$/.exec(maskMaths(text.slice(start)))
  if (found?.[1] === undefined || found[2] === undefined || (found[0].match(/`/g)?.length ?? 0) % 2 === 1) return text
  const from = text.length - found[2].length
  const inside = text.slice(from).replace(/[\s\\]+$/, '')
  if (formulaLike.test(found[2]) && inside !== '') return text.slice(0, from) + inside + found[1]
  return undecidedFormula.test(inside) ? text.slice(0, from - found[1].length) : text
}

/** Closes code spans, strong, emphasis and strike-through that are open at the end; drops a mark with nothing behind it. */
function closeMarks(block: string): string {
  const open: string[] = []
  let textSince = true
  const masked = maskMaths(block)
  const marks = /\\[\s\S]|`+|\*{1,3}|_{1,3}|~{1,2}/g
  let behind = 0
  for (let found = marks.exec(masked); found !== null; found = marks.exec(masked)) {
    const run = found[0]
    const at = found.index
    if (at > behind) textSince = true
    behind = at + run.length
    if (run.startsWith('\\')) {
      textSince = true
      continue
    }
    if (run.startsWith('`')) {
      const close = closingTicks(block, behind, run.length)
      if (close < 0) return behind === block.length ? finish(block.slice(0, at), open, textSince) : finish(`${block.replace(/`+$/, '')}${run}`, open, true)
      behind = close + run.length
      marks.lastIndex = behind
      textSince = true
      continue
    }
    scanMark(block, at, run, open)
    textSince = behind < block.length
  }
  return finish(block, open, textSince)
}

/** Takes an emphasis mark: it closes the innermost mark like it, opens one, or is plain text. */
function scanMark(block: string, at: number, run: string, open: string[]): void {
  const before = block.charAt(at - 1)
  const after = block.charAt(at + run.length)
  const wordy = run.startsWith('_') && /\w/.test(before)
  if (open.includes(run) && before !== ' ') open.splice(open.lastIndexOf(run))
  else if (run.length === 3 && open.at(-1) !== undefined && open.join('').endsWith(run)) open.length = Math.max(0, open.length - 2)
  else if (after !== '' && !/\s/.test(after) && !wordy) open.push(run)
  else if (after === '' && !wordy) open.push(run)
}

const MOST_OPEN = 8

function finish(block: string, open: readonly string[], textSince: boolean): string {
  let text = block
  // So many are no emphasis, and marked would try each with each.
  const closers = open.length > MOST_OPEN ? [] : [...open]
  if (!textSince) {
    // Nothing stands behind the last mark yet, and half a closing mark (`**bold*`) is no mark of its own.
    const last = closers.at(-1)
    if (last !== undefined && text.endsWith(last)) {
      text = text.slice(0, -last.length)
      closers.pop()
    }
  }
  if (closers.length === 0) return text
  const trailing = /\s*$/.exec(text)?.[0] ?? ''
  return text.slice(0, text.length - trailing.length) + closers.reverse().join('') + trailing
}

function closingTicks(block: string, from: number, length: number): number {
  const ticks = /`+/g
  ticks.lastIndex = from
  for (let found = ticks.exec(block); found !== null; found = ticks.exec(block)) if (found[0].length === length) return found.index
  return -1
}
