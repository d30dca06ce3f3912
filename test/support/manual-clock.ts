/** A clock that moves only when it is told to. Fits the server's and the browser's `Clock`. */
export interface ManualClock {
  now(): number
  after(ms: number, wake: () => void): () => void
  /** Moves on by `ms`, waking each timer at its own time and letting promises settle in between. */
  advance(ms: number): Promise<void>
  /** Timers that have not fired. */
  pending(): number
  /** Milliseconds until the next timer; Infinity without one. */
  untilNext(): number
}

/** `settle` lets promises settle between two timers. */
export function createManualClock(startAt = 1_700_000_000_000, settle: () => Promise<void> = settlePromises): ManualClock {
  let now = startAt
  /** The next one last; of two at the same time the older is next. */
  const timers: { readonly at: number; readonly wake: () => void }[] = []
  const placeOf = (at: number) => {
    let [low, high] = [0, timers.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((timers[middle] as (typeof timers)[number]).at > at) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    now: () => now,
    after(ms, wake) {
      const timer = { at: now + Math.max(0, Math.ceil(ms)), wake } // a real clock tells whole milliseconds
      timers.splice(placeOf(timer.at), 0, timer)
      return () => {
        const index = timers.indexOf(timer)
        if (index >= 0) timers.splice(index, 1)
      }
    },
    async advance(ms) {
      const until = now + ms
      await settle()
      for (let next = timers.at(-1); next !== undefined && next.at <= until; next = timers.at(-1)) {
        timers.pop()
        now = Math.max(now, next.at)
        next.wake()
        await settle()
      }
      now = until
    },
    pending: () => timers.length,
    untilNext: () => (timers.at(-1)?.at ?? Infinity) - now,
  }
}

/** Lets every promise that can settle by itself do so. */
export async function settlePromises(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
