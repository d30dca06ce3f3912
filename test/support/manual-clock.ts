/** A clock that moves only when it is told to. Fits the server's and the browser's `Clock`. */
export interface ManualClock {
  now(): number
  after(ms: number, wake: () => void): () => void
  /** Moves on by `ms`, waking each timer at its own time and letting promises settle in between. */
  advance(ms: number): Promise<void>
  /** Timers that have not fired. */
  pending(): number
}

export function createManualClock(startAt = 1_700_000_000_000): ManualClock {
  let now = startAt
  let timers: { readonly at: number; readonly wake: () => void }[] = []
  const drop = (timer: (typeof timers)[number]) => {
    timers = timers.filter((other) => other !== timer)
  }
  return {
    now: () => now,
    after(ms, wake) {
      const timer = { at: now + Math.max(0, ms), wake }
      timers.push(timer)
      return () => drop(timer)
    },
    async advance(ms) {
      const until = now + ms
      await settlePromises()
      for (;;) {
        const next = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        now = Math.max(now, next.at)
        drop(next)
        next.wake()
        await settlePromises()
      }
      now = until
    },
    pending: () => timers.length,
  }
}

/** Lets every promise that can settle by itself do so. */
export async function settlePromises(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
