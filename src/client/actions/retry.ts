import type { Timers } from './deps.ts'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

export interface Retry {
  /** It failed: tries again after 1 s, and after every further failure in a row twice as late, up to 30 s. */
  failed(): void
  /** It went well, or is under way by other means: no try is left, and the next failure is the first. */
  done(): void
}

/** Tries again by itself what could not be loaded, as nobody may be there to press a button. */
export function createRetry(clock: Timers, again: () => void): Retry {
  let failures = 0
  let cancel: (() => void) | null = null
  const stop = () => {
    cancel?.()
    cancel = null
  }
  return {
    failed() {
      stop()
      cancel = clock.after(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures), () => {
        cancel = null
        again()
      })
      failures += 1
    },
    done() {
      stop()
      failures = 0
    },
  }
}
