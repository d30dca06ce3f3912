/** `/api/feed`: what changes among threads and runs, one stream per browser, beginning with a snapshot of what is active. */
import { encodeFrame } from '../../shared/protocol.ts'
import type { FeedEvent } from '../../shared/protocol.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Change, Storage } from '../storage/storage.ts'
import { HEARTBEAT_MS } from './run-streams.ts'
import { createSink } from './sink.ts'
import type { Sink } from './sink.ts'

export interface Feed {
  open(): Promise<ReadableStream<Uint8Array>>
  /** Stands for this moment: another one once any thread or run has changed, or the server has begun anew. Taken before something is read, it says how old that is. */
  asOf(): string
  bye(retryMs: number): void
  readers(): number
}

/** Changes kept for a reader that has not read its snapshot. */
const LONGEST_WAIT = 10_000

interface Reader {
  readonly sink: Sink
  /** What changed while the snapshot was being read; null once it has been sent. */
  waiting: Uint8Array[] | null
}

export interface FeedDeps {
  readonly storage: Pick<Storage, 'activeThreads' | 'follow'>
  readonly agents: { follow(listener: () => void): () => void }
  readonly clock: Clock
  readonly log: Log
  /** Of this start of the server: no other bears it. */
  readonly epoch: string
}

export function createFeed({ storage, agents, clock, log, epoch }: FeedDeps): Feed {
  const readers = new Set<Reader>()
  let stopBeating: (() => void) | null = null
  let changes = 0

  storage.follow((change) => {
    const event = eventOf(change)
    if (event === null) return
    changes++
    tell(event)
  })
  agents.follow(() => tell({ type: 'agents.changed' }))

  function tell(event: FeedEvent): void {
    if (readers.size === 0) return
    const bytes = encode(event)
    for (const reader of [...readers]) {
      if (reader.waiting !== null && reader.waiting.length < LONGEST_WAIT) reader.waiting.push(bytes)
      else if (reader.waiting !== null) reader.sink.cut('Reading too slowly')
      // A feed has no cursor to resume at: a reader that does not read is cut and gets a fresh snapshot when it comes back.
      else if (!reader.sink.write(bytes)) reader.sink.cut('Reading too slowly')
    }
  }

  const beat = () => {
    stopBeating = clock.after(HEARTBEAT_MS, beat)
    const bytes = Buffer.from(encodeFrame('hb', '{}'))
    for (const reader of [...readers]) reader.sink.write(bytes)
  }

  const asOf = () => `${epoch}.${changes}`

  return {
    readers: () => readers.size,
    asOf,
    async open() {
      const sink = createSink(() => {
        readers.delete(reader)
        if (readers.size === 0) {
          stopBeating?.()
          stopBeating = null
        }
      })
      const reader: Reader = { sink, waiting: [] }
      readers.add(reader)
      // From here on this reader is told of every change, so that it misses none that the snapshot does not count.
      const since = asOf()
      stopBeating ??= clock.after(HEARTBEAT_MS, beat)
      try {
        sink.write(encode({ type: 'snapshot', threads: [...await storage.activeThreads()], asOf: since }))
      } catch (error) {
        log.error({ err: error }, 'the feed could not be opened')
        sink.cut('The feed could not be opened')
        throw error
      }
      // A long snapshot fills the sink by itself. What changes meanwhile waits until it has been read.
      void sink.drained().then(() => {
        for (const bytes of reader.waiting ?? []) sink.write(bytes)
        reader.waiting = null
      })
      return sink.body
    },
    bye(retryMs) {
      const bytes = Buffer.from(encodeFrame('bye', JSON.stringify({ retryMs })))
      for (const reader of [...readers]) {
        reader.sink.write(bytes)
        reader.sink.end()
      }
    },
  }
}

function encode(event: FeedEvent): Uint8Array {
  const { type, ...data } = event
  return Buffer.from(encodeFrame(type, JSON.stringify(data)))
}

function eventOf(change: Change): FeedEvent | null {
  switch (change.kind) {
    case 'thread':
      return { type: 'thread.changed', thread: change.thread }
    case 'thread-removed':
      return { type: 'thread.removed', thread: change.thread }
    case 'run':
      return { type: 'run.changed', run: change.run }
    case 'events':
    case 'stop':
    case 'answer':
    case 'steer':
      return null
    default:
      return change satisfies never
  }
}
