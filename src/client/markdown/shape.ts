/**
 * marked's tokens as plain descriptions of elements: no DOM and no HTML string anywhere, so raw HTML in an answer can only ever
 * become text. The one place that knows what a token looks like; `nodes.ts` makes elements of what it says.
 */
import type { Token, Tokens } from 'marked'
import { decodeEntities } from './entities.ts'
import type { Footnote, Maths } from './extensions.ts'
import { element } from './live.ts'
import type { ElementShape } from './live.ts'
import { kidsOf, visible, visibleInPieces } from './shape-inline.ts'
import { columnsOf } from './shape-table.ts'
import { DEEPEST } from './shaping.ts'
import type { MarkdownWords, Shaping } from './shaping.ts'

/** Lines in a chunk of code, rows in a chunk of a table, items in a part of a list: each is skipped by itself while it is out of sight. */
export const CHUNK_LINES = 50
export const CHUNK_ROWS = 50
export const PART_ITEMS = 50

/** The elements of one top-level block; a heading becomes `h<level>`. None: it shows nothing (blank lines, definitions). */
export function shapeBlock(token: Token, shaping: Shaping, level: number, depth = 0): readonly ElementShape[] {
  if (token.type === 'space' || token.type === 'def' || token.type === 'footnote' || token.type === 'checkbox') return []
  return [shapeOne(token, shaping, level, depth)]
}

function shapeOne(token: Token, shaping: Shaping, level: number, depth: number): ElementShape {
  // With a direction of its own: each of its pieces would make the outermost quote look for its first letter in all of them.
  if (depth > DEEPEST) return element('p', { dir: 'ltr' }, visibleInPieces(token.raw.trimEnd()))
  const known = token as Tokens.Generic
  switch (known.type) {
    case 'heading':
      return run(`h${Math.min(6, level)}`, { 'data-depth': String(known['depth']) }, known.tokens, shaping, depth)
    case 'paragraph':
    case 'text':
      return known.tokens === undefined ? element('p', {}, visibleInPieces(decodeEntities(String(known['text'])))) : run('p', {}, known.tokens, shaping, depth)
    case 'code':
      return code(known as Tokens.Code, shaping.words)
    case 'blockquote':
      return quote(known, shaping, level, depth)
    case 'list':
      return list(known as Tokens.List, shaping, level, depth)
    case 'table':
      return table(known as Tokens.Table, shaping, depth)
    case 'hr':
      return element('hr', {}, [])
    case 'maths':
      return element('div', { 'data-maths': 'display' }, [(known as Maths).text])
    case 'html':
      return element('p', { 'data-html': '' }, visible(known.raw.replace(/\n+$/, '')))
    default:
      return element('p', {}, visibleInPieces(known.raw))
  }
}

export function shapeBlocks(tokens: readonly Token[] | undefined, shaping: Shaping, level: number, depth: number): ElementShape[] {
  return (tokens ?? []).flatMap((token) => shapeBlock(token, shaping, level, depth))
}

/** An element whose kids come from one inline text. */
function run(tag: string, attributes: Readonly<Record<string, string>>, tokens: Token[] | undefined, shaping: Shaping, depth: number): ElementShape {
  const kids = kidsOf(tag, tokens, shaping, depth)
  const known = shaping.runOf(tokens)
  return known === undefined ? { tag, attributes, kids } : { tag, attributes, kids, run: { ...known, depth } }
}

export const languageOf = (info: string | undefined): string => ((info ?? '').trim().split(/\s+/)[0] ?? '').slice(0, 40)

export function codeHead(language: string, words: MarkdownWords): ElementShape {
  return element('figcaption', {}, [
    element('span', {}, language === '' ? [words.plainCode] : visible(language)),
    element('button', { type: 'button', 'data-act': 'copy-code', 'aria-label': words.copyLabel }, [words.copy]),
  ])
}

function code(token: Tokens.Code, words: MarkdownWords): ElementShape {
  const language = languageOf(token.lang)
  return element('figure', { 'data-code': language }, [
    codeHead(language, words),
    element('pre', { tabindex: '0' }, [element('code', {}, chunksOf(token.text).map((chunk) => element('span', { 'data-chunk': '' }, [chunk])))]),
  ])
}

/** A text cut behind every `CHUNK_LINES`th line end that something follows. */
function chunksOf(text: string): string[] {
  const chunks: string[] = []
  let start = 0
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0 && at + 1 < text.length; at = text.indexOf('\n', at + 1)) {
    if (++lines % CHUNK_LINES !== 0) continue
    chunks.push(text.slice(start, at + 1))
    start = at + 1
  }
  if (start < text.length) chunks.push(text.slice(start))
  return chunks
}

/** A list, quote or table has its marks, bar and columns on the side where its own first words begin, whatever the answer or the page begins with; so has all that is in it. */
export const sideOf = (depth: number): Record<string, string> => (depth === 0 ? { dir: 'auto' } : {})

/** Says nothing of what side its alert is on: it is in the page's language. */
export const alertTitle = (kind: string, words: MarkdownWords): ElementShape => element('p', { 'data-alert-title': '', dir: 'auto' }, [words.alert(kind)])

function quote(token: Tokens.Generic, shaping: Shaping, level: number, depth: number): ElementShape {
  const kids = shapeBlocks(token.tokens, shaping, level + 1, depth + 1)
  const kind = token['alert'] as string | undefined
  return kind === undefined ? element('blockquote', sideOf(depth), kids) : element('blockquote', { 'data-alert': kind, ...sideOf(depth) }, [alertTitle(kind, shaping.words), ...kids])
}

export type ListToken = Pick<Tokens.List, 'ordered' | 'start'>

const startOf = ({ ordered, start }: ListToken): number => (ordered && start !== '' ? start : 1)

const looseness = (loose: boolean): Record<string, string> => (loose ? { 'data-loose': '' } : {})

/** Of a list; `loose` of those items that stand in no part of it. It says that it is one, for those who ask for items alone in a list: parts stand in it too. */
export const listAttributes = (token: ListToken, loose: boolean, depth: number): Record<string, string> =>
  ({ role: 'list', ...(startOf(token) === 1 ? {} : { start: String(startOf(token)) }), ...looseness(loose), ...sideOf(depth) })

/** Of a part behind a list's first items. `full`: another one follows. */
export const partAttributes = (full: boolean, loose: boolean): Record<string, string> => ({ role: 'none', 'data-part': full ? 'full' : '', ...looseness(loose) })

/** The number of the first item of a part: a part that is skipped while out of sight counts for itself in some browsers. */
export const valueOf = (token: ListToken, index: number): Record<string, string> =>
  (token.ordered && index > 0 && index % PART_ITEMS === 0 ? { value: String(startOf(token) + index) } : {})

/** A list of these items, cut as `list-items.ts` cuts one that grows. */
export function listShape(token: ListToken, items: readonly ElementShape[], depth: number, loose: (part: number) => boolean): ElementShape {
  const all = items.map((item, index) => ({ ...item, attributes: { ...item.attributes, ...valueOf(token, index) } }))
  const parts: ElementShape[] = []
  for (let at = PART_ITEMS; at < all.length; at += PART_ITEMS) parts.push(element('div', partAttributes(at + PART_ITEMS < all.length, loose(parts.length + 1)), all.slice(at, at + PART_ITEMS)))
  return element(token.ordered ? 'ol' : 'ul', listAttributes(token, loose(0), depth), [...all.slice(0, PART_ITEMS), ...parts])
}

/** True if marked calls the list loose for this item. */
export function isLoose(item: Pick<Tokens.ListItem, 'raw' | 'tokens'>, last: boolean): boolean {
  return item.tokens.some((each) => each.type === 'space' && /\n.*\n/.test(each.raw)) || (!last && blankBehind(item.raw))
}

export const blankBehind = (raw: string): boolean => /\n[ \t]*\n[ \t]*$/.test(raw)

/** Whether a part of it is loose is told by its own items and shows as an attribute only, so that a late blank line changes no item. */
function list(token: Tokens.List, shaping: Shaping, level: number, depth: number): ElementShape {
  const { items } = token
  const loose = (part: number) => items.slice(part * PART_ITEMS, (part + 1) * PART_ITEMS).some((item, index) => isLoose(item, part * PART_ITEMS + index === items.length - 1))
  return listShape(token, items.map((item) => listItem(item, shaping, level + 1, depth)), depth, loose)
}

export function checkbox(checked: boolean): ElementShape {
  return element('span', { 'data-checkbox': checked ? 'on' : 'off', role: 'img', 'aria-label': checked ? '☑' : '☐' }, [])
}

export function listItem(item: Tokens.ListItem, shaping: Shaping, level: number, depth: number): ElementShape {
  const kids = shapeBlocks(item.tokens, shaping, level, depth + 1)
  return item.task ? element('li', { 'data-task': '' }, [checkbox(item.checked === true), ...kids]) : element('li', {}, kids)
}

const NUMBER = /^[*_~`]*[-+−±~≈<>]?\s?[$€£¥]?\s?\d[\d\s.,:'’/×–−-]*(?:[%‰°$€£¥]|\p{L}{1,4})?[*_~`]*$/u

/** A number, a date, a time or an amount with its unit: nobody wants it on two lines. */
const isNumber = (text: string): boolean => text.length <= 24 && NUMBER.test(text)

/** Cells that a row lacks are drawn up to here. */
const WIDE_ROW = 12

export function row(tag: 'th' | 'td', cells: readonly Tokens.TableCell[], shaping: Shaping, depth: number): ElementShape {
  // Nobody sees that a row of so many is short.
  const some = cells.length > WIDE_ROW ? cells.slice(0, cells.findLastIndex((each) => each.text !== '') + 1) : cells
  return element('tr', {}, some.map((each) =>
    run(tag, { ...(tag === 'th' ? { scope: 'col' } : {}), ...(each.align === null ? {} : { 'data-align': each.align }), ...(isNumber(each.text) ? { 'data-number': '' } : {}) }, each.tokens, shaping, depth)))
}

/** `first`: head and first chunk of a table that has more. Its columns stay as wide as these make them. */
export const tableAttributes = (words: MarkdownWords, depth: number, first?: readonly (readonly Tokens.TableCell[])[]): Record<string, string> =>
  ({ 'data-table': first ? 'long' : '', role: 'region', tabindex: '0', 'aria-label': words.table, ...sideOf(depth), ...(first && columnsOf(first)) })

function table(token: Tokens.Table, shaping: Shaping, depth: number): ElementShape {
  const bodies: ElementShape[] = []
  for (let at = 0; at < token.rows.length; at += CHUNK_ROWS) {
    bodies.push(element('tbody', {}, token.rows.slice(at, at + CHUNK_ROWS).map((cells) => row('td', cells, shaping, depth))))
  }
  const attributes = tableAttributes(shaping.words, depth, token.rows.length > CHUNK_ROWS ? [token.header, ...token.rows.slice(0, CHUNK_ROWS)] : undefined)
  return element('div', attributes, [element('table', {}, [element('thead', {}, [row('th', token.header, shaping, depth)]), ...bodies])])
}

/** Footnotes in the order of their definitions; their numbers never change. */
export function footnoteShape(token: Footnote, shaping: Shaping): ElementShape {
  const back = element('a', { href: '#', role: 'doc-backlink', 'data-act': 'footnote-back', 'aria-label': shaping.words.footnoteBack, title: shaping.words.footnoteBack }, [])
  const blocks = shapeBlocks(token.tokens, shaping, 2, 1)
  const last = blocks.at(-1)
  // An attribute, for a style that counts from the end would have every paragraph of the text looked at again with each that comes.
  if (last?.tag === 'p') blocks.splice(-1, 1, { ...last, attributes: { ...last.attributes, 'data-last': '' } })
  return element('li', { 'data-footnote-text': token.label }, [...blocks, back])
}

/** The footnotes defined in these blocks, inner ones behind the one that holds them. */
export function footnotesIn(tokens: readonly Token[] | undefined): Footnote[] {
  return (tokens ?? []).flatMap((token) => {
    if (token.type === 'footnote') return [token as Footnote, ...footnotesIn(token.tokens)]
    if (token.type === 'list') return (token as Tokens.List).items.flatMap((item) => footnotesIn(item.tokens))
    return token.type === 'blockquote' ? footnotesIn(token.tokens) : []
  })
}

/** The names (of links and footnotes) that these blocks define. */
export function namesIn(tokens: readonly Token[] | undefined): string[] {
  return (tokens ?? []).flatMap((token) => {
    if (token.type === 'def') return [(token as Tokens.Def).tag]
    if (token.type === 'footnote') return [`^${(token as Footnote).label}`, ...namesIn(token.tokens)]
    if (token.type === 'list') return (token as Tokens.List).items.flatMap((item) => namesIn(item.tokens))
    return token.type === 'blockquote' ? namesIn(token.tokens) : []
  })
}
