const SHORTEST_PAUSE_MS = 2
const LONGEST_PAUSE_MS = 250

/**
 * Waits for a condition; fails with `what` after `withinMs`. Never sleeps for a fixed time: it looks again after a tenth of what it has waited, so that
 * many who wait for long do not keep from work what they wait for.
 */
export async function until<T>(what: string, look: () => T | Promise<T>, withinMs = 15_000): Promise<NonNullable<Exclude<T, false>>> {
  const began = Date.now()
  for (;;) {
    const seen = await look()
    if (seen !== false && seen !== null && seen !== undefined) return seen as NonNullable<Exclude<T, false>>
    const waited = Date.now() - began
    if (waited > withinMs) throw new Error(`Waited ${withinMs} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(SHORTEST_PAUSE_MS, waited / 10), LONGEST_PAUSE_MS)))
  }
}

/** A promise that a test resolves: lets a scripted agent wait for the test. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function createGate(): Gate {
  let open = () => {}
  const opened = new Promise<void>((resolve) => { open = resolve })
  return { opened, open }
}
