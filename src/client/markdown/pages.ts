/** Finished blocks in pages of a dozen: one that is full and out of sight costs no layout. */
import { createLive, element } from './live.ts'
import type { Live, Shape } from './live.ts'
import type { Sink } from './reading.ts'

export const PAGE_BLOCKS = 12

/** Which block stands in which page depends on its number alone, so that live and reopened answers have the same pages. */
export function createPages(root: Live): { readonly sink: Sink; show(behind: readonly Shape[]): void } {
  const begin = () => createLive('div', { 'data-page': '' })
  let page = begin()
  let count = 0
  let open: readonly Shape[] = []
  return {
    sink: {
      settle(shape) {
        if (count === PAGE_BLOCKS) {
          page.open = []
          page.attributes = { 'data-page': 'full' }
          root.settled.push(page)
          page = begin()
          count = 0
        }
        page.settled.push(shape)
        count++
      },
      open(shapes) {
        open = shapes
      },
    },
    show(behind) {
      const room = PAGE_BLOCKS - count
      page.open = open.slice(0, room)
      const more: Shape[] = []
      for (let at = room; at < open.length; at += PAGE_BLOCKS) more.push(element('div', { 'data-page': at + PAGE_BLOCKS < open.length ? 'full' : '' }, open.slice(at, at + PAGE_BLOCKS)))
      page.attributes = { 'data-page': more.length > 0 ? 'full' : '' }
      const shown = count > 0 || page.open.length > 0
      root.open = [...(shown ? [page] : []), ...more, ...behind]
    },
  }
}
