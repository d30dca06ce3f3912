import type { Clock } from '../../../src/client/stream/clock.ts'

/** Short waits pass at once; long ones (the watchdog) never fire here. */
export function createHastyClock(): Clock {
  let ahead = 0
  return {
    now: () => Date.now() + ahead,
    after(ms, wake) {
      if (ms > 20_000) return () => {}
      const timer = setImmediate(() => {
        ahead += ms
        wake()
      })
      return () => clearImmediate(timer)
    },
  }
}
