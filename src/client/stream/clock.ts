/** Time as the page sees it; the only place under `stream/` that knows the real one. Tests set a manual clock. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `wake` once after `ms`; the answer cancels it. */
  after(ms: number, wake: () => void): () => void
}

export const pageClock: Clock = {
  now: () => Date.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, ms)
    return () => clearTimeout(timer)
  },
}
