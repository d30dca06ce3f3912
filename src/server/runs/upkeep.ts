/** What a server does once in a while: old journals become one row each, and what was deleted long ago is removed for good. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'

const HOUR_MS = 3_600_000
const FOLD_AFTER_MS = 24 * HOUR_MS
const PURGE_AFTER_MS = 30 * 24 * HOUR_MS
/** Journals a transaction folds: few, because every other write waits for it. */
const FOLDED_AT_ONCE = 5

/** Begins, and repeats every hour. A failure is logged and tried again an hour later. Answers how to stop. */
export function startUpkeep({ storage, clock, log }: { readonly storage: Pick<Storage, 'foldJournals' | 'purgeThreads'>; readonly clock: Clock; readonly log: Log }): () => void {
  let stopped = false
  let cancel = () => {}

  const tidy = async () => {
    let folded = 0
    for (let count = FOLDED_AT_ONCE; count === FOLDED_AT_ONCE && !stopped; folded += count) {
      count = await storage.foldJournals({ olderThanMs: FOLD_AFTER_MS, limit: FOLDED_AT_ONCE })
    }
    const purged = await storage.purgeThreads(PURGE_AFTER_MS)
    if (folded > 0 || purged > 0) log.info({ folded, purged }, 'tidied up')
  }
  const go = () => {
    void tidy().catch((error: unknown) => log.error({ err: error }, 'tidying up failed; it is tried again in an hour'))
    cancel = clock.after(HOUR_MS, go)
  }
  go()
  return () => {
    stopped = true
    cancel()
  }
}
