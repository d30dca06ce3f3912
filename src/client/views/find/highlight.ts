/** Words in what is drawn of messages: where they are, and their marks, which change no node of the page. */
import { placesOf } from './places.ts'

const FOUND = 'find'
const CURRENT = 'find-at'
/** What draws a line of its own: words do not go on from one into the next. */
const BLOCKS = 'p, li, ul, ol, td, th, h1, h2, h3, h4, h5, h6, pre, blockquote, div, figure, hr'

/** The message with this id that is drawn in the thread; null where it is not. */
export function drawnMessage(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-thread] [data-message="${CSS.escape(id)}"]`)
}

export function drawnMessages(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-thread] [data-message]')]
}

/** Every place of `words` in the texts of a message, from top to bottom. */
export function rangesIn(message: HTMLElement, words: string): Range[] {
  return [...message.querySelectorAll<HTMLElement>('[data-part][data-kind=text]')].flatMap((part) => {
    const nodes: (Text | null)[] = []
    let block: Element | null = null
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) =>
      (node instanceof Element ? (node.matches('button, [hidden]') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP) : NodeFilter.FILTER_ACCEPT))
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const own = node.parentElement?.closest(BLOCKS) ?? part
      if (block !== null && own !== block) nodes.push(null)
      block = own
      nodes.push(node as Text)
    }
    return placesOf(words, nodes.map((node) => node?.data ?? null)).map(({ start, end }) => {
      const range = new Range()
      range.setStart(nodes[start.piece] as Text, start.offset)
      range.setEnd(nodes[end.piece] as Text, end.offset)
      return range
    })
  })
}

/** Marks these places, and one of them as the one that is looked at. A browser that cannot mark so only goes to them. */
export function showMarks(found: readonly Range[], current: Range | null): void {
  if (!('highlights' in CSS)) return
  const at = new Highlight(...(current === null ? [] : [current]))
  at.priority = 1
  CSS.highlights.set(FOUND, new Highlight(...found))
  CSS.highlights.set(CURRENT, at)
}

export function clearMarks(): void {
  if (!('highlights' in CSS)) return
  CSS.highlights.delete(FOUND)
  CSS.highlights.delete(CURRENT)
}

/** Of the view's height: where a place is put that has to be scrolled to. */
const AT = 0.3

/** Brings a place into view, if it is not. */
export function bringIntoView(range: Range): void {
  const scroller = document.querySelector<HTMLElement>('[data-thread]')
  const box = scroller?.getBoundingClientRect()
  if (scroller === null || box === undefined) return
  // A long message that is shown in part is shown whole for what was found in it.
  const clipped = (range.startContainer.parentElement?.closest('[data-clipped]') ?? null)
  const clip = clipped?.getBoundingClientRect()
  if (clipped !== null && clip !== undefined && range.getBoundingClientRect().bottom > clip.bottom) clipped.closest('[data-message]')?.querySelector<HTMLElement>('button[aria-expanded=false]')?.click()
  requestAnimationFrame(() => {
    const place = range.getBoundingClientRect()
    if (place.top < box.top + 8 || place.bottom > box.bottom - 8) scroller.scrollTop += place.top - box.top - box.height * AT
    // Code and tables scroll inside themselves.
    const inner = range.startContainer.parentElement?.closest<HTMLElement>('pre, [data-scrolls]')
    const side = inner?.getBoundingClientRect()
    if (inner && side !== undefined && (place.left < side.left || place.right > side.right)) inner.scrollLeft += place.left - side.left - side.width * AT
  })
}
