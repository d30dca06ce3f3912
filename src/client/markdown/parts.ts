/** Shapes in parts of so many: a part that is full is final, and costs nothing while it is out of sight. */
import { createLive, element } from './live.ts'
import type { Live, Shape } from './live.ts'
import type { Sink } from './reading.ts'

export interface Parts extends Sink {
  /** The part that takes what is settled next. */
  current(): Live
}

/**
 * Which shape stands in which part depends on its number alone, so that growing and whole texts have the same parts. Full parts are settled
 * into `out`, the others opened. `attributes`: of a part; `full`: another one follows.
 */
export function createParts(size: number, tag: string, attributes: (index: number, full: boolean) => Record<string, string>, out: Sink): Parts {
  let part = createLive(tag)
  let index = 0
  let count = 0
  return {
    settle(shape) {
      if (count === size) {
        part.open = []
        part.attributes = attributes(index, true)
        out.settle(part)
        part = createLive(tag)
        index++
        count = 0
      }
      part.settled.push(shape)
      count++
    },
    open(shapes) {
      const room = size - count
      part.open = shapes.slice(0, room)
      part.attributes = attributes(index, shapes.length > room)
      const shown: Shape[] = count + shapes.length > 0 ? [part] : []
      for (let at = room, next = index + 1; at < shapes.length; at += size, next++) shown.push(element(tag, attributes(next, at + size < shapes.length), shapes.slice(at, at + size)))
      out.open(shown)
    },
    current: () => part,
  }
}
