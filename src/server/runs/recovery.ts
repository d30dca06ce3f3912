/** What others left: runs whose owner is gone are closed, and runs that ended are saved; at the start, and then again and again. */
import type { RunId } from '../../shared/ids.ts'
import type { Run } from '../../shared/protocol.ts'
import type { Transcript } from '../../shared/transcript.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { foldRun } from '../storage/fold-run.ts'
import { StorageError } from '../storage/storage.ts'
import type { Claimed, Storage } from '../storage/storage.ts'
import type { LiveRun } from './drive.ts'
import { USER } from './request.ts'

export const LEASE_MS = 10_000
const RENEW_MS = 3_000

interface RecoveryDeps {
  readonly storage: Storage
  readonly owner: string
  readonly clock: Clock
  readonly log: Log
  /** Runs that this server drives. */
  readonly live: ReadonlyMap<RunId, LiveRun>
  /** Runs that have ended here and are being settled. */
  readonly settling: ReadonlySet<RunId>
  /** Runs that may have started here: whether they did is not known yet. */
  unsure(): Iterable<RunId>
  /** Asks the store until it answers. */
  mustRead<T>(run: RunId, read: () => Promise<T>): Promise<T>
  /** Without an agent: only to be closed. */
  drive(run: Run, epoch: number, transcript: Transcript, agent: null): { readonly driven: LiveRun; readonly finished: Promise<void> }
  /** Saves a run that has ended. Never rejects. */
  settle(run: Run, folded: Transcript): Promise<void>
  /** Starts what is due in queues. */
  startDue(): Promise<void>
}

export interface Recovery {
  /** Closes what a crash left behind and settles what was not settled; then watches leases for good. */
  recover(): Promise<void>
}

export function createRecovery({ storage, owner, clock, log, live, settling, unsure, mustRead, drive, settle, startDue }: RecoveryDeps): Recovery {
  /** Runs whose journals cannot be read: said once, and left alone. */
  const damaged = new Set<RunId>()

  /** A run whose journal is missing or damaged must not keep the others, or the server, from going on. A store that only does not answer now is asked again with the leases. */
  const foldOrPassOver = async (run: Run): Promise<Transcript | null> => {
    if (damaged.has(run.id)) return null
    const folded = await foldRun(storage, run.id).catch((error: unknown) => {
      if (error instanceof StorageError && error.retryable) {
        log.error({ run: run.id, thread: run.thread, err: error }, 'a journal could not be read; it is tried again in a moment')
        return undefined
      }
      damaged.add(run.id)
      log.error({ run: run.id, thread: run.thread, err: error }, 'a journal cannot be read, so its run is left as it is; restore the database from a backup')
      return undefined
    })
    if (folded === null) {
      damaged.add(run.id)
      log.error({ run: run.id, thread: run.thread }, 'a run without a journal is left as it is')
    }
    return folded ?? null
  }

  /** Closes what others left. Answers with what resolves when that is done: a run that starts meanwhile, as a queue goes on, is not waited for. */
  const takeOver = async (orphans: Claimed['orphans'], reason: string): Promise<readonly Promise<void>[]> => {
    const closed: Promise<void>[] = []
    for (const { run, epoch, stopRequestedBy } of orphans) {
      const transcript = await foldOrPassOver(run)
      // Another server may have closed it since the claim, and settles it.
      if (transcript === null || transcript.outcome !== undefined) continue
      const { driven, finished } = drive(run, epoch, transcript, null)
      closed.push(finished)
      // A recorded Stop outlives the server that took it. One that came since the claim found nobody to tell.
      const stopped = stopRequestedBy ?? ((await mustRead(run.id, () => storage.getRun(run.id)))?.status === 'cancelling' ? USER : null)
      if (stopped !== null) driven.stop(stopped)
      driven.lose(reason)
      log.warn({ run: run.id, thread: run.thread, lastSeq: transcript.lastSeq, stopped: stopped !== null }, 'closed a run that was left behind')
    }
    return closed
  }

  const settleLeft = async (unsettled: readonly Run[]): Promise<void> => {
    for (const run of unsettled) {
      const transcript = settling.has(run.id) || live.has(run.id) ? null : await foldOrPassOver(run)
      if (transcript !== null) await settle(run, transcript)
    }
  }

  const watchLeases = () => {
    clock.after(RENEW_MS, () => {
      void keepLeases().catch((error: unknown) => log.error({ err: error }, 'leases could not be renewed')).finally(watchLeases)
    })
  }

  const keepLeases = async () => {
    const ours = () => [...live.keys(), ...unsure()]
    const runs = ours()
    if (runs.length > 0) for (const lost of await storage.renew({ owner, leaseMs: LEASE_MS, runs })) live.get(lost)?.fence()
    // Our own leases may have run out since then, where the disk or the whole machine slept: who is driven here is not lost.
    const { orphans, unsettled } = await storage.claim({ owner, leaseMs: LEASE_MS, held: ours() })
    // A run that ended just now is being settled by whoever ended it; for longer than a lease, by nobody.
    void settleLeft(unsettled.filter((run) => (run.endedAt ?? 0) <= clock.now() - LEASE_MS))
    void (await takeOver(orphans, OWNER_LOST))
    await startDue()
  }

  return {
    async recover() {
      const { orphans, unsettled } = await storage.claim({ owner, leaseMs: LEASE_MS, all: true })
      const closed = await takeOver(orphans, SERVER_LOST)
      await settleLeft(unsettled)
      // Not for all that is unfinished: a run that a queue has started since may wait for an answer that only an open port can bring.
      await Promise.all(closed)
      await startDue()
      watchLeases()
    },
  }
}

const SERVER_LOST = 'The server stopped before the answer was complete. What you see is all that was received. Retry to ask again.'
const OWNER_LOST = 'The server that ran this answer was lost. What you see is all that was received. Retry to ask again.'
