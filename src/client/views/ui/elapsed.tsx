import { useEffect, useState } from 'react'
import { ticking } from '../text.ts'

/** Beyond this a difference between the server's instant and the page's clock is a wrong clock, not a long wait. */
const BELIEVABLE_MS = 10 * 60_000
const TICK_MS = 1000

/** When something open was first seen here, and how long it had been open by then. */
const firstSeen = new Map<string, { readonly at: number; readonly before: number }>()

/** Ms since `startedAt` (server's clock). Goes on by the page's monotonic clock, so a page whose clock is wrong still counts right. */
function elapsedMs(key: string, startedAt: number): number {
  let seen = firstSeen.get(key)
  if (seen === undefined) {
    const before = Date.now() - startedAt
    seen = { at: performance.now(), before: before >= 0 && before <= BELIEVABLE_MS ? before : 0 }
    firstSeen.set(key, seen)
  }
  return seen.before + performance.now() - seen.at
}

/** The ticking duration of something, as text, for as long as it is `live`. */
export function useElapsed(id: string, startedAt: number, live = true): string {
  const key = `${id} ${startedAt}`
  const [shown, setShown] = useState(() => ticking(elapsedMs(key, startedAt)))
  useEffect(() => {
    if (!live) return undefined
    const timer = setInterval(() => setShown(ticking(elapsedMs(key, startedAt))), TICK_MS)
    return () => {
      clearInterval(timer)
    }
  }, [key, startedAt, live])
  return shown
}

/** A ticking duration of something that still goes on. */
export function Elapsed({ id, startedAt }: { readonly id: string; readonly startedAt: number }) {
  return <span data-elapsed="">{useElapsed(id, startedAt)}</span>
}
