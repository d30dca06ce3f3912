/** Time as the server sees it; tests set a manual one. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `wake` once after `ms`; the answer cancels it. Never keeps the process alive by itself. */
  after(ms: number, wake: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
