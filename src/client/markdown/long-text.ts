/** Plain text of any length in a box that scrolls: cut into chunks of lines, of which only those in view cost layout. No React. */
import { pieces } from './hidden.ts'

export interface LongText {
  /**
   * Shows `text`. Of a text that only grew nothing but the growth is looked at. `growing`: more will come, so the end is followed for as long as
   * the reader is there.
   */
  update(text: string, growing: boolean): void
  destroy(): void
}

/** A chunk ends with the first line end behind this many characters … */
const CHUNK_CHARS = 12_000
/** … and, where a line is longer than that, here. */
const LONGEST_CHUNK_CHARS = 16_000
/** Characters of a line of text as wide as the box, to guess the height of what was never laid out. */
const COLUMNS = 90
const AT_END_PX = 6

/** Where the chunk that begins at `from` ends; null while it may still grow. Depends on nothing behind the end, so a full chunk stays as it is. */
export function chunkEnd(text: string, from: number): number | null {
  const newline = text.slice(from + CHUNK_CHARS - 1, from + LONGEST_CHUNK_CHARS).indexOf('\n')
  if (newline >= 0) return from + CHUNK_CHARS + newline
  const end = from + LONGEST_CHUNK_CHARS
  if (text.length <= end) return null
  // Never between the halves of a surrogate pair.
  return /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) ? end - 1 : end
}

/** `box` scrolls; its inside is this view's alone. */
export function mountLongText(box: HTMLElement): LongText {
  const document = box.ownerDocument
  const content = document.createElement('div')
  box.replaceChildren(content)
  let shown = ''
  /** The last chunk, how many characters it has, and where in the text it begins. */
  let open: HTMLElement | null = null
  let held = 0
  let openAt = 0
  let follows = false
  let atEnd = true
  let lastTop = 0
  let lastHeight = 0

  const write = (text: string): void => {
    for (;;) {
      const end = chunkEnd(text, openAt)
      const more = text.slice(openAt + held, end ?? text.length)
      if (more !== '') {
        open ??= content.appendChild(newChunk(document))
        append(open, more)
        held += more.length
      }
      if (end === null || open === null) return
      open.style.setProperty('contain-intrinsic-size', `auto none auto ${linesOf(text.slice(openAt, end))}lh`)
      open.dataset['chunk'] = 'full'
      openAt = end
      open = null
      held = 0
    }
  }

  // Runs behind layout, so that following the end never asks for one.
  const observer = new ResizeObserver(() => {
    if (follows && atEnd) box.scrollTop = box.scrollHeight
    lastTop = box.scrollTop
    lastHeight = box.scrollHeight
  })
  observer.observe(content)
  const scrolled = () => {
    const { scrollTop: top, scrollHeight: height } = box
    if (height - box.clientHeight - top <= AT_END_PX) atEnd = true
    // Only a reader moves up while nothing above became shorter; a chunk whose height was guessed may.
    else if (top < lastTop - 1 && height >= lastHeight) atEnd = false
    lastTop = top
    lastHeight = height
  }
  box.addEventListener('scroll', scrolled, { passive: true })
  // A browser puts line ends between elements; a selection gives exactly what stands in the text.
  const copy = (event: ClipboardEvent) => {
    const selection = document.getSelection()
    if (selection === null || selection.rangeCount === 0 || selection.isCollapsed) return
    const range = selection.getRangeAt(0)
    if (!box.contains(range.commonAncestorContainer)) return
    event.clipboardData?.setData('text/plain', range.toString())
    event.preventDefault()
  }
  box.addEventListener('copy', copy)

  return {
    update(text, growing) {
      if (growing) follows = true // and is not taken back: what came last may come with the news that it was the last
      if (text === shown) return
      if (!text.startsWith(shown)) {
        follows = growing
        content.replaceChildren()
        open = null
        held = 0
        openAt = 0
      }
      shown = text
      write(text)
    },
    destroy() {
      observer.disconnect()
      box.removeEventListener('scroll', scrolled)
      box.removeEventListener('copy', copy)
      box.replaceChildren()
    },
  }
}

function newChunk(document: Document): HTMLElement {
  const chunk = document.createElement('div')
  chunk.dataset['chunk'] = ''
  return chunk
}

/** What nobody would see in a text is marked; the text stays what it is. */
function append(chunk: HTMLElement, more: string): void {
  for (const { text, name } of pieces(more)) {
    if (name !== null) {
      const mark = chunk.ownerDocument.createElement('span')
      mark.dataset['hidden'] = name
      mark.append(text)
      chunk.append(mark)
    } else if (chunk.lastChild instanceof Text) chunk.lastChild.appendData(text)
    else chunk.append(text)
  }
}

function linesOf(text: string): number {
  let lines = 0
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    lines += Math.max(1, Math.ceil((end - at) / COLUMNS))
    at = end + 1
  }
  return lines
}
