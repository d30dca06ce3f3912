/** What a server does once in a while: old journals become one row each, what an older version indexed is indexed anew, what was deleted long ago is removed for good, and so are files that nothing names. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Files } from '../files/files.ts'
import type { Storage } from '../storage/storage.ts'

const HOUR_MS = 3_600_000
const FOLD_AFTER_MS = 24 * HOUR_MS
const PURGE_AFTER_MS = 30 * 24 * HOUR_MS
/** A file that was attached and not sent by then is not waited for; a page that still wants it sends it again. */
const SWEEP_AFTER_MS = 24 * HOUR_MS
/** Journals a transaction folds: few, because every other write waits for it. */
const FOLDED_AT_ONCE = 5
/** Answers a transaction indexes anew. */
const REFRESHED_AT_ONCE = 20

export interface UpkeepDeps {
  readonly storage: Pick<Storage, 'foldJournals' | 'refreshSearch' | 'purgeThreads'>
  readonly files: Pick<Files, 'sweep'>
  readonly clock: Clock
  readonly log: Log
}

/** Begins, and repeats every hour. A failure is logged and tried again an hour later. Answers how to stop. */
export function startUpkeep({ storage, files, clock, log }: UpkeepDeps): () => void {
  let stopped = false
  let cancel = () => {}

  const tidy = async () => {
    let folded = 0
    for (let count = FOLDED_AT_ONCE; count === FOLDED_AT_ONCE && !stopped; folded += count) {
      count = await storage.foldJournals({ olderThanMs: FOLD_AFTER_MS, limit: FOLDED_AT_ONCE })
    }
    let refreshed = 0
    for (let count = 1; count > 0 && !stopped; refreshed += count) count = await storage.refreshSearch({ limit: REFRESHED_AT_ONCE })
    const purged = await storage.purgeThreads(PURGE_AFTER_MS)
    const swept = await files.sweep(SWEEP_AFTER_MS)
    if (folded > 0 || refreshed > 0 || purged > 0 || swept > 0) log.info({ folded, refreshed, purged, swept }, 'tidied up')
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
