import type { Clock } from '../../clock.ts'
import { sleep } from '../sleep.ts'

/** Text in pieces of about the size of a model's tokens, their blanks in front. Joined they give the text again. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*[^\s]{1,6}|\s+/gu) ?? []
}

export interface Pacer {
  /** Resolves when the next token is due; at once where we are late. Rejects with the signal's reason. */
  turn(): Promise<void>
}

/** Never lags by more than this: a machine that slept should not pour out what it missed. */
const MOST_CATCH_UP_MS = 1000

export function createPacer(clock: Clock, perSecond: number, signal: AbortSignal): Pacer {
  let dueAt = clock.now()
  return {
    async turn() {
      signal.throwIfAborted()
      dueAt = Math.max(dueAt + 1000 / perSecond, clock.now() - MOST_CATCH_UP_MS)
      const waitMs = Math.floor(dueAt - clock.now())
      if (waitMs > 0) await sleep(clock, waitMs, signal)
    },
  }
}
