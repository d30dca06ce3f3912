/**
 * Carries one run's events to the journal, in order, one append at a time: whatever has gathered when the previous commit
 * returns is the next batch, up to a limit, so that no commit is long in anybody's way. Retries until durable, so that nothing
 * shown is unjournaled and nothing journaled is forgotten; only what the store refuses for good is let go.
 */
import type { RunId } from '../../shared/ids.ts'
import type { Counters, HeldReason, Outcome, Run, RunError, RunEvent, Transcript } from '../../shared/protocol.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { FencedError } from '../storage/storage.ts'
import type { Storage } from '../storage/storage.ts'
import { untilStored } from './until-stored.ts'

/** Roughly the characters not yet committed above which the agent is not read further. */
const FULL = 1_000_000
/** A store that has not answered for so long is as good as one that refuses. */
const SLOW_MS = 2_000
/** Events above which a batch takes no more: all of it is encoded and delivered in one turn of the event loop. */
const LARGEST_BATCH = 256

export interface JournalWriter {
  append(batch: Batch): void
  /** The last batch. Resolves with what the run has become; null if it was not taken. */
  end(batch: Batch, end: { readonly outcome: Outcome; readonly error?: RunError | undefined }): Promise<Run | null>
  /** Resolves at once while there is room, else when there is again: the agent is paused by not reading it. */
  room(): Promise<void>
  /** Why the store has not taken what was handed to it; null: it has, or has had no time yet. */
  held(): HeldReason | null
}

export interface Batch {
  readonly events: readonly RunEvent[]
  /** What the journal folds to behind these events. */
  readonly folded: Transcript
  /** Left out: as they were. */
  readonly counters?: Counters
  readonly waiting: boolean
}

/** A batch that still grows. */
interface Gathered extends Batch {
  readonly events: RunEvent[]
}

interface JournalWriterOptions {
  readonly storage: Pick<Storage, 'append' | 'end'>
  readonly run: RunId
  readonly epoch: number
  readonly clock: Clock
  readonly log: Log
  /** The journal durably folds to this now. */
  readonly onCommitted: (folded: Transcript) => void
  /** The store did not take something, which waits: `held` says why. */
  readonly onHeld: () => void
  /** Another epoch holds the run, or the store takes nothing more of it. */
  readonly onFenced: () => void
}

export function createJournalWriter({ storage, run, epoch, clock, log, onCommitted, onHeld, onFenced }: JournalWriterOptions): JournalWriter {
  /** What is not yet handed to the store, oldest first. */
  const gathered: Gathered[] = []
  let ending: { readonly outcome: Outcome; readonly error?: RunError | undefined; readonly done: (run: Run | null) => void } | null = null
  let writing = false
  let fenced = false
  let backlog = 0
  /** Of the batch that the store has now. */
  let handedOver: { readonly sinceAt: number; refused: HeldReason | null } | null = null
  let roomWaiters: (() => void)[] = []

  const gather = (batch: Batch) => {
    const newest = gathered.at(-1)
    if (newest === undefined || newest.events.length >= LARGEST_BATCH) {
      gathered.push({ ...batch, events: [...batch.events] })
    } else {
      for (const event of batch.events) newest.events.push(event)
      gathered[gathered.length - 1] = { ...newest, ...batch, events: newest.events }
    }
    backlog += sizeOf(batch.events)
    if (!writing) void pump()
  }

  const pump = async () => {
    writing = true
    for (let next = gathered.shift(); next !== undefined && !fenced; next = gathered.shift()) {
      const { folded, ...batch } = next
      const finish = gathered.length === 0 ? ending : null
      const attempt: NonNullable<typeof handedOver> = { sinceAt: clock.now(), refused: null }
      handedOver = attempt
      try {
        // The same batch again is safe: storage passes over what is there.
        const ended = await untilStored(
          clock,
          () => (finish === null ? storage.append({ run, epoch, ...batch }).then(() => null) : storage.end({ run, epoch, ...batch, outcome: finish.outcome, error: finish.error })),
          (error, retryInMs) => {
            log.error({ run, epoch, err: error, events: batch.events.length, backlog, retryInMs }, 'the store did not take events; they wait')
            attempt.refused = error.full ? 'disk-full' : 'store'
            onHeld()
          },
        )
        if (ended === null || ended.first) onCommitted(folded)
        finish?.done(ended?.run ?? null)
      } catch (error) {
        fenced = true
        if (error instanceof FencedError) log.warn({ run, epoch, events: batch.events.length }, 'append refused: another owner holds the run, or it has ended')
        // Trying again would not help. Let go, its lease runs out, and whoever takes it over closes it with what the journal holds.
        else log.error({ run, epoch, err: error, events: batch.events.length }, 'the store refused events for good; the run is given up')
        onFenced()
        ending?.done(null)
      }
      handedOver = null
      backlog -= sizeOf(batch.events)
      makeRoom()
    }
    writing = false
  }

  const makeRoom = () => {
    if (backlog >= FULL && !fenced) return
    const waiters = roomWaiters
    roomWaiters = []
    for (const go of waiters) go()
  }

  return {
    append: gather,
    end: (batch, { outcome, error }) =>
      new Promise((resolve) => {
        if (fenced) return resolve(null)
        ending = { outcome, error, done: resolve }
        gather(batch)
      }),
    held: () => (handedOver === null ? null : (handedOver.refused ?? (clock.now() - handedOver.sinceAt >= SLOW_MS ? 'store' : null))),
    room: () => (backlog < FULL || fenced ? Promise.resolve() : new Promise((resolve) => roomWaiters.push(resolve))),
  }
}

/** Roughly what a batch holds in memory, in characters. */
function sizeOf(events: readonly RunEvent[]): number {
  return events.reduce((sum, event) => sum + 100 + (event.type === 'part.delta' ? event.text.length : 100), 0)
}
