/** One text on the page: drawn at once where it is whole and not very long, and by what reads growing ones, which is fetched later, where it is not. */
import type { Following, followIn } from './follow.ts'
import type { Rich } from './rich.ts'
import type { MarkdownWords } from './shaping.ts'
import { drawWhole } from './whole.ts'

type Grow = typeof followIn

/** Characters. Drawing more of them at once is felt: they come a slice a frame, as if they grew. */
const AT_ONCE = 65_536

interface ShowOptions {
  readonly words: MarkdownWords
  readonly rich: Rich
  /** What draws growing texts, fetched when it is first wanted. */
  readonly growing: { get(): Grow | null; load(): Promise<Grow> }
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
  let grown: Following | null = null
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
  const grow = (into: Grow) => {
    // Emptied and drawn in one step: nobody sees it without its text.
    el.replaceChildren()
    grown = into(el, { words, rich }, drawn?.source.length ?? 0)
    grown.show(now.source, now.open)
  }
  return {
    show(source, open) {
      now = { source, open }
      if (grown !== null) {
        grown.show(source, open)
        return
      }
      const into = growing.get()
      if (source.length <= AT_ONCE && (into === null || !open) && draw(source).whole && !open) return
      if (into !== null) grow(into)
      else growing.load().then((code) => {
        if (!left && grown === null && (now.open || drawn?.source !== now.source || !drawn.whole)) grow(code)
      }, onTrouble)
    },
    leave() {
      left = true
      grown?.leave()
      el.replaceChildren()
    },
  }
}
