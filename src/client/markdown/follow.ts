/** From a text that is handed over whole each time to one that is pushed: what is new costs, what was there does not. */
import type { Mounted } from './mount.ts'

/** How much of the end of what was drawn is compared, to notice another text. */
const TAIL = 64

/**
 * Answers a function that shows `source`; `open`: more may come. A text only grows; one that is shorter, or that has another end where the last
 * one ended, is another text and is drawn from the beginning.
 */
export function follow(mounted: Mounted): (source: string, open: boolean) => void {
  let length = 0
  let tail = ''
  let ended = false
  return (source, open) => {
    const grown = source.length >= length && source.startsWith(tail, length - tail.length)
    if (grown && ended && source.length === length) return
    if (!grown || ended) {
      mounted.reset()
      length = 0
      ended = false
    }
    if (source.length > length) mounted.push(source.slice(length))
    length = source.length
    tail = source.slice(-TAIL)
    if (open) mounted.flush()
    else mounted.end()
    ended = !open
  }
}
