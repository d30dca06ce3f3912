/**
 * The event streams of runs: snapshot or tail out of the journal, then every commit as it happens. A frame is encoded once for all
 * who read the run. Reading never owns: any number of readers coming and going changes nothing about a run.
 */
import type { RunId } from '../../shared/ids.ts'
import { encodeEventData, encodeFrame, formatCursor } from '../../shared/protocol.ts'
import type { Cursor, HeldReason, Run, RunEvent, Transcript } from '../../shared/protocol.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'
import { charactersOf, foldRun } from '../storage/fold-run.ts'
import { createSink } from './sink.ts'
import type { Sink } from './sink.ts'

export const HEARTBEAT_MS = 10_000
const SLOW_READER_MS = 30_000
const PAGE = 500
/** Further behind than this, a snapshot is smaller than the tail. */
const LONGEST_TAIL = 2_000
/** Characters above which a snapshot takes in no more: a reader may never read it. What follows comes out of the journal, page by page. */
const LARGE_SNAPSHOT = 4_000_000
/** So much at once cannot take a reader far beyond what may lie unsent for it. */
const LARGEST_WRITE_BYTES = 64 * 1024

export interface RunStreams {
  /**
   * Opens the stream of a run behind `after` (null: from a snapshot). `ended`: the cursor is at the run's `stream_end`, nothing
   * will follow.
   */
  open(run: Run, after: Cursor | null): Promise<{ readonly kind: 'stream'; readonly body: ReadableStream<Uint8Array> } | { readonly kind: 'ended' }>
  /** Says to all who read a run why they get nothing new, if they have not heard it. */
  tellHeld(run: RunId): void
  /** Tells every reader when to come back, then closes. */
  bye(retryMs: number): void
  /** Open streams. */
  readers(): number
}

export interface RunStreamsOptions {
  readonly storage: Pick<Storage, 'incarnation' | 'read' | 'folded' | 'getRun' | 'follow'>
  /** The committed fold of a run that is driven here; null for any other, which is folded from the journal. */
  readonly liveTranscript: (run: RunId) => Transcript | null
  /** Why the store takes nothing of a run just now; null: it does. */
  readonly held: (run: RunId) => HeldReason | null
  readonly clock: Clock
  readonly log: Log
}

interface Reader {
  readonly run: RunId
  readonly sink: Sink
  /** The seq that is due. */
  next: number
  /** The newest seq that was committed while this reader listened. */
  tail: number
  /** Reads from the journal; else takes commits as they come. */
  catchingUp: boolean
  blockedSinceAt: number | null
  /** What it was told since the last event. */
  held: HeldReason | null
}

interface Snapshot {
  readonly seq: number
  readonly bytes: Uint8Array
}

interface Frame extends Snapshot {
  readonly last: boolean
}

/** What one commit brought: frame by frame, and as one piece for those who need all of it; null where it is too large to be put in at once. */
interface Batch {
  readonly frames: readonly Frame[]
  readonly whole: Frame | null
}

export function createRunStreams({ storage, liveTranscript, held, clock, log }: RunStreamsOptions): RunStreams {
  const readersOf = new Map<RunId, Set<Reader>>()
  /** The newest snapshot of a run that is being read: many join at once after a restart. */
  const snapshots = new Map<RunId, Snapshot>()
  let count = 0
  let stopBeating: (() => void) | null = null

  storage.follow((change) => {
    const readers = change.kind === 'events' ? readersOf.get(change.run) : undefined
    if (change.kind !== 'events' || readers === undefined) return
    const batch = toBatch(change.events.map((event) => encode(event)))
    for (const reader of [...readers]) deliver(reader, batch)
  })

  const encode = (event: RunEvent): Frame => ({
    seq: event.seq,
    bytes: toBytes(encodeFrame(event.type, encodeEventData(event), formatCursor({ incarnation: storage.incarnation, seq: event.seq }))),
    last: event.type === 'stream_end',
  })

  const deliver = (reader: Reader, { frames, whole }: Batch) => {
    reader.tail = Math.max(reader.tail, frames.at(-1)?.seq ?? 0)
    if (reader.catchingUp) return
    // Nearly always: all of it is new to the reader, and goes out as one write.
    if (whole !== null && frames[0]?.seq === reader.next && !reader.sink.full()) return send(reader, whole)
    for (const frame of frames) {
      if (frame.seq < reader.next) continue
      if (frame.seq > reader.next || reader.sink.full()) return void catchUp(reader)
      send(reader, frame)
    }
  }

  const send = (reader: Reader, frame: Frame) => {
    reader.sink.write(frame.bytes)
    reader.next = frame.seq + 1
    reader.held = null
    if (frame.last) reader.sink.end()
  }

  /** Only of what it has all of: for the others text is on its way. */
  const sayHeld = (reader: Reader) => {
    const reason = held(reader.run)
    if (reason === null || reason === reader.held || reader.catchingUp || reader.sink.full()) return
    reader.held = reason
    reader.sink.write(toBytes(encodeFrame('held', JSON.stringify({ reason }))))
  }

  /** Drains the journal into one reader until there is nothing behind the newest commit it was told of. */
  const catchUp = async (reader: Reader): Promise<void> => {
    reader.catchingUp = true
    try {
      while (!reader.sink.closed()) {
        if (reader.sink.full()) {
          reader.blockedSinceAt ??= clock.now()
          await reader.sink.drained()
          reader.blockedSinceAt = null
          continue
        }
        const events = await storage.read(reader.run, reader.next - 1, PAGE)
        if (events.length === 0 && reader.tail < reader.next) break
        for (const event of events) {
          if (reader.sink.full() || reader.sink.closed()) break
          if (event.seq === reader.next) send(reader, encode(event))
        }
        await new Promise((resolve) => setImmediate(resolve)) // others are served between pages
      }
    } catch (error) {
      log.error({ run: reader.run, err: error }, 'the journal could not be read for a stream; the browser will come back')
      reader.sink.cut('The journal could not be read')
    }
    reader.catchingUp = false
    sayHeld(reader)
  }

  const snapshotOf = async (run: Run): Promise<Snapshot | null> => {
    const live = liveTranscript(run.id)
    // `stream_end` is always sent as an event of its own, so that an end reaches the browser one way only.
    const atHand = live !== null && live.outcome === undefined && charactersOf(live) < LARGE_SNAPSHOT
    const folded = atHand ? live : await foldRun(storage, run.id, { untilEnd: true, mostCharacters: LARGE_SNAPSHOT })
    if (folded === null) return null
    const known = snapshots.get(run.id)
    if (known?.seq === folded.lastSeq) return known
    const cursor = formatCursor({ incarnation: storage.incarnation, seq: folded.lastSeq })
    const made = { seq: folded.lastSeq, bytes: toBytes(encodeFrame('snapshot', JSON.stringify({ cursor, transcript: folded, status: run.status }))) }
    if (readersOf.has(run.id)) snapshots.set(run.id, made)
    return made
  }

  const register = (run: RunId): Reader => {
    const sink = createSink(() => forget(reader))
    const reader: Reader = { run, sink, next: Number.POSITIVE_INFINITY, tail: 0, catchingUp: true, blockedSinceAt: null, held: null }
    const readers = readersOf.get(run) ?? new Set()
    readersOf.set(run, readers.add(reader))
    count += 1
    stopBeating ??= clock.after(HEARTBEAT_MS, beat)
    return reader
  }

  const forget = (reader: Reader) => {
    const readers = readersOf.get(reader.run)
    readers?.delete(reader)
    count -= 1
    if (readers?.size === 0) {
      readersOf.delete(reader.run)
      snapshots.delete(reader.run)
    }
    if (count === 0) {
      stopBeating?.()
      stopBeating = null
    }
  }

  const beat = () => {
    stopBeating = clock.after(HEARTBEAT_MS, beat)
    for (const readers of [...readersOf.values()]) {
      for (const reader of [...readers]) {
        if (reader.blockedSinceAt !== null && clock.now() - reader.blockedSinceAt >= SLOW_READER_MS) {
          log.info({ run: reader.run }, 'dropped a reader that does not read')
          reader.sink.cut('Reading too slowly; join again at your cursor')
        } else if (Number.isFinite(reader.next) && !reader.sink.full()) {
          reader.sink.write(toBytes(encodeFrame('hb', JSON.stringify({ tail: Math.max(reader.tail, reader.next - 1) }))))
          sayHeld(reader)
        }
      }
    }
  }

  const open: RunStreams['open'] = async (run, after) => {
    const reader = register(run.id) // before the backlog is read: nothing that commits meanwhile is missed
    try {
      // Read after registering, so that an end in between is either in this row or in a commit we are told of.
      const row = (await storage.getRun(run.id)) ?? run
      const here = after !== null && after.incarnation === storage.incarnation && after.seq <= row.lastSeq ? after : null
      if (here !== null && row.outcome !== undefined && here.seq === row.lastSeq) {
        reader.sink.end()
        return { kind: 'ended' }
      }
      reader.sink.write(HELLO)
      const folded = here !== null && row.settled && here.seq < row.lastSeq - 1 && (await storage.folded(run.id)) !== null
      if (here !== null && !folded && row.lastSeq - here.seq <= LONGEST_TAIL) {
        reader.next = here.seq + 1
        reader.tail = Math.max(reader.tail, row.lastSeq)
      } else {
        if (after !== null && here === null) reader.sink.write(toBytes(encodeFrame('reset', JSON.stringify({ reason: resetReason(after, storage.incarnation) }))))
        const snapshot = await snapshotOf(row)
        if (snapshot === null) throw new Error(`Run ${run.id} has no journal`)
        reader.sink.write(snapshot.bytes)
        reader.next = snapshot.seq + 1
        reader.tail = Math.max(reader.tail, row.lastSeq)
      }
      void catchUp(reader)
      return { kind: 'stream', body: reader.sink.body }
    } catch (error) {
      reader.sink.cut('The stream could not be opened')
      throw error
    }
  }

  return {
    open,
    readers: () => count,
    tellHeld(run) {
      for (const reader of [...(readersOf.get(run) ?? [])]) sayHeld(reader)
    },
    bye(retryMs) {
      const bytes = toBytes(encodeFrame('bye', JSON.stringify({ retryMs })))
      for (const readers of [...readersOf.values()]) {
        for (const reader of [...readers]) {
          reader.sink.write(bytes)
          reader.sink.end()
        }
      }
    },
  }
}

/** First bytes at once, so that no proxy or browser waits for more; a comment to every SSE reader. */
const HELLO = toBytes(':ok\n\n')

function toBatch(frames: readonly Frame[]): Batch {
  const newest = frames.at(-1)
  if (newest === undefined || frames.length === 1) return { frames, whole: newest ?? null }
  const size = frames.reduce((sum, frame) => sum + frame.bytes.length, 0)
  return { frames, whole: size > LARGEST_WRITE_BYTES ? null : { ...newest, bytes: Buffer.concat(frames.map((frame) => frame.bytes), size) } }
}

function toBytes(text: string): Uint8Array {
  return Buffer.from(text)
}

function resetReason(after: Cursor, incarnation: string): string {
  return after.incarnation === incarnation ? 'The cursor is ahead of the journal' : 'The journal was renewed'
}
