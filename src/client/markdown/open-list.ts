/**
 * A list, item by item. The lines of an item are told apart from what follows it as marked does; what they hold is a text of its own.
 * Where that takes more than one line's look (lazy lines, items that begin empty), marked reads the open item, and only it, again.
 */
import type { Token, Tokens } from 'marked'
import { LONGEST_LINE, LONGEST_READ, readEnd } from './bounds.ts'
import { healLexed, holdBack } from './heal.ts'
import type { Shape } from './live.ts'
import { createListItems } from './list-items.ts'
import { openItem, parseBullet } from './open-item.ts'
import type { Item } from './open-item.ts'
import { itemsOf } from './reading.ts'
import type { Begun, Beginning } from './reading.ts'
import { PART_ITEMS, blankBehind, footnotesIn, isLoose, listItem, namesIn } from './shape.ts'

/** The item is read by marked, from its first line. */
interface Slow { raw: string }

/** A line of which its end makes nothing else. */
const decided = /^ {0,3}(?:[^\s#\-+*_=`~<\d]|\d{1,9}[^\d.)]|\d{10}|[*_]{1,3}[^\s*_]|`{1,2}[^`]|~{1,2}[^~]|[-+][^\s+-]|=+[^\s=])/

export function openList({ doc, place, token, source, follow }: Beginning): Begun | null {
  const { ordered, start } = token as Tokens.List
  const kind = /^ {0,3}(?:[*+-]|\d{1,9}[.)])/.exec(source)?.[0].slice(-1)
  if (kind === undefined) return null
  const owner = {}
  const level = place.level + 1
  const { other, block } = doc.lexing.rules
  let count = 0
  /** Parts that an item makes loose, and those that an open item does. */
  const loose = new Set<number>()
  let looseYet: ReadonlySet<number> = loose
  const list = createListItems({ ordered, start }, place.depth, (part) => loose.has(part) || looseYet.has(part))
  const settleItem = (shape: Shape, isLooseItem: boolean) => {
    if (isLooseItem) loose.add(partOf(count))
    looseYet = loose
    doc.settled(shape)
    list.settle(shape)
    count++
  }
  /** Shows items that may still change. */
  const showItems = (shapes: readonly Shape[], areLoose: readonly boolean[]): void => {
    looseYet = new Set(areLoose.flatMap((is, index) => (is ? partOf(count + index) : [])))
    list.open(shapes)
  }
  let item: Item | null = null
  let slow: Slow | null = null

  const lex = (raw: string) => {
    doc.definitions.begin(owner)
    return doc.lexing.blocks(raw, place.top, place.depth)
  }

  const closeItem = (last: boolean) => {
    if (item === null) return
    item.close(last)
    const isLooseItem = item.spaced() || (!last && blankBehind(item.raw()))
    if (item.misled()) {
      const lexed = lex(item.raw())
      doc.lexing.inlines(lexed.queue)
      for (const each of itemsOf(lexed.tokens[0] as Token)) settleItem(listItem(each, doc, level, place.depth), isLooseItem)
    } else settleItem(item.live, isLooseItem)
    item = null
  }
  /** What marked last showed, without being final. */
  let shown: readonly Token[] = []
  let inside: readonly Shape[] = []
  const forget = () => {
    shown = []
    doc.definitions.begin(owner)
    doc.footnotesRead([], owner, false)
  }
  const endList = (behind: string) => {
    forget()
    showItems([], [])
    return { ended: behind }
  }
  const goSlow = () => {
    if (item === null) return
    slow = { raw: item.raw() }
    item.abandon()
    item = null
  }

  /** What a line that stands less deep than the open item's text is to it. */
  const outside = (line: string, whole: boolean, open: Item): 'sibling' | 'end' | 'lazy' | 'unknown' => {
    const bullet = parseBullet(line, kind)
    if (bullet !== null && bullet.spaces <= Math.max(0, Math.min(3, open.indent - 1))) {
      if (block.hr.test(line)) return whole ? 'end' : 'unknown'
      if (!whole && (bullet.rest.trim() === '' || !bullet.decided || /^ {0,3}(?:[-*_][ \t]*)+$/.test(line))) return 'unknown'
      return 'sibling'
    }
    if (!whole && line.length <= LONGEST_LINE && !decided.test(line)) return 'unknown'
    const { indent } = open
    const begins = other.fencesBeginRegex(indent).test(line) || other.headingBeginRegex(indent).test(line) || other.htmlBeginRegex(indent).test(line) ||
      other.blockquoteBeginRegex(indent).test(line) || other.nextBulletRegex(indent).test(line) || other.hrRegex(indent).test(line)
    return begins || open.lastIsBlank() ? 'end' : 'lazy'
  }

  /** An item that marked has to read is as long as it may be: what follows is no part of the list. */
  const cutOff = (text: string) => {
    const end = readEnd(text)
    const lexed = lex(text.slice(0, end))
    const [first] = lexed.tokens
    if (first?.type !== 'list') return { ended: text }
    doc.lexing.inlines(lexed.queue)
    settleItems(itemsOf(first), true)
    slow = null
    return { ended: text.slice(Math.min(end, first.raw.length)) }
  }
  const settleItems = (items: readonly Tokens.ListItem[], ended: boolean) => {
    const inside = items.flatMap((each) => each.tokens)
    doc.footnotesRead(footnotesIn(inside), owner, true)
    doc.definitions.settle(namesIn(inside))
    for (const [index, each] of items.entries()) settleItem(listItem(each, doc, level, place.depth), isLoose(each, ended && index === items.length - 1))
  }

  /** Takes whole lines with marked. Answers what follows the list, if it ended. */
  const takeSlow = (lines: string): { readonly ended: string } | { readonly again: string } => {
    const raw = (slow?.raw ?? '') + lines
    const { tokens, queue } = lex(raw)
    const first = tokens[0]
    if (first?.type !== 'list') return { ended: raw }
    const items = itemsOf(first)
    const ended = tokens.some((each, index) => index > 0 && each.type !== 'space')
    const done = ended ? items.length : items.length - 1
    if (done > 0) {
      doc.lexing.inlines(queue)
      settleItems(items.slice(0, done), ended)
      if (ended) {
        slow = null
        return { ended: raw.slice(first.raw.length) }
      }
    }
    const rest = raw.slice(items.slice(0, done).reduce((length, each) => length + each.raw.length, 0))
    slow = { raw: rest }
    return { again: done > 0 ? rest : '' }
  }

  /** Begins a fast item with the first line of `text`, if that can be read as it comes. Answers how much it took. */
  const begin = (text: string): number => {
    const newline = text.indexOf('\n')
    const line = newline < 0 ? text : text.slice(0, newline)
    const bullet = parseBullet(line, kind)
    const begun = bullet === null ? null : openItem(doc, { ...place, level }, bullet, line, newline >= 0)
    if (begun === null) return 0
    item = begun
    return newline < 0 ? line.length : newline + 1
  }

  const take = (given: string): { readonly taken: number } | { readonly ended: string } => {
    let text = given
    let at = 0
    while (at < text.length) {
      if (item === null) {
        if (slow === null) {
          const length = begin(text.slice(at))
          at += length
          if (length > 0) continue
          slow = { raw: '' }
        }
        const room = at + LONGEST_READ - slow.raw.length
        const whole = text.lastIndexOf('\n', room - 1) + 1
        if (whole <= at) {
          if (text.length <= room) break
          const made = cutOff(slow.raw + text.slice(at))
          return endList(made.ended)
        }
        const made = takeSlow(text.slice(at, whole))
        if ('ended' in made) return endList(made.ended + text.slice(whole))
        if (made.again !== '') {
          // A new item began: perhaps it can be read as it comes.
          const length = begin(made.again)
          if (length > 0) {
            // What follows began in the memory of the one before.
            slow = null
            text = made.again.slice(length) + text.slice(whole)
            at = 0
            continue
          }
        }
        at = whole
        continue
      }
      const newline = text.indexOf('\n', at)
      const end = newline < 0 ? text.length : newline
      const line = text.slice(at, end)
      const whole = newline >= 0
      const next = whole ? end + 1 : end
      if (item.takeInside(line, whole)) {
        at = next
        continue
      }
      if (!whole && line.trim() === '') break
      const open: Item = item
      const what = outside(line, whole, open)
      if (what === 'unknown') break
      if (what === 'lazy' && open.takeLazy(line, whole)) at = next
      else if (what === 'sibling') {
        closeItem(false)
        const length = begin(text.slice(at))
        if (length === 0) slow = { raw: '' }
        at += length
        if (slow !== null && !whole) break
      } else {
        const behind = open.blankTail()
        closeItem(true)
        return endList(behind + text.slice(at))
      }
    }
    return { taken: given.length - (text.length - at) }
  }

  const showRead = (raw: string, exact: boolean): readonly Shape[] | { readonly lost: string } => {
    const lexed = lex(raw)
    const first = lexed.tokens[0]
    if (first?.type !== 'list') return { lost: raw }
    if (!exact) healLexed(lexed)
    doc.lexing.inlines(lexed.queue)
    shown = lexed.tokens
    doc.footnotesRead(footnotesIn(shown), owner, false)
    const items = itemsOf(first)
    inside = items.map((each) => listItem(each, doc, level, place.depth))
    showItems(inside, items.map((each, index) => isLoose(each, index === items.length - 1)))
    return follow(lexed.tokens.slice(1))
  }

  return {
    block: {
      live: list.live,
      take,
      show(rest: string, exact: boolean): readonly Shape[] | { readonly lost: string } {
        // A line that is not told yet is not worth reading all of a long item again.
        const held = exact ? rest : item !== null && item.raw().length > LONGEST_LINE ? '' : holdBack(rest)
        if (item === null) return showRead((slow?.raw ?? '') + held, exact)
        if (held !== '' && (exact || held.trim() !== '')) {
          item.abandon()
          return showRead(item.raw() + held, exact)
        }
        if (shown.length > 0) forget()
        item.step(exact)
        // A checkbox stands before a paragraph only.
        if (item.misled()) {
          goSlow()
          return showRead((slow as Slow | null)?.raw ?? '', exact)
        }
        showItems([item.live], [item.spaced()])
        return []
      },
      leave(lost: boolean) {
        if (lost) {
          item?.abandon()
          forget()
        } else if (item !== null && shown.length === 0) item.close(true)
        else {
          // What was last shown is what marked read.
          inside.forEach(doc.settled)
          doc.definitions.settle(namesIn(shown))
          doc.footnotesRead(footnotesIn(shown), owner, true)
        }
      },
    },
    rest: source,
  }
}

const partOf = (item: number): number => Math.floor(item / PART_ITEMS)
