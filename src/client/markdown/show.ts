/** One text on the page: drawn at once where it is whole, and by what reads growing ones, which is fetched later, where it is not. */
import { follow } from './follow.ts'
import type { mount } from './mount.ts'
import type { Rich } from './rich.ts'
import type { MarkdownWords } from './shaping.ts'
import { drawWhole } from './whole.ts'

type Mount = typeof mount

/** The code that draws growing texts. */
export interface Growing {
  /** Null until it is here. */
  there(): Mount | null
  /** Fetches it, once; asked again, it tries again what failed. */
  load(): Promise<Mount>
}

export function fetchedLater(load: () => Promise<Mount>): Growing {
  let here: Mount | null = null
  let coming: Promise<Mount> | null = null
  return {
    there: () => here,
    load: () => (coming ??= load().then((mount) => (here = mount), (error: unknown) => {
      coming = null
      throw error
    })),
  }
}

interface ShowOptions {
  readonly words: MarkdownWords
  readonly rich: Rich
  readonly growing: Growing
  readonly onTrouble: (error: unknown) => void
}

export interface Shown {
  /** Brings `el` in line with `source`; `open`: more may come. */
  show(source: string, open: boolean): void
  /** Empties `el`; nothing is drawn into it any more. */
  leave(): void
}

/** Shows in `el`, whose inside is the renderer's alone, a text that is handed over whole each time. */
export function showIn(el: HTMLElement, { words, rich, growing, onTrouble }: ShowOptions): Shown {
  let grown: ReturnType<typeof follow> | null = null
  let now: { readonly source: string; readonly open: boolean } = { source: '', open: false }
  /** Without what reads growing texts. */
  let drawn: { readonly source: string; readonly whole: boolean } | null = null
  let left = false

  const draw = (source: string) => {
    if (drawn?.source === source) return drawn
    el.replaceChildren()
    const isWhole = drawWhole(el, source, { words, rich })
    // Until it can be drawn, it can be read as it was written.
    if (!isWhole) el.append(source)
    return (drawn = { source, whole: isWhole })
  }
  const grow = (mount: Mount) => {
    // Emptied and drawn in one step: nobody sees it without its text.
    el.replaceChildren()
    grown = follow(mount(el, { words, rich }))
    grown(now.source, now.open)
  }
  return {
    show(source, open) {
      now = { source, open }
      if (grown !== null) {
        grown(source, open)
        return
      }
      const mount = growing.there()
      if ((mount === null || !open) && draw(source).whole && !open) return
      if (mount !== null) grow(mount)
      else growing.load().then((mount) => {
        if (!left && grown === null && (now.open || drawn?.whole === false)) grow(mount)
      }, onTrouble)
    },
    leave() {
      left = true
      el.replaceChildren()
    },
  }
}
