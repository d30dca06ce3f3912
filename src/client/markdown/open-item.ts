/** An item of a list whose lines are told from what follows by their indentation. */
import { LONGEST_LINE } from './bounds.ts'
import { createLive, freeze } from './live.ts'
import type { Live } from './live.ts'
import { sinkOf } from './reading.ts'
import type { Doc, Place } from './reading.ts'
import { checkbox } from './shape.ts'

export interface Item {
  readonly live: Live
  /** Where its text begins in a line. */
  readonly indent: number
  raw(): string
  lastIsBlank(): boolean
  /** What was read behind the last letter. */
  blankTail(): string
  /** Takes a line, or the beginning of one, that belongs to it whatever comes; false if that is not so. */
  takeInside(line: string, whole: boolean): boolean
  /** Takes a line, or the beginning of one, that stands less deep and goes on with its last text all the same; false if it ends the item. */
  takeLazy(line: string, whole: boolean): boolean
  step(exact: boolean): void
  /** True if a blank line stands between two of its blocks. */
  spaced(): boolean
  /** True if it begins with a checkbox and then not with a paragraph. */
  misled(): boolean
  /** Nothing more comes. The last item of a list does not own the blank lines behind it. */
  close(last: boolean): void
  /** What it defined is not defined. */
  abandon(): void
}

export interface Bullet {
  /** Before the bullet. */
  readonly spaces: number
  /** Of spaces and bullet. */
  readonly width: number
  readonly rest: string
  /** Whether there is a checkbox can be told. */
  readonly decided: boolean
}

/** A line as an item of a list whose bullets end in `kind`. */
export function parseBullet(line: string, kind: string): Bullet | null {
  const found = /^( {0,3})([*+-]|\d{1,9}[.)])(?=[ \t]|$)(.*)$/.exec(line)
  if (found?.[1] === undefined || found[2]?.slice(-1) !== kind || found[3] === undefined) return null
  return {
    spaces: found[1].length,
    width: found[1].length + found[2].length,
    rest: found[3],
    decided: !/^\s*\[(?:[ xX](?:\](?:[ \t]*)?)?)?$/.test(found[3]),
  }
}

/** Null if the item must be read as a whole: it begins empty, or nobody knows yet how. */
export function openItem(doc: Doc, place: Place, bullet: Bullet, line: string, whole: boolean): Item | null {
  const first = bullet.rest.replace(/^[ \t]+/, (blank) => expandTabs(blank, bullet.width))
  if (first.trim() === '' || (!whole && !bullet.decided)) return null
  const offset = first.search(/[^ ]/)
  const indent = bullet.width + (offset > 4 ? 1 : offset)
  const content = first.slice(indent - bullet.width)
  const task = /^\[([ xX])\][ \t]+\S/.exec(content)?.[1]
  const live = createLive('li', task === undefined ? {} : { 'data-task': '' }, task === undefined ? [] : [checkbox(task !== ' ')])
  const child = doc.blocks(
    { top: false, depth: place.depth + 1, level: place.level, outline: null, task: task !== undefined },
    sinkOf(live),
  )

  let raw = whole ? `${line}\n` : line
  /** Blanks at the end, which belong to the item only if more comes. */
  let withheld = ''
  let insideLine = !whole
  let blank = false
  /** The line above without its indentation; whether it was a lazy one, or the item's first. */
  let previous = first
  let lazy = false
  let single = true
  const { other, block } = doc.lexing.rules
  const begins = (text: string): boolean =>
    other.fencesBeginRegex(indent).test(text) || other.headingBeginRegex(indent).test(text) || other.htmlBeginRegex(indent).test(text) || other.hrRegex(indent).test(text)

  const deliver = (text: string) => {
    if (text.trim() === '') {
      withheld += text
      return
    }
    const all = withheld + text
    const solid = all.trimEnd()
    child.push(solid)
    withheld = all.slice(solid.length)
  }
  deliver(content)

  return {
    live,
    indent,
    raw: () => raw,
    lastIsBlank: () => blank,
    blankTail: () => raw.slice(raw.trimEnd().length),
    takeInside(text, ended) {
      if (insideLine) {
        previous += text
        deliver(text)
        blank &&= text.trim() === ''
      } else {
        const expanded = text.replace(/^[ \t]+/, (leading) => expandTabs(leading, 0))
        const empty = text.trim() === ''
        if (empty ? !ended && text.length <= LONGEST_LINE : expanded.search(/[^ ]/) < indent) return false
        previous = expanded.slice(indent)
        deliver(`\n${previous}`)
        blank = empty
        lazy = false
        single = false
      }
      raw += ended ? `${text}\n` : text
      insideLine = !ended
      return true
    },
    takeLazy(text, ended) {
      // As marked has it, word for word.
      let above = previous
      if (single && !above.includes('\t')) {
        for (let inner = other.nestedBlockMarker.exec(above); inner !== null && !other.hrRegex(indent).test(above); inner = other.nestedBlockMarker.exec(above)) above = above.slice(inner[0].length)
        if (above.trim() === '') return false
      }
      if (above.replaceAll('\t', '    ').search(/[^ ]/) >= 4 || begins(above)) return false
      if (!lazy) {
        const inner = previous.replace(other.nestedContainerMarkers, '')
        if (block.fences.test(inner) || block.heading.test(inner) || block.hr.test(inner)) return false
      }
      const expanded = text.replace(/^[ \t]+/, (leading) => expandTabs(leading, 0))
      const underline = text.length <= LONGEST_LINE && /^ {0,3}(?:=+|-+) *$/.test(text) && block.lheading.test(`${previous}\n${text}`)
      deliver(`\n${underline ? `    ${expanded.replace(/^ {0,3}/, '')}` : text}`)
      previous = expanded.slice(indent)
      lazy = true
      single = false
      raw += ended ? `${text}\n` : text
      insideLine = !ended
      return true
    },
    step: (exact) => child.step(exact),
    spaced: () => child.spaced(),
    misled: () => task !== undefined && (child.first() ?? 'p') !== 'p',
    close(last) {
      if (!last) child.push(withheld)
      child.finish()
      freeze(live)
    },
    abandon: () => child.abandon(),
  }
}

function expandTabs(blank: string, from: number): string {
  let column = from
  for (const char of blank) column += char === '\t' ? 4 - (column % 4) : 1
  return ' '.repeat(column - from)
}
