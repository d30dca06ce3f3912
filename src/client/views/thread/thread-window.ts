/**
 * Remembers how high each turn is and decides which ones are on the page. Lives without React; measures nothing while text arrives but what the
 * browser tells by itself, and writes nothing: where something above the reader turns out higher or lower than it was thought, scroll anchoring holds the text that is read.
 */
import { whenIdle } from '../../markdown/rich/lazy.ts'
import { draws, piecesOf, rangeAt, rangeAtEnd, sum, thought } from './window.ts'
import type { Piece, Range } from './window.ts'

/** One entry of the list, as far as its place on the page goes. */
export interface Entry {
  readonly key: string
  /** How much it says. */
  readonly characters: () => number
  /** Stays on the page wherever the reader is: it grows, or is on its way. */
  readonly stays: boolean
}

export interface ThreadWindow {
  /** What is to be drawn of these entries: the same answer for the same entries until a listener is told. */
  pieces(entries: readonly Entry[]): readonly Piece[]
  /** Changes with everything that `pieces` answers. */
  version(): number
  subscribe(listener: () => void): () => void
  /** Puts this entry, and as much around it as fits the view, on the page. */
  lookAt(key: string): void
  /** Connects it to the page; the answer takes it off again. `list` holds the entries, each an element with `data-turn` as its key. */
  attach(scroller: HTMLElement, list: HTMLElement): () => void
  /** The entries that are on the page have changed. */
  drawn(): void
}

/** Before anything is measured. */
const VIEW_PX = 900
const WIDTH_PX = 720
/** In heights of the view, above and below it: what is drawn when something must be (`ahead`), and what must be. */
const RESTING = { ahead: 1.25, atLeast: 0.5 }
/** Until the page rests for the first time: what is seen comes before what may be seen next. */
const FIRST = { ahead: 0.1, atLeast: 0 }

/** `onRange` is told, whenever the reader moves, which entries are in view or near it. `later` calls back when the page has nothing else to do. */
export function createThreadWindow(onRange: (near: Range) => void = () => undefined, later: (run: () => void) => void = whenIdle): ThreadWindow {
  const measured = new Map<string, number>()
  const listeners = new Set<() => void>()
  let entries: readonly Entry[] = []
  let heights: number[] = []
  let indices = new Map<string, number>()
  /** Keys of the first and last entry around the reader. Null: the end. */
  let view: { readonly first: string; readonly last: string } | null = null
  /** Keys of stretches that stay although the reader is elsewhere: what is selected, what has the focus. */
  let kept: readonly { readonly first: string; readonly last: string }[] = []
  let made: readonly Piece[] = []
  let stale = true
  let version = 0
  let width = WIDTH_PX
  let { ahead, atLeast } = FIRST
  let page: { readonly scroller: HTMLElement; readonly list: HTMLElement; readonly observer: ResizeObserver } | null = null

  const viewHeight = () => page?.scroller.clientHeight || VIEW_PX
  const rangeOf = ({ first, last }: { first: string; last: string }): Range | null => {
    const from = indices.get(first)
    const to = indices.get(last)
    return from === undefined || to === undefined ? null : { from: Math.min(from, to), to: Math.max(from, to) + 1 }
  }
  const changed = () => {
    stale = true
    version++
    for (const listener of listeners) listener()
  }
  const heightOf = (entry: Entry) => measured.get(entry.key) ?? thought(entry.characters(), width)

  function take(next: readonly Entry[]): void {
    const before = entries
    entries = next
    stale = true
    // While an answer grows only the last entry is another one.
    const same = before.length === next.length && next.every((entry, index) => entry.key === before[index]?.key)
    if (same) return
    heights = next.map(heightOf)
    indices = new Map(next.map((entry, index) => [entry.key, index]))
  }

  function make(): readonly Piece[] {
    const around = (view === null ? null : rangeOf(view)) ?? rangeAtEnd(heights, viewHeight() * (1 + ahead))
    const stay = entries.flatMap((entry, index) => (entry.stays || index === entries.length - 1 ? [{ from: index, to: index + 1 }] : []))
    return piecesOf(heights, [around, ...stay, ...kept.flatMap((stretch) => rangeOf(stretch) ?? [])])
  }

  function setView({ from, to }: Range): void {
    const first = entries[from]?.key
    const last = entries[Math.max(from, to - 1)]?.key
    if (first === undefined || last === undefined) return
    view = { first, last }
    kept = page === null ? [] : keptBy(page.list)
    changed()
  }

  /** Draws what the reader comes near to. Asked when the page has been laid out: it reads, and the answer is there. */
  function look(need = atLeast): void {
    if (page === null || entries.length === 0) return
    const { scroller, list } = page
    const height = viewHeight()
    const top = scroller.scrollTop - list.offsetTop
    const around = (more: number) => rangeAt(heights, top - more * height, top + (1 + more) * height)
    if (!draws(stale ? make() : made, around(need))) setView(around(ahead))
    onRange(around(atLeast))
  }

  const scrolled = () => look()

  function resized(records: readonly ResizeObserverEntry[]): void {
    for (const record of records) {
      if (record.target === page?.list) widened(record.contentRect.width)
      const key = (record.target as HTMLElement).dataset['turn']
      const height = record.borderBoxSize[0]?.blockSize ?? 0
      if (key === undefined || height === 0) continue
      measured.set(key, height)
      const index = indices.get(key)
      if (index !== undefined) heights[index] = height
    }
    look()
  }

  /** Lines break elsewhere now: what is not on the page is no longer known. */
  function widened(to: number): void {
    if (Math.abs(to - width) < 1 || to === 0) return
    width = to
    const here = new Set(turnsOf(page?.list).map((turn) => turn.dataset['turn']))
    for (const key of measured.keys()) if (!here.has(key)) measured.delete(key)
    heights = entries.map(heightOf)
    changed()
  }

  return {
    pieces(next) {
      if (next !== entries) take(next)
      if (stale) {
        const pieces = make()
        made = same(made, pieces) ? made : pieces
        stale = false
      }
      return made
    },
    version: () => version,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    lookAt(key) {
      const index = indices.get(key)
      if (index === undefined) return
      const top = sum(heights, 0, index)
      const height = viewHeight()
      setView(rangeAt(heights, top - ahead * height, top + (1 + ahead) * height))
    },
    attach(scroller, list) {
      const observer = new ResizeObserver(resized)
      page = { scroller, list, observer }
      observer.observe(list)
      observer.observe(scroller)
      scroller.addEventListener('scroll', scrolled, { passive: true })
      later(() => {
        ({ ahead, atLeast } = RESTING)
        look(ahead)
      })
      return () => {
        observer.disconnect()
        scroller.removeEventListener('scroll', scrolled)
        page = null
      }
    },
    drawn() {
      for (const turn of turnsOf(page?.list)) page?.observer.observe(turn)
    },
  }
}

function same(before: readonly Piece[], next: readonly Piece[]): boolean {
  return before.length === next.length && next.every((piece, index) => {
    const other = before[index]
    if (other === undefined || other.kind !== piece.kind || other.from !== piece.from || other.to !== piece.to) return false
    return piece.kind === 'turns' || (other.kind === 'space' && other.height === piece.height)
  })
}

function turnsOf(list: HTMLElement | undefined): HTMLElement[] {
  return list === undefined ? [] : [...list.querySelectorAll<HTMLElement>(':scope > [data-turn]')]
}

/** What a reader would miss if it went: the turns that a selection spans, and the one that has the focus. */
function keptBy(list: HTMLElement): { first: string; last: string }[] {
  const turnAt = (node: Node | null) => {
    const element = node instanceof Element ? node : (node?.parentElement ?? null)
    return list.contains(element) ? element?.closest<HTMLElement>('[data-turn]')?.dataset['turn'] : undefined
  }
  const selection = document.getSelection()
  const ends = selection === null || selection.isCollapsed ? [] : [turnAt(selection.anchorNode), turnAt(selection.focusNode)]
  const focused = turnAt(document.activeElement)
  const [first, last] = [ends[0] ?? ends[1], ends[1] ?? ends[0]]
  return [
    ...(first === undefined || last === undefined ? [] : [{ first, last }]),
    ...(focused === undefined ? [] : [{ first: focused, last: focused }]),
  ]
}
