/** How long to wait before the next try. Pure: the chance comes in as `random`, 0 ≤ random < 1. */

const FIRST_MS = 250
const LONGEST_MS = 15_000

/**
 * Full jitter: anything from nothing to the ceiling of the `failures`-th try in a row (1 is the first), which doubles from
 * 250 ms to 15 s. `floorMs`, what a server asked for by Retry-After or `bye`, comes before the jitter, and the jitter is then at least
 * as wide, so that the clients of a server that restarts do not come back together.
 */
export function retryDelayMs(failures: number, random: number, floorMs = 0): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(Math.max(failures, 1) - 1, 16))
  const width = Math.min(LONGEST_MS, Math.max(ceiling, floorMs))
  return Math.round(floorMs + random * width)
}

const FIRST_CHECK_MS = 180
const QUICK_CHECK_MS = 200
const QUICK_CHECKS = 10

/** Until the next look at whether a transcript is saved, after `done` looks: 180 ms, ten times 200 ms, then doubling to 15 s with some jitter. */
export function checkDelayMs(done: number, random: number): number {
  if (done === 0) return FIRST_CHECK_MS
  if (done <= QUICK_CHECKS) return QUICK_CHECK_MS
  return eased(QUICK_CHECK_MS * 2 ** Math.min(done - QUICK_CHECKS, 16), random)
}

/** The same after `failures` looks in a row that told nothing (missing, error): from 1 s, doubling to 15 s. */
export function troubledCheckDelayMs(failures: number, random: number): number {
  return eased(1_000 * 2 ** Math.min(Math.max(failures, 1), 16), random)
}

/** Half fixed, half chance. */
function eased(ms: number, random: number): number {
  return Math.round(Math.min(LONGEST_MS, ms) * (0.5 + 0.5 * random))
}
