/**
 * Carries one run's events to the journal, in order, one append at a time: whatever has gathered when the previous commit
 * returns is the next batch. Retries until durable, so that nothing shown is unjournaled and nothing journaled is forgotten.
 */
import type { RunId } from '../../shared/ids.ts'
import type { Counters, Outcome, Run, RunError, RunEvent } from '../../shared/protocol.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { FencedError } from '../storage/storage.ts'
import type { Storage } from '../storage/storage.ts'
import { untilStored } from './until-stored.ts'

/** Characters of text not yet committed above which the agent is not read further. */
const FULL = 1_000_000

export interface JournalWriter {
  append(batch: Batch): void
  /** The last batch. Resolves with what the run has become; null if fenced. */
  end(batch: Batch, end: { readonly outcome: Outcome; readonly error?: RunError | undefined }): Promise<Run | null>
  /** Resolves at once while there is room, else when there is again: the agent is paused by not reading it. */
  room(): Promise<void>
}

export interface Batch {
  readonly events: readonly RunEvent[]
  readonly counters: Counters
  readonly waiting: boolean
}

interface JournalWriterOptions {
  readonly storage: Storage
  readonly run: RunId
  readonly epoch: number
  readonly clock: Clock
  readonly log: Log
  /** Events are durable, in order. */
  readonly onCommitted: (events: readonly RunEvent[]) => void
  /** Another epoch holds the run. */
  readonly onFenced: () => void
}

export function createJournalWriter({ storage, run, epoch, clock, log, onCommitted, onFenced }: JournalWriterOptions): JournalWriter {
  let gathered: Batch | null = null
  let ending: { readonly outcome: Outcome; readonly error?: RunError | undefined; readonly done: (run: Run | null) => void } | null = null
  let writing = false
  let fenced = false
  let backlog = 0
  let roomWaiters: (() => void)[] = []

  const gather = (batch: Batch) => {
    gathered = gathered === null ? batch : { ...batch, events: [...gathered.events, ...batch.events] }
    backlog += sizeOf(batch.events)
    if (!writing) void pump()
  }

  const pump = async () => {
    writing = true
    while (!fenced && gathered !== null) {
      const batch: Batch = gathered
      const finish = ending
      gathered = null
      try {
        // The same batch again is safe: storage passes over what is there.
        const ended = await untilStored(
          clock,
          () => (finish === null ? storage.append({ run, epoch, ...batch }).then(() => null) : storage.end({ run, epoch, ...batch, outcome: finish.outcome, error: finish.error })),
          (error, retryInMs) => log.error({ run, epoch, err: error, events: batch.events.length, backlog, retryInMs }, 'the store did not take events; they wait'),
        )
        if (ended === null || ended.first) onCommitted(batch.events)
        finish?.done(ended?.run ?? null)
      } catch (error) {
        if (!(error instanceof FencedError)) throw error
        fenced = true
        log.warn({ run, epoch, events: batch.events.length }, 'append refused: another owner holds the run, or it has ended')
        onFenced()
        ending?.done(null)
      }
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
    room: () => (backlog < FULL || fenced ? Promise.resolve() : new Promise((resolve) => roomWaiters.push(resolve))),
  }
}

/** Roughly what a batch holds in memory, in characters. */
function sizeOf(events: readonly RunEvent[]): number {
  return events.reduce((sum, event) => sum + (event.type === 'part.delta' ? event.text.length : 200), 0)
}
