/**
 * The items of a list that grows. The first fifty stand in it and those behind in parts of fifty that stand in it too, so that what is out of sight costs
 * nothing and yet the list is one, to whoever hears or copies it.
 */
import { createLive, isLive } from './live.ts'
import type { ElementShape, Live, Shape } from './live.ts'
import { createParts } from './parts.ts'
import type { Sink } from './reading.ts'
import { PART_ITEMS, listAttributes, partAttributes, valueOf } from './shape.ts'
import type { ListToken } from './shape.ts'

export interface ListItems extends Sink {
  readonly live: Live
}

/** `loose`: whether a blank line stands among the items of a part; the first part is the list itself. */
export function createListItems(token: ListToken, depth: number, loose: (part: number) => boolean): ListItems {
  const live = createLive(token.ordered ? 'ol' : 'ul', listAttributes(token, loose(0), depth))
  let settled = 0
  let behind: readonly Shape[] = []
  const parts = createParts(PART_ITEMS, 'div', (index, full) => partAttributes(full, loose(index + 1)), {
    settle: (part) => void live.settled.push(part),
    open: (shown) => void (behind = shown),
  })
  return {
    live,
    settle(shape) {
      const item = numbered(shape, valueOf(token, settled))
      if (settled < PART_ITEMS) live.settled.push(item)
      else parts.settle(item)
      settled++
    },
    open(shapes) {
      const items = shapes.map((shape, index) => numbered(shape, valueOf(token, settled + index)))
      const room = Math.max(0, PART_ITEMS - settled)
      parts.open(items.slice(room))
      live.open = [...items.slice(0, room), ...behind]
      live.attributes = listAttributes(token, loose(0), depth)
    },
  }
}

function numbered(shape: Shape, value: Readonly<Record<string, string>>): Shape {
  if (typeof shape === 'string' || !('value' in value)) return shape
  const attributes = { ...shape.attributes, ...value }
  if (!isLive(shape)) return { ...shape, attributes } satisfies ElementShape
  if (!('value' in shape.attributes)) shape.attributes = attributes
  return shape
}
