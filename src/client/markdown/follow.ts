/**
 * From a text that is handed over whole each time to one that is pushed: what is new costs, what was there does not. Very much at once is drawn
 * a slice a frame, so that the page stays usable meanwhile.
 */
import { mount } from './mount.ts'
import type { Mounted, MountOptions } from './mount.ts'

/** Characters drawn in one frame. Fewer would be drawn sooner and cost more in all: what comes last is in view, and laid out, each time. */
export const SLICE = 16_384
/** How much of the end of what was drawn is compared, to notice another text. */
const TAIL = 64

export interface Following {
  /** Brings the page in line with `source`; `open`: more may come. A text only grows; one that is shorter, or has another end where the last one ended, is another text. */
  show(source: string, open: boolean): void
  /** Draws nothing any more. */
  leave(): void
}

/** `atLeast`: so many characters of the first text are on the page already, and stay. */
export function follow(mounted: Mounted, atLeast = 0): Following {
  let wanted = { source: '', open: true }
  let drawn = 0
  let tail = ''
  let ended = false
  let frame: number | null = null
  /** What is on the page stays on it: so much is drawn with the next frame, however long it takes. */
  let least = atLeast

  const draw = (upTo: number) => {
    const { source, open } = wanted
    const end = Math.min(source.length, isCutPair(source, upTo) ? upTo - 1 : upTo)
    if (end > drawn) mounted.push(source.slice(drawn, end))
    drawn = end
    least = 0
    tail = source.slice(Math.max(0, end - TAIL), end)
    ended = !open && end === source.length
    if (ended) mounted.end()
    else mounted.flush()
    if (end < source.length) frame = requestAnimationFrame(next)
  }
  const next = () => {
    frame = null
    draw(drawn + SLICE)
  }
  const rest = () => {
    if (frame !== null) cancelAnimationFrame(frame)
    frame = null
  }

  return {
    show(source, open) {
      const grown = source.length >= drawn && source.startsWith(tail, drawn - tail.length)
      if (grown && ended && source.length === drawn) return
      wanted = { source, open }
      if (!grown || ended) {
        least = drawn
        rest()
        mounted.reset()
        drawn = 0
      }
      if (frame === null) draw(Math.max(drawn + SLICE, least))
    },
    leave: rest,
  }
}

/** Shows in `el`, whose inside is the renderer's alone. */
export function followIn(el: HTMLElement, options: MountOptions, atLeast: number): Following {
  return follow(mount(el, options), atLeast)
}

/** Between the two halves of a character. */
const isCutPair = (text: string, at: number) => at < text.length && text.charCodeAt(at - 1) >> 10 === 0x36
