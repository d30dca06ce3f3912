/**
 * A start whose write reports failure may have landed all the same. Then its run is this server's, nobody else will drive it, and left alone it would hold its
 * thread until its lease runs out and end as interrupted. So the row is read back, and only what is known not to be there counts as failed.
 */
import type { RunId } from '../../shared/ids.ts'
import { StorageError } from '../storage/storage.ts'
import type { StartResult, Storage } from '../storage/storage.ts'

export type Started = Extract<StartResult, { kind: 'started' }>

export interface LandedStarts {
  /**
   * The answer of `write`, which starts this run. Where it fails and the run is there: `started`. Where the store does not answer that either, it rejects as
   * `write` did, and the run is driven later if it is found to have landed.
   */
  attempt<T>(run: RunId, write: () => Promise<T>): Promise<T | Started>
  /** Of these it is not known yet: they are not to be taken for left behind. */
  unsure(): readonly RunId[]
}

export interface LandedStartsOptions {
  readonly storage: Pick<Storage, 'heldAt' | 'getRun' | 'read'>
  readonly owner: string
  readonly isDriven: (run: RunId) => boolean
  /** Begins to drive it, before the first await. */
  readonly launch: (started: Started) => Promise<void>
  /** Repeats a read until the store answers. */
  readonly mustRead: <T>(run: RunId, read: () => Promise<T>) => Promise<T>
  /** Told of what goes on in the background, for a drain to wait for. */
  readonly track: (run: RunId, task: Promise<void>) => void
}

export function createLandedStarts({ storage, owner, isDriven, launch, mustRead, track }: LandedStartsOptions): LandedStarts {
  const unsure = new Set<RunId>()

  const find = async (run: RunId): Promise<Started | null> => {
    const epoch = await storage.heldAt({ run, owner })
    if (epoch === null) return null
    const [row, [event]] = await Promise.all([storage.getRun(run), storage.read(run, 0, 1)])
    return row === null || event === undefined ? null : { kind: 'started', run: row, epoch, event }
  }

  const findLater = async (run: RunId): Promise<void> => {
    try {
      const landed = await mustRead(run, () => find(run))
      if (landed !== null) await launch(landed)
    } finally {
      unsure.delete(run)
    }
  }

  return {
    unsure: () => [...unsure],
    async attempt(run, write) {
      try {
        return await write()
      } catch (error) {
        // The same Retry may come twice: whoever drives its run, or looks for it, goes on with that.
        if (!mayHaveLanded(error) || isDriven(run) || unsure.has(run)) throw error
        unsure.add(run)
        let landed: Started | null
        try {
          landed = await find(run)
        } catch {
          track(run, findLater(run)) // which reports why the store cannot be read
          throw error
        }
        unsure.delete(run)
        if (landed === null) throw error
        return landed
      }
    },
  }
}

function mayHaveLanded(error: unknown): boolean {
  return error instanceof StorageError && error.retryable
}
