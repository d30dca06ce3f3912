import { useLayoutEffect, useState, useSyncExternalStore } from 'react'
import type { RefObject } from 'react'
import { createThreadWindow } from './thread-window.ts'
import type { Entry, ThreadWindow } from './thread-window.ts'
import type { Piece } from './window.ts'

interface Windowed {
  readonly pieces: readonly Piece[]
  readonly look: ThreadWindow
}

/**
 * The doorway to `thread-window.ts`. `scroller` and `list` are on the page once `ready`. `first`: the entry that the reader begins at; absent: the
 * end. `onNear` is told which entries the reader comes near to.
 */
export function useThreadWindow(
  entries: readonly Entry[],
  { scroller, list, ready, first, onNear }: {
    readonly scroller: RefObject<HTMLElement | null>
    readonly list: RefObject<HTMLElement | null>
    readonly ready: boolean
    readonly first: string | null
    readonly onNear: RefObject<(from: number, to: number) => void>
  },
): Windowed {
  const [look] = useState(() => {
    const made = createThreadWindow(({ from, to }) => onNear.current(from, to))
    made.pieces(entries)
    if (first !== null) made.lookAt(first)
    return made
  })
  useSyncExternalStore(look.subscribe, look.version)
  const pieces = look.pieces(entries)
  useLayoutEffect(() => {
    if (!ready || scroller.current === null || list.current === null) return undefined
    return look.attach(scroller.current, list.current)
  }, [look, ready, scroller, list])
  useLayoutEffect(() => look.drawn(), [look, pieces, entries, ready])
  return { pieces, look }
}
