/** A text that grows, as a tree of shapes. Pure: whoever draws takes what is new after every step. */
import { createBlocks } from './blocks.ts'
import { createDefinitions } from './definitions.ts'
import type { Footnote } from './extensions.ts'
import { createLive, freeze, isLive } from './live.ts'
import type { ElementShape, Live, Shape } from './live.ts'
import { createListItems } from './list-items.ts'
import { createParts } from './parts.ts'
import type { Doc, Readers } from './reading.ts'
import { footnoteShape } from './shape.ts'
import { kidsOf } from './shape-inline.ts'
import type { MarkdownWords } from './shaping.ts'
import { createLexing } from './syntax.ts'
import type { Run } from './syntax.ts'

/** Blocks in a page, and pages in a book: what is out of sight is skipped a book at a time. */
export const PAGE_BLOCKS = 12
export const BOOK_PAGES = 12

/** Of a page or book. That it is full is an attribute of its own: what only asks for a page is not looked at again when it fills. */
const heldIn = (name: string, full: boolean): Record<string, string> => ({ [name]: '', ...(full ? { 'data-full': '' } : {}) })

export interface MarkdownDocument {
  readonly root: Live
  push(delta: string): void
  /** Brings the tree up to date. `exact`: exactly what marked makes of the text so far; else what is half-typed is shown as if it were closed. */
  step(exact: boolean): void
  /** Nothing more comes: all is final. */
  end(): void
  /** Final elements whose kids changed because a definition came. Empties the list. */
  completed(): readonly (ElementShape | Live)[]
}

export function createMarkdownDocument(words: MarkdownWords, readers: Readers): MarkdownDocument {
  const definitions = createDefinitions()
  const lexing = createLexing(definitions)
  const root = createLive('div')
  const waiting = new Map<string, Set<() => void>>()
  let completed: (ElementShape | Live)[] = []
  let held = ''

  const wait = (run: Run, redo: () => void) => {
    for (const name of run.depends) {
      const those = waiting.get(name) ?? new Set()
      waiting.set(name, those.add(redo))
    }
  }
  const settled = (shape: Shape): void => {
    if (typeof shape === 'string' || isLive(shape)) return
    const { run } = shape
    if (run === undefined) shape.kids.forEach(settled)
    else {
      wait(run, () => {
        const again = lexing.inline(run.source)
        shape.kids = kidsOf(shape.tag, again.tokens, doc, run.depth)
        completed.push(shape)
      })
    }
  }

  // Footnotes: final ones, then those of each open end.
  const numbers = new Map<string, number>()
  const section = createLive('section', { 'data-footnotes': '', 'aria-label': words.footnotes })
  const notes = createListItems({ ordered: true, start: 1 }, 1, () => false)
  section.open = [notes.live]
  const provisional = new Map<object, readonly Footnote[]>()
  const numberOf = (label: string): number | undefined => {
    const final = numbers.get(label)
    if (final !== undefined) return final
    const open = [...new Set([...provisional.values()].flat().map((note) => note.label))].filter((each) => !numbers.has(each))
    const index = open.indexOf(label)
    return index < 0 ? undefined : numbers.size + index + 1
  }

  const doc: Doc = {
    words,
    lexing,
    definitions,
    readers,
    runOf: lexing.runOf,
    footnote: numberOf,
    footnotesRead(footnotes, owner, final) {
      provisional.delete(owner)
      if (!final) {
        if (footnotes.length > 0) provisional.set(owner, footnotes)
        return
      }
      for (const note of footnotes) {
        if (numbers.has(note.label)) continue
        numbers.set(note.label, numbers.size + 1)
        const shape = footnoteShape(note, doc)
        settled(shape)
        notes.settle(shape)
      }
    },
    settled,
    waiting: wait,
    completed: (live) => void completed.push(live),
    blocks: (place, sink) => createBlocks(doc, place, sink),
  }

  const shelf = { settle: (book: Shape) => void root.settled.push(book), open: (books: readonly Shape[]) => void (shown = books) }
  let shown: readonly Shape[] = []
  const pages = createParts(PAGE_BLOCKS, 'div', (_, full) => heldIn('data-page', full), createParts(BOOK_PAGES, 'div', (_, full) => heldIn('data-book', full), shelf))
  const blocks = createBlocks(doc, { top: true, depth: 0, level: 2, outline: [], task: false }, pages)

  const step = (exact: boolean) => {
    blocks.step(exact)
    const seen = new Set<string>()
    notes.open([...provisional.values()].flat().flatMap((note) => {
      if (numbers.has(note.label) || seen.has(note.label)) return []
      seen.add(note.label)
      return footnoteShape(note, doc)
    }))
    const changed = definitions.changed((name) => (name.startsWith('^') ? numberOf(name.slice(1)) : undefined))
    // Once each, however many of its names came.
    const redos = new Set<() => void>()
    for (const name of changed ?? []) for (const redo of waiting.get(name) ?? []) redos.add(redo)
    for (const redo of redos) redo()
    root.open = numbers.size + seen.size > 0 ? [...shown, section] : shown
  }

  return {
    root,
    push(delta) {
      const text = held + delta
      // A carriage return at the end may be half of a line end.
      held = text.endsWith('\r') ? '\r' : ''
      const whole = held === '' ? text : text.slice(0, -1)
      blocks.push(whole.includes('\r') ? whole.replaceAll(/\r\n?/g, '\n') : whole)
    },
    step,
    end() {
      if (held !== '') blocks.push('\n')
      held = ''
      step(true)
      freeze(root)
    },
    completed() {
      const list = completed
      completed = []
      return list
    },
  }
}
