import type { Clock } from '../clock.ts'
import { StorageError } from '../storage/storage.ts'

const FIRST_MS = 50
const LONGEST_MS = 5_000

/**
 * Repeats a write until the store takes it, with growing pauses (50 ms to 5 s). Only for writes that may be repeated as they are.
 * Anything but a StorageError that may pass is thrown at once. `onFailure` is told of each failure that may, for the log.
 */
export async function untilStored<T>(clock: Clock, write: () => Promise<T>, onFailure: (error: StorageError, retryInMs: number) => void): Promise<T> {
  for (let delayMs = FIRST_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_MS)) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof StorageError) || !error.retryable) throw error
      onFailure(error, delayMs)
      await new Promise<void>((resolve) => clock.after(delayMs, resolve))
    }
  }
}
