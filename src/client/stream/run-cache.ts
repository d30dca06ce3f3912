/**
 * Remembers per thread which run is followed, so that a reload joins it again before any list has loaded. The key is one that other
 * clients on the same origin write too, so that what is read may be anything: `parseRunId` cleans it (SPEC.md, "The run-id cache").
 */
import { parseRunId } from '../../shared/ids.ts'
import type { RunId, ThreadId } from '../../shared/ids.ts'

export interface RunCache {
  /** The run last followed in this tab; a polluted value is repaired where a run id is in it and removed where none is. */
  get(thread: ThreadId): RunId | null
  set(thread: ThreadId, run: RunId): void
  /** Forgets `run`; a newer run that took its place stays. */
  forget(thread: ThreadId, run: RunId): void
}

const keyOf = (thread: ThreadId) => `lg:stream:${thread}`

/**
 * `storage` is asked for each time, because naming `sessionStorage` alone throws where it is blocked. Whatever it throws costs the memory of
 * a run and nothing else; `onTrouble` hears of it.
 */
export function createRunCache(
  storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  onTrouble: (error: unknown) => void = () => {},
): RunCache {
  function attempt<T>(use: (held: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) => T, otherwise: T): T {
    try {
      return use(storage())
    } catch (error) {
      onTrouble(error) // blocked, full or broken: only this memory is lost
      return otherwise
    }
  }
  function get(thread: ThreadId): RunId | null {
    const stored = attempt((held) => held.getItem(keyOf(thread)), null)
    if (stored === null) return null
    const run = parseRunId(stored)
    if (run === null) attempt((held) => held.removeItem(keyOf(thread)), undefined)
    else if (run !== stored) attempt((held) => held.setItem(keyOf(thread), run), undefined)
    return run
  }
  return {
    get,
    set: (thread, run) => attempt((held) => held.setItem(keyOf(thread), run), undefined),
    forget(thread, run) {
      if (get(thread) === run) attempt((held) => held.removeItem(keyOf(thread)), undefined)
    },
  }
}
