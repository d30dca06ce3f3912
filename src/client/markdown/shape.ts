/**
 * marked's tokens as plain descriptions of elements: no DOM and no HTML string anywhere, so raw HTML in an answer can only ever
 * become text. The one place that knows what a token looks like; `nodes.ts` makes elements of what it says.
 */
import type { Token, Tokens } from 'marked'
import { decodeEntities } from './entities.ts'
import type { Footnote, FootnoteMark, Maths } from './extensions.ts'
import { pieces } from './hidden.ts'
import { safeLink } from './links.ts'
import { add, element } from './live.ts'
import type { ElementShape, Shape } from './live.ts'
import type { Lexing } from './syntax.ts'

/** What the renderer itself says; everything else comes from the text. */
export interface MarkdownWords {
  readonly copy: string
  readonly copied: string
  readonly copyLabel: string
  /** Label of code without a language. */
  readonly plainCode: string
  readonly table: string
  readonly goesTo: (host: string) => string
  readonly image: (alt: string, host: string | null) => string
  /** Title of an alert: `note`, `tip`, `important`, `warning` or `caution`. */
  readonly alert: (kind: string) => string
  readonly footnotes: string
  readonly footnote: (number: string) => string
  /** From a footnote to where it is referred to. */
  readonly footnoteBack: string
}

/** What shaping needs to know of the whole text. */
export interface Shaping {
  readonly words: MarkdownWords
  readonly runOf: Lexing['runOf']
  /** The number of a footnote; undefined while it has none. */
  readonly footnote: (label: string) => number | undefined
}

/** Deeper nesting than anyone writes, and than the call stack should carry, is shown as text. */
export const DEEPEST = 24

/** Lines in a chunk of code, rows in a chunk of a table: each is skipped by itself while it is out of sight. */
export const CHUNK_LINES = 50
export const CHUNK_ROWS = 50

/** One top-level block; a heading becomes `h<level>`. Null: it shows nothing (blank lines, definitions). */
export function shapeBlock(token: Token, shaping: Shaping, level: number, depth = 0): ElementShape | null {
  if (depth > DEEPEST) return element('p', {}, visible(token.raw.trimEnd()))
  const known = token as Tokens.Generic
  switch (known.type) {
    case 'space':
    case 'def':
    case 'footnote':
    case 'checkbox':
      return null
    case 'heading':
      return run(`h${Math.min(6, level)}`, { 'data-depth': String(known['depth']) }, known.tokens, shaping, depth)
    case 'paragraph':
    case 'text':
      return known.tokens === undefined ? element('p', {}, visible(decodeEntities(String(known['text'])))) : run('p', {}, known.tokens, shaping, depth)
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
      return element('p', {}, visible(known.raw))
  }
}

export function shapeBlocks(tokens: readonly Token[] | undefined, shaping: Shaping, level: number, depth: number): ElementShape[] {
  return (tokens ?? []).map((token) => shapeBlock(token, shaping, level, depth)).filter((shape) => shape !== null)
}

/** An element whose kids come from one inline text. */
function run(tag: string, attributes: Readonly<Record<string, string>>, tokens: Token[] | undefined, shaping: Shaping, depth: number): ElementShape {
  const kids = inline(tokens, shaping, depth)
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

export const alertTitle = (kind: string, words: MarkdownWords): ElementShape => element('p', { 'data-alert-title': '' }, [words.alert(kind)])

function quote(token: Tokens.Generic, shaping: Shaping, level: number, depth: number): ElementShape {
  const kids = shapeBlocks(token.tokens, shaping, level + 1, depth + 1)
  const kind = token['alert'] as string | undefined
  return kind === undefined ? element('blockquote', {}, kids) : element('blockquote', { 'data-alert': kind }, [alertTitle(kind, shaping.words), ...kids])
}

export function listAttributes(ordered: boolean, start: number | '', loose: boolean): Record<string, string> {
  return { ...(ordered && start !== '' && start !== 1 ? { start: String(start) } : {}), ...(loose ? { 'data-loose': '' } : {}) }
}

/** Whether a list is loose shows as an attribute only, so that a late blank line changes no item. */
function list(token: Tokens.List, shaping: Shaping, level: number, depth: number): ElementShape {
  return element(token.ordered ? 'ol' : 'ul', listAttributes(token.ordered, token.start, token.loose), token.items.map((item) => listItem(item, shaping, level + 1, depth)))
}

export function checkbox(checked: boolean): ElementShape {
  return element('span', { 'data-checkbox': checked ? 'on' : 'off', role: 'img', 'aria-label': checked ? '☑' : '☐' }, [])
}

export function listItem(item: Tokens.ListItem, shaping: Shaping, level: number, depth: number): ElementShape {
  const kids = shapeBlocks(item.tokens, shaping, level, depth + 1)
  return item.task ? element('li', { 'data-task': '' }, [checkbox(item.checked === true), ...kids]) : element('li', {}, kids)
}

export function row(tag: 'th' | 'td', cells: readonly Tokens.TableCell[], shaping: Shaping, depth: number): ElementShape {
  return element('tr', {}, cells.map((each) =>
    run(tag, { ...(tag === 'th' ? { scope: 'col' } : {}), ...(each.align === null ? {} : { 'data-align': each.align }) }, each.tokens, shaping, depth)))
}

export const tableAttributes = (words: MarkdownWords): Record<string, string> => ({ 'data-table': '', role: 'region', tabindex: '0', 'aria-label': words.table })

function table(token: Tokens.Table, shaping: Shaping, depth: number): ElementShape {
  const bodies: ElementShape[] = []
  for (let at = 0; at < token.rows.length; at += CHUNK_ROWS) {
    bodies.push(element('tbody', {}, token.rows.slice(at, at + CHUNK_ROWS).map((cells) => row('td', cells, shaping, depth))))
  }
  return element('div', tableAttributes(shaping.words), [element('table', {}, [element('thead', {}, [row('th', token.header, shaping, depth)]), ...bodies])])
}

/** Footnotes in the order of their definitions; their numbers never change. */
export function footnoteShape(token: Footnote, shaping: Shaping): ElementShape {
  const back = element('a', { href: '#', role: 'doc-backlink', 'data-act': 'footnote-back', 'aria-label': shaping.words.footnoteBack, title: shaping.words.footnoteBack }, [])
  return element('li', { 'data-footnote-text': token.label }, [...shapeBlocks(token.tokens, shaping, 2, 1), back])
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

// ---------------------------------------------------------------- inside a block

/** In the text of people these only say how a line breaks or where it runs; in code nobody has use for them. */
const mild = new Set(['SHY', 'LRM', 'RLM', 'ALM'])

/** A text with what nobody would see in it marked. */
function visible(text: string): Shape[] {
  const out: Shape[] = []
  for (const { text: piece, name } of pieces(text)) add(out, name === null || mild.has(name) ? piece : element('span', { 'data-hidden': name }, [piece]))
  return out
}

/** Harmless tags without attributes that may become elements. */
const inlineTags = new Set(['sub', 'sup', 'kbd', 'mark', 'u', 's'])

export function inline(tokens: readonly Token[] | undefined, shaping: Shaping, depth: number): Shape[] {
  const out: Shape[] = []
  const list = tokens ?? []
  for (let at = 0; at < list.length; at++) {
    const token = list[at] as Tokens.Generic
    const paired = token.type === 'html' ? pair(list, at) : null
    if (paired === null) add(out, ...span(token, shaping, depth + 1))
    else {
      add(out, element(paired.tag, {}, inline(list.slice(at + 1, paired.end), shaping, depth + 1)))
      at = paired.end
    }
  }
  return out
}

/** Further apart than this many pieces, tags are no pair: looking on would cost the square of the text. */
const FARTHEST_PAIR = 200

export function pair(list: readonly Token[], at: number): { readonly tag: string; readonly end: number } | null {
  const tag = inlineTag(list[at]?.raw ?? '')
  if (tag === undefined) return null
  for (let end = at + 1; end < list.length && end <= at + FARTHEST_PAIR; end++) {
    const other = list[end]
    if (other?.type === 'html' && other.raw.toLowerCase() === `</${tag}>`) return { tag, end }
  }
  return null
}

function inlineTag(raw: string): string | undefined {
  const tag = /^<([a-z]+)>$/i.exec(raw)?.[1]?.toLowerCase()
  return tag !== undefined && inlineTags.has(tag) ? tag : undefined
}

function span(token: Tokens.Generic, shaping: Shaping, depth: number): Shape[] {
  if (depth > DEEPEST) return visible(token.raw)
  switch (token.type) {
    case 'text':
      return token.tokens === undefined ? visible(decodeEntities(String(token['text']))) : inline(token.tokens, shaping, depth)
    case 'escape':
      return visible(decodeEntities(String(token['text'])))
    case 'strong':
    case 'em':
    case 'del':
      return [element(token.type, {}, inline(token.tokens, shaping, depth))]
    case 'codespan':
      return [element('code', {}, visible(String(token['text'])))]
    case 'br':
      return [element('br', {}, [])]
    case 'link':
      return link(token as Tokens.Link, shaping, depth)
    case 'image':
      return image(token as Tokens.Image, shaping.words)
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? [element('br', {}, [])] : visible(token.raw)
    case 'maths':
      return [element('span', { 'data-maths': (token as Maths).display ? 'display' : '' }, [(token as Maths).text])]
    case 'footnote-mark':
      return footnoteMark(token as FootnoteMark, shaping)
    case 'checkbox':
      return []
    default:
      return visible(token.raw)
  }
}

function link(token: Tokens.Link, shaping: Shaping, depth: number): Shape[] {
  const inside = inline(token.tokens, shaping, depth)
  const safe = safeLink(token.autolink === true ? token.href : decodeEntities(token.href))
  if (safe === null) return inside
  // What can be pressed does not stand in what can be pressed: a picture in a link comes behind it.
  const pictures = inside.filter((shape) => typeof shape !== 'string' && shape.attributes['data-act'] === 'picture')
  const words = inside.filter((shape) => !pictures.includes(shape))
  return [element('a', { href: safe.href, target: '_blank', rel: 'noopener noreferrer', title: shaping.words.goesTo(safe.host) }, words.length > 0 ? words : [safe.host]), ...pictures]
}

/** Not fetched until somebody asks for it: an address in an answer could carry away what stands in the conversation. */
function image(token: Tokens.Image, words: MarkdownWords): Shape[] {
  const safe = safeLink(decodeEntities(token.href))
  const alt = decodeEntities(token.text)
  if (safe === null) return [element('span', { 'data-image': '' }, visible(words.image(alt, null)))]
  if (!safe.href.startsWith('http')) return [element('span', { 'data-image': '' }, visible(words.image(alt, null)))]
  return [element('button', { type: 'button', 'data-act': 'picture', 'data-image': safe.href, 'aria-expanded': 'false', title: words.goesTo(safe.host) }, visible(words.image(alt, safe.host)))]
}

function footnoteMark(token: FootnoteMark, shaping: Shaping): Shape[] {
  const number = shaping.footnote(token.label)
  return number === undefined ? [token.raw] : [element('sup', { 'data-footnote': token.label }, [
    element('a', { href: '#', role: 'doc-noteref', 'data-act': 'footnote', 'aria-label': shaping.words.footnote(String(number)) }, [String(number)]),
  ])]
}
