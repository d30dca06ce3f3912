/**
 * A text that grows, block by block. Whatever is followed by another block is final and leaves; only the open end is read again.
 * Blocks that grow long (code, paragraphs, lists, quotes, tables) have a reader of their own that takes what comes as it comes;
 * where that cannot tell, the open block, and only it, is given to marked as a whole.
 */
import type { Token, Tokens } from 'marked'
import { LONGEST_LINE, LONGEST_READ, plain, readEnd } from './bounds.ts'
import { freeze } from './live.ts'
import type { Shape } from './live.ts'
import { definitionIsOpen } from './open-definition.ts'
import type { Blocks, Doc, OpenBlock, Place, Sink } from './reading.ts'
import { footnotesIn, namesIn, shapeBlock } from './shape.ts'
import { DEEPEST } from './shaping.ts'
import type { Lexed } from './syntax.ts'

/** No more than about this is given to marked at once, unless one block is longer. */
const PIECE = 4096
/** A first line that is longer is read as it comes, before it is whole … */
const LONG_LINE = 200
/** … but not one of which its end tells what it is: raw HTML, a table's head, a formula. */
const late = /^ {0,3}(?:[<|]|\$\$|\\\[)/

export function createBlocks(doc: Doc, place: Place, sink: Sink): Blocks {
  const owner = {}
  /** What is not yet in a final block or an open one. */
  let region = ''
  /** How much of it was seen whole, without an end to any block. */
  let seen = 0
  let open: OpenBlock | null = null
  /** The open block cannot be read as it comes, until something else follows. */
  let barred = false
  /** marked reads on as at the top behind a list in an item. */
  let top = place.top
  let outline = place.outline
  let settled = 0
  let first: string | undefined
  /** The blocks that were last shown without being final. */
  let shown: readonly Token[] = []
  let shapesShown: readonly Shape[] = []
  /** They stand behind the open block. */
  let isBehind = false
  const spaced = { settled: false, open: false }

  const lex = (source: string): Lexed => {
    doc.definitions.begin(owner)
    const lexed = doc.lexing.blocks(source, top, place.depth)
    if (place.task && settled === 0) dropCheckbox(lexed)
    return lexed
  }
  /** What the open end had defined is not defined. */
  const forget = () => {
    doc.definitions.begin(owner)
    doc.footnotesRead([], owner, false)
  }
  const settle = (shape: Shape) => {
    settled++
    if (typeof shape !== 'string') {
      first ??= shape.tag
      if (shape.tag === 'ul' || shape.tag === 'ol') top = true
    }
    doc.settled(shape)
    sink.settle(shape)
  }
  const cut = (rest: string) => {
    region = rest
    seen = 0
    barred = false
  }
  const lose = (text: string) => {
    open?.leave?.(true)
    open = null
    region = text
    seen = 0
    barred = true
  }

  /** The shapes of blocks that may still change. */
  const follow = (tokens: readonly Token[], behind = true): Shape[] => {
    let levels = outline
    const last = tokens.findLastIndex((token) => token.type !== 'space')
    spaced.open = tokens.some((token, index) => isGap(token) && index < last && (behind || index > 0))
    return tokens.flatMap((token) => {
      levels = outlineBehind(levels, token)
      return shapeBlock(token, doc, levelIn(place, levels), place.depth)
    })
  }

  /** Settles the first of these blocks, so many; the region goes on at `start`. */
  const settleFirst = ({ tokens, queue }: Lexed, keep: number, start: number): void => {
    const done = tokens.slice(0, keep)
    doc.lexing.inlines(queue)
    doc.footnotesRead(footnotesIn(done), owner, true)
    doc.footnotesRead(footnotesIn(tokens.slice(keep)), owner, false)
    doc.definitions.settle(namesIn(done))
    for (const token of done) {
      outline = outlineBehind(outline, token)
      if (isGap(token) && settled > 0) spaced.settled = true
      const shapes = shapeBlock(token, doc, levelIn(place, outline), place.depth)
      shapes.forEach(settle)
      if (shapes.length === 0 && token.type !== 'space') settled++
    }
    cut(region.slice(start))
  }

  /** Settles all but the last of these blocks; true if there were any. `forced`: even where more could tell them otherwise. */
  const settleBefore = (lexed: Lexed, source: string, last: number, forced: boolean): boolean => {
    const starts = startsOf(source, lexed.tokens)
    let keep = 0
    while (starts !== null && keep < last && (forced || !definitionIsOpen(source.slice(starts[keep]), lexed.tokens[keep]))) keep++
    const start = starts?.[keep]
    if (keep === 0 || start === undefined) return false
    settleFirst(lexed, keep, start)
    return true
  }

  /** Reads the beginning of the region with marked: settles what it can, and gives the last block to its reader. `forced`: something of it must go. */
  const readWhole = (length: number, forced = false): void => {
    const source = region.slice(0, length)
    const lexed = lex(source)
    const last = lexed.tokens.findLastIndex((token) => token.type !== 'space')
    if (last > 0 && settleBefore(lexed, source, last, forced)) return
    const token = lexed.tokens[0]
    if (!barred && last === 0 && token !== undefined && place.depth < DEEPEST && (forced || !definitionIsOpen(source, token))) {
      const begun = doc.readers.openBlock({ doc, place: { ...place, top, level: levelIn(place, outline) }, token, source, cut: forced, follow })
      if (begun !== null) {
        forget()
        open = begun.block
        cut(begun.rest + region.slice(length))
        return
      }
    }
    if (forced) settleFirst(lexed, lexed.tokens.length, length)
    else seen = length
  }

  /** Takes in what can be told of the region; false if that must wait for more. */
  const read = (): boolean => {
    const lineEnd = region.indexOf('\n')
    const line = lineEnd < 0 ? region.length : lineEnd
    if (seen === 0 && !barred && ((lineEnd < 0 && line > LONG_LINE && plain.test(region)) || (line > LONGEST_LINE && !late.test(region)))) {
      readWhole(Math.min(line, LONGEST_LINE))
      if (open !== null) return true
      seen = 0
    }
    const newline = region.lastIndexOf('\n') + 1
    const length = newline - seen > PIECE ? region.indexOf('\n', seen + PIECE) + 1 : newline
    if (length > LONGEST_READ || (newline <= seen && region.length > LONGEST_READ)) readWhole(readEnd(region), true)
    else if (newline <= seen) return false
    else {
      if (seen > 0) barred = false
      readWhole(length)
    }
    return true
  }

  const advance = () => {
    for (;;) {
      if (open === null) {
        if (!read()) return
        continue
      }
      const made = open.take(region)
      if ('taken' in made) {
        region = region.slice(made.taken)
        return
      }
      if ('lost' in made) lose(made.lost)
      else {
        const { live } = open
        freeze(live)
        open = null
        settle(live)
        cut(made.ended)
      }
    }
  }

  /** The shapes of a text that may still change. */
  const showRead = (text: string, exact: boolean, behind: boolean): readonly Shape[] => {
    const lexed = lex(exact ? text : doc.readers.holdBack(text))
    if (!exact) doc.readers.healLexed(lexed)
    doc.lexing.inlines(lexed.queue)
    doc.footnotesRead(footnotesIn(lexed.tokens), owner, false)
    shown = lexed.tokens
    return follow(lexed.tokens, behind)
  }

  const show = (exact: boolean) => {
    if (open !== null) {
      const following = open.show(region, exact)
      if (!('lost' in following)) {
        if (settled === 0) first = open.live.tag
        if ('behind' in following) shapesShown = showRead(following.behind, exact, true)
        else {
          if (isBehind) forget()
          shapesShown = following
        }
        isBehind = 'behind' in following
        sink.open([open.live, ...shapesShown])
        return
      }
      lose(following.lost + region)
      seen = region.lastIndexOf('\n') + 1
    }
    const shapes = showRead(region, exact, settled > 0)
    const [head] = shapes
    if (settled === 0) first = head === undefined || typeof head === 'string' ? undefined : head.tag
    shapesShown = shapes
    sink.open(shapes)
  }

  return {
    push(text) {
      region += text
    },
    step(exact) {
      advance()
      spaced.open = false
      shown = []
      shapesShown = []
      show(exact)
    },
    finish() {
      this.step(true)
      open?.leave?.(false)
      shapesShown.forEach(doc.settled)
      doc.definitions.settle(namesIn(shown))
      doc.footnotesRead(footnotesIn(shown), owner, true)
    },
    abandon() {
      open?.leave?.(true)
      forget()
    },
    spaced: () => spaced.settled || spaced.open,
    first: () => first,
  }
}

const isGap = (token: Token): boolean => token.type === 'space' && /\n.*\n/.test(token.raw)

/** Where each token begins; null if marked changed what it read, so that nobody can tell. */
function startsOf(source: string, tokens: readonly Token[]): number[] | null {
  let at = 0
  const starts: number[] = []
  for (const token of tokens) {
    if (!source.startsWith(token.raw, at)) return null
    starts.push(at)
    at += token.raw.length
  }
  return starts
}

/** The headings that are open behind `token`: each of a lesser depth than the next. */
function outlineBehind(outline: readonly number[] | null, token: Token): readonly number[] | null {
  if (outline === null || token.type !== 'heading') return outline
  const { depth } = token as Tokens.Heading
  return [...outline.filter((each) => each < depth), depth]
}

/**
 * The level of a heading in the page: one below the nearest heading above it that is greater, beginning at 2 below the page's own h1. So
 * an answer that begins with `###` leaves no hole in the outline. Depends only on what stands above.
 */
const levelIn = (place: Place, outline: readonly number[] | null): number => (outline === null ? place.level : Math.min(6, outline.length + 1))

/** The text behind a task's checkbox, as marked leaves it. */
function dropCheckbox({ tokens, queue }: Lexed): void {
  const token = tokens[0] as Tokens.Generic | undefined
  if (token?.type !== 'text' && token?.type !== 'paragraph') return
  const waiting = queue.find((each) => each.tokens === token.tokens)
  token['text'] = String(token['text']).replace(/^\[[ xX]\][ \t]+/, '')
  if (waiting !== undefined) waiting.src = String(token['text'])
}
