/** What a text must look like: marked's tokens of it as a whole, through the one definition of what a token looks like. */
import type { Token, Tokens } from 'marked'
import { BOOK_PAGES, PAGE_BLOCKS, createMarkdownDocument } from '../../../src/client/markdown/document.ts'
import type { MarkdownDocument } from '../../../src/client/markdown/document.ts'
import { growth } from '../../../src/client/markdown/growth.ts'
import { isLive } from '../../../src/client/markdown/live.ts'
import type { Live, Shape } from '../../../src/client/markdown/live.ts'
import { footnoteShape, footnotesIn, listShape, shapeBlock } from '../../../src/client/markdown/shape.ts'
import type { MarkdownWords, Shaping } from '../../../src/client/markdown/shaping.ts'
import { lexWhole } from '../../../src/client/markdown/syntax.ts'

export const words: MarkdownWords = {
  copy: 'Copy', copied: 'Copied', copyLabel: 'Copy code', plainCode: 'text', table: 'Table', footnotes: 'Footnotes', footnoteBack: 'Back',
  goesTo: (host) => `Goes to ${host}`,
  image: (alt, host) => `Image ${alt} ${host ?? 'nowhere'}`,
  footnote: (number) => `Footnote ${number}`,
  alert: (kind) => `Alert ${kind}`,
}

/** Elements as text, one line each: what a difference is shown in. */
export type Plain = string | { readonly tag: string; readonly attributes: Readonly<Record<string, string>>; readonly kids: readonly Plain[] }

function joined(kids: readonly Plain[]): Plain[] {
  const out: Plain[] = []
  for (const kid of kids) {
    const last = out.at(-1)
    if (kid === '') continue
    if (typeof kid === 'string' && typeof last === 'string') out[out.length - 1] = last + kid
    else out.push(kid)
  }
  return out
}

const plainOf = (shape: Shape): Plain => {
  if (typeof shape === 'string') return shape
  if (isLive(shape)) throw new Error('A whole text has no growing elements.')
  return { tag: shape.tag, attributes: shape.attributes, kids: joined(shape.kids.map(plainOf)) }
}

/** The blocks of a whole text, in pages, with its footnotes. */
export function whole(text: string): Plain[] {
  const tokens = lexWhole(text)
  const labels: string[] = []
  const notes = footnotesIn(tokens).filter((note) => !labels.includes(note.label) && labels.push(note.label) > 0)
  const shaping: Shaping = { words, runOf: () => undefined, footnote: (label) => (labels.includes(label) ? labels.indexOf(label) + 1 : undefined) }
  const outline: number[] = []
  const level = (token: Token): number => {
    if (token.type === 'heading') {
      while ((outline.at(-1) ?? 0) >= (token as Tokens.Heading).depth) outline.pop()
      outline.push((token as Tokens.Heading).depth)
    }
    return Math.min(6, outline.length + 1)
  }
  const shapes = tokens.flatMap((token) => shapeBlock(token, shaping, level(token)))
  const part = (name: string) => (kids: readonly Plain[], _: number, full: boolean): Plain => ({ tag: 'div', attributes: { [name]: '', ...(full ? { 'data-full': '' } : {}) }, kids })
  const books = inParts(inParts(shapes.map(plainOf), PAGE_BLOCKS, part('data-page')), BOOK_PAGES, part('data-book'))
  if (notes.length === 0) return books
  const list = plainOf(listShape({ ordered: true, start: 1 }, notes.map((note) => footnoteShape(note, shaping)), 1, () => false))
  return [...books, { tag: 'section', attributes: { 'data-footnotes': '', 'aria-label': words.footnotes }, kids: [list] }]
}

function inParts(all: readonly Plain[], size: number, make: (some: readonly Plain[], index: number, full: boolean) => Plain): Plain[] {
  const parts: Plain[] = []
  for (let at = 0; at < all.length; at += size) parts.push(make(all.slice(at, at + size), parts.length, at + size < all.length))
  return parts
}

/** A growing text as it stands, put together from what it hands on: settled parts once, open ones as they are. */
export function createMirror(text = createMarkdownDocument(words, growth)): { readonly text: MarkdownDocument; read(): Plain[] } {
  const settled = new WeakMap<Live, Shape[]>()
  const read = (shape: Shape): Plain => {
    if (typeof shape === 'string') return shape
    if (!isLive(shape)) return { tag: shape.tag, attributes: shape.attributes, kids: joined(shape.kids.map(read)) }
    const before = shape.restarted === true ? [] : (settled.get(shape) ?? [])
    shape.restarted = false
    before.push(...shape.settled)
    shape.settled = []
    settled.set(shape, before)
    return { tag: shape.tag, attributes: shape.attributes, kids: joined([...before, ...shape.open].map(read)) }
  }
  return {
    text,
    read() {
      text.completed()
      return (read(text.root) as Exclude<Plain, string>).kids as Plain[]
    },
  }
}


/** A structure as indented lines, to compare and to read. */
export function lines(plain: readonly Plain[], depth = 0): string {
  return plain.map((each) => {
    const space = '  '.repeat(depth)
    if (typeof each === 'string') return `${space}${JSON.stringify(each)}\n`
    const attributes = Object.entries(each.attributes).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join('')
    return `${space}<${each.tag}${attributes}>\n${lines(each.kids, depth + 1)}`
  }).join('')
}
