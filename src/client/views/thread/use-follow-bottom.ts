import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { createFollowBottom } from './follow-bottom.ts'
import type { FollowBottom, ReadingPlace } from './follow-bottom.ts'

/** Where each thread was left, by thread id. */
const places = new Map<string, ReadingPlace>()

/** Where the reader left a thread that was in view before. */
export function leftAt(thread: string): ReadingPlace {
  return places.get(thread) ?? { kind: 'end' }
}

/**
 * The doorway to `follow-bottom.ts` for one thread. `ready`: its messages are on the page, so that the place where it was left exists.
 * `nearTop` may be another function with every drawing.
 */
export function useFollowBottom(thread: string, ready: boolean, nearTop: () => boolean) {
  const scroller = useRef<HTMLElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const follow = useRef<FollowBottom>(null)
  const near = useRef(nearTop)
  const [state, setState] = useState({ following: true, newBelow: false })

  useEffect(() => {
    near.current = nearTop
  })
  useLayoutEffect(() => {
    if (scroller.current === null || content.current === null || !ready) return undefined
    const made = createFollowBottom(scroller.current, content.current, { changed: setState, nearTop: () => near.current() })
    follow.current = made
    made.restore(leftAt(thread))
    return () => {
      places.set(thread, made.place())
      made.destroy()
      follow.current = null
    }
  }, [thread, ready])

  return { scroller, content, follow, ...state }
}
