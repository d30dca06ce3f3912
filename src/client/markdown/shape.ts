/**
 * marked's tokens as plain descriptions of elements: no DOM and no HTML string anywhere, so raw HTML in an answer can only ever
 * become text. `sync.ts` makes elements of them.
 */
import type { Token, Tokens } from 'marked'
import { decodeEntities } from './entities.ts'
import { safeLink } from './links.ts'

/** An element, or text. */
export type Shape = string | ElementShape
export interface ElementShape {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly kids: readonly Shape[]
}

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
}

/** Deeper nesting than anyone writes, and than the call stack should carry, is shown as text. */
const DEEPEST = 24

/** One top-level block; a heading becomes `h<level>`. Null: it shows nothing (blank lines, link definitions). */
export function shapeBlock(token: Token, words: MarkdownWords, level: number, depth = 0): ElementShape | null {
  if (depth > DEEPEST) return element('p', {}, [token.raw])
  const known = token as Tokens.Generic
  switch (known.type) {
    case 'space':
    case 'def':
      return null
    case 'heading':
      return element(`h${Math.min(6, level)}`, { 'data-depth': String(known['depth']) }, inline(known.tokens, words, depth))
    case 'paragraph':
      return element('p', {}, inline(known.tokens, words, depth))
    case 'text':
      return element('p', {}, known.tokens === undefined ? [decodeEntities(String(known['text']))] : inline(known.tokens, words, depth))
    case 'code':
      return code(known as Tokens.Code, words)
    case 'blockquote':
      return element('blockquote', {}, blocks(known.tokens, words, level + 1, depth + 1))
    case 'list':
      return list(known as Tokens.List, words, level + 1, depth)
    case 'table':
      return table(known as Tokens.Table, words, depth)
    case 'hr':
      return element('hr', {}, [])
    case 'html':
      return element('p', { 'data-html': '' }, [known.raw.replace(/\n+$/, '')])
    default:
      return element('p', {}, [known.raw])
  }
}

function blocks(tokens: readonly Token[] | undefined, words: MarkdownWords, level: number, depth: number): Shape[] {
  return (tokens ?? []).map((token) => shapeBlock(token, words, level, depth)).filter((shape) => shape !== null)
}

function code(token: Tokens.Code, words: MarkdownWords): ElementShape {
  const language = (token.lang ?? '').trim().split(/\s+/)[0] ?? ''
  return element('figure', { 'data-code': language.slice(0, 40) }, [
    element('figcaption', {}, [
      element('span', {}, [language === '' ? words.plainCode : language.slice(0, 40)]),
      element('button', { type: 'button', 'data-copy-code': '', 'aria-label': words.copyLabel }, [words.copy]),
    ]),
    element('pre', { tabindex: '0' }, [element('code', {}, [token.text])]),
  ])
}

function list(token: Tokens.List, words: MarkdownWords, level: number, depth: number): ElementShape {
  const start = token.ordered && token.start !== '' && token.start !== 1 ? { start: String(token.start) } : {}
  return element(token.ordered ? 'ol' : 'ul', start, token.items.map((item) => listItem(item, words, level, depth)))
}

function listItem(item: Tokens.ListItem, words: MarkdownWords, level: number, depth: number): ElementShape {
  const kids: Shape[] = []
  for (const token of item.tokens) {
    if (token.type === 'checkbox') continue
    // A tight item's text stands in the item itself; a loose one's is a paragraph.
    if (token.type === 'text') kids.push(...(token.tokens === undefined ? [decodeEntities(String(token['text']))] : inline(token.tokens, words, depth)))
    else {
      const shape = shapeBlock(token, words, level, depth + 1)
      if (shape !== null) kids.push(shape)
    }
  }
  if (!item.task) return element('li', {}, kids)
  const checked = item.checked === true
  const box = element('span', { 'data-checkbox': checked ? 'on' : 'off', role: 'img', 'aria-label': checked ? '☑' : '☐' }, [])
  return element('li', { 'data-task': '' }, [box, ...kids.filter((kid) => typeof kid === 'string' || kid.tag !== 'input')])
}

function table(token: Tokens.Table, words: MarkdownWords, depth: number): ElementShape {
  const cell = (tag: 'th' | 'td') => (each: Tokens.TableCell) =>
    element(tag, { ...(tag === 'th' ? { scope: 'col' } : {}), ...(each.align === null ? {} : { 'data-align': each.align }) }, inline(each.tokens, words, depth))
  return element('div', { 'data-table': '', role: 'region', tabindex: '0', 'aria-label': words.table }, [
    element('table', {}, [
      element('thead', {}, [element('tr', {}, token.header.map(cell('th')))]),
      element('tbody', {}, token.rows.map((row) => element('tr', {}, row.map(cell('td'))))),
    ]),
  ])
}

// ---------------------------------------------------------------- inside a block

/** Harmless tags without attributes that may become elements. */
const inlineTags = new Set(['sub', 'sup', 'kbd', 'mark', 'u', 's'])

function inline(tokens: readonly Token[] | undefined, words: MarkdownWords, depth: number): Shape[] {
  const out: Shape[] = []
  const list = tokens ?? []
  for (let at = 0; at < list.length; at++) {
    const token = list[at] as Tokens.Generic
    const paired = token.type === 'html' ? pair(list, at) : null
    if (paired === null) add(out, ...span(token, words, depth + 1))
    else {
      add(out, element(paired.tag, {}, inline(list.slice(at + 1, paired.end), words, depth + 1)))
      at = paired.end
    }
  }
  return out
}

function pair(list: readonly Token[], at: number): { readonly tag: string; readonly end: number } | null {
  const tag = /^<([a-z]+)>$/i.exec(list[at]?.raw ?? '')?.[1]?.toLowerCase()
  if (tag === undefined || !inlineTags.has(tag)) return null
  const end = list.findIndex((other, index) => index > at && other.type === 'html' && other.raw.toLowerCase() === `</${tag}>`)
  return end < 0 ? null : { tag, end }
}

function span(token: Tokens.Generic, words: MarkdownWords, depth: number): Shape[] {
  if (depth > DEEPEST) return [token.raw]
  switch (token.type) {
    case 'text':
      return token.tokens === undefined ? [decodeEntities(String(token['text']))] : inline(token.tokens, words, depth)
    case 'escape':
      return [decodeEntities(String(token['text']))]
    case 'strong':
    case 'em':
    case 'del':
      return [element(token.type, {}, inline(token.tokens, words, depth))]
    case 'codespan':
      return [element('code', {}, [String(token['text'])])]
    case 'br':
      return [element('br', {}, [])]
    case 'link':
      return link(token as Tokens.Link, words, depth)
    case 'image':
      return image(token as Tokens.Image, words)
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? [element('br', {}, [])] : [token.raw]
    case 'checkbox':
      return []
    default:
      return [token.raw]
  }
}

function link(token: Tokens.Link, words: MarkdownWords, depth: number): Shape[] {
  const inside = inline(token.tokens, words, depth)
  const safe = safeLink(token.autolink === true ? token.href : decodeEntities(token.href))
  if (safe === null) return inside
  return [element('a', { href: safe.href, target: '_blank', rel: 'noopener noreferrer', title: words.goesTo(safe.host) }, inside)]
}

/** Never fetched: an address in an answer could carry away what stands in the conversation. It can be opened by hand. */
function image(token: Tokens.Image, words: MarkdownWords): Shape[] {
  const safe = safeLink(decodeEntities(token.href))
  const alt = decodeEntities(token.text)
  if (safe === null) return [element('span', { 'data-image': '' }, [words.image(alt, null)])]
  return [element('a', { href: safe.href, target: '_blank', rel: 'noopener noreferrer', 'data-image': '', title: words.goesTo(safe.host) }, [words.image(alt, safe.host)])]
}

function element(tag: string, attributes: Readonly<Record<string, string>>, kids: readonly Shape[]): ElementShape {
  return { tag, attributes, kids }
}

/** Neighbouring texts become one, so that a growing text stays one node. */
function add(out: Shape[], ...shapes: readonly Shape[]): void {
  for (const shape of shapes) {
    const last = out.at(-1)
    if (typeof shape === 'string' && typeof last === 'string') out[out.length - 1] = last + shape
    else out.push(shape)
  }
}
