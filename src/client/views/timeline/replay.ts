/** A finished run's journal, to be looked at from any moment of it. Pure; drawn by the one fold. */
import { decodeEventData } from '../../../shared/protocol.ts'
import type { EventPage, RunEvent, Transcript } from '../../../shared/protocol.ts'
import { foldEvents } from '../../../shared/transcript.ts'

export interface Replay {
  /** How many events there are: moments are 0 to this. */
  readonly length: number
  /** Server ms of the first and the last event. */
  readonly from: number
  readonly to: number
  /** The run after its first `count` events. Null: before the first. */
  at(count: number): Transcript | null
  /** Server ms at which that moment was reached. */
  timeOf(count: number): number
  /** How many events had happened by then. */
  countAt(time: number): number
}

/** So many events at most are folded for a moment. */
const EVERY = 500

/** Null: these events are no whole journal (a day after its end only a run's outcome is kept of it). */
export function createReplay(journal: EventPage['events']): Replay | null {
  if (journal[0]?.type !== 'run.started') return null
  const events = readEvents(journal)
  const times: number[] = []
  for (const event of events) times.push(Math.max(event.at, times.at(-1) ?? event.at))
  // Where the fold begins anew. Transcripts share what they have in common, so these cost little.
  const checkpoints: (Transcript | null)[] = [null]
  for (let start = 0; start + EVERY <= events.length; start += EVERY) checkpoints.push(foldEvents(events.slice(start, start + EVERY), checkpoints.at(-1) ?? null))
  const from = times[0] ?? 0
  return {
    length: events.length,
    from,
    to: times.at(-1) ?? from,
    at(count) {
      const upTo = Math.min(Math.max(0, Math.floor(count)), events.length)
      const base = Math.floor(upTo / EVERY)
      return foldEvents(events.slice(base * EVERY, upTo), checkpoints[base] ?? null)
    },
    timeOf: (count) => times[Math.min(Math.max(1, count), times.length) - 1] ?? from,
    countAt(time) {
      let low = 0
      for (let high = times.length; low < high;) {
        const middle = (low + high) >> 1
        if ((times[middle] as number) <= time) low = middle + 1
        else high = middle
      }
      return low
    },
  }
}

/** Kinds that this build does not know are left out, and the rest numbered as if they had never been. */
function readEvents(journal: EventPage['events']): RunEvent[] {
  const known = journal.flatMap(({ type, seq, ...data }) => decodeEventData(type, seq, JSON.stringify(data)) ?? [])
  return known.map((event, index) => ({ ...event, seq: index + 1 }))
}
