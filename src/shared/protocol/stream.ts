/** The frames of a run's stream, and the cursors that name a place in it. */
import * as v from 'valibot'
import type { Incarnation } from '../ids.ts'
import { runStatusSchema, transcriptSchema } from './content.ts'
import type { RunStatus, Transcript } from './content.ts'
import { decodeEventData } from './events.ts'
import type { RunEvent } from './events.ts'
import { ProtocolError, parseJson, read } from './read.ts'
import { count, text } from './values.ts'

/** A place in one run's journal. */
export interface Cursor {
  readonly incarnation: Incarnation
  readonly seq: number
}

export function formatCursor(cursor: Cursor): string {
  return `${cursor.incarnation}.${cursor.seq}`
}

/** Reads `<incarnation>.<seq>`; null for anything else, a seq beyond 2^53 included. */
export function parseCursor(value: string): Cursor | null {
  const match = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,15})$/.exec(value)
  if (match === null) return null
  const seq = Number(match[2])
  return Number.isSafeInteger(seq) ? { incarnation: match[1] as Incarnation, seq } : null
}

/** The fold of a run so far, from one read; the tail follows from `cursor`. */
export const snapshotSchema = v.object({ cursor: text, transcript: transcriptSchema, status: runStatusSchema })
/** Sent every 10 s. `tail` is the newest seq in the journal. */
export const heartbeatSchema = v.object({ tail: count })
/** The cursor that was given means nothing here; a snapshot follows. */
export const resetSchema = v.object({ reason: text })
/** Why a server's store takes nothing of a run just now. A reason that this build does not know is `store`. */
const heldReasonSchema = v.fallback(v.picklist(['disk-full', 'store']), 'store')
export type HeldReason = v.InferOutput<typeof heldReasonSchema>
/** There is more of the run than the store takes just now. Holds until the next event. */
export const heldSchema = v.object({ reason: heldReasonSchema })
/** Before a planned shutdown: come back after `retryMs`. */
export const byeSchema = v.object({ retryMs: count })

/** What a browser reads from `/api/runs/:r/stream`. `skipped` is a durable event of a kind that this build does not know. */
export type StreamFrame =
  | { readonly type: 'event'; readonly cursor: Cursor; readonly event: RunEvent }
  | { readonly type: 'skipped'; readonly cursor: Cursor }
  | { readonly type: 'snapshot'; readonly cursor: Cursor; readonly transcript: Transcript; readonly status: RunStatus }
  | { readonly type: 'hb'; readonly tail: number }
  | { readonly type: 'held'; readonly reason: HeldReason }
  | { readonly type: 'reset'; readonly reason: string }
  | { readonly type: 'bye'; readonly retryMs: number }

/**
 * Reads one SSE message (`event`, `id`, `data`) of a run's stream. A message with an id is a durable event; one without
 * is a frame about the connection. Null: a frame kind without a seq that this build does not know.
 * Throws ProtocolError on anything malformed.
 */
export function decodeFrame(message: { readonly event: string; readonly id: string; readonly data: string }): StreamFrame | null {
  const { event: type, id: cursorText, data } = message
  switch (type) {
    case 'snapshot': {
      const { cursor, transcript, status } = read(snapshotSchema, parseJson(data))
      return { type, cursor: readCursor(cursor), transcript, status }
    }
    case 'hb':
      return { type, tail: read(heartbeatSchema, parseJson(data)).tail }
    case 'held':
      return { type, reason: read(heldSchema, parseJson(data)).reason }
    case 'reset':
      return { type, reason: read(resetSchema, parseJson(data)).reason }
    case 'bye':
      return { type, retryMs: read(byeSchema, parseJson(data)).retryMs }
    default: {
      if (cursorText === '') return null
      const cursor = readCursor(cursorText)
      const event = decodeEventData(type, cursor.seq, data)
      return event === null ? { type: 'skipped', cursor } : { type: 'event', cursor, event }
    }
  }
}

function readCursor(value: string): Cursor {
  const cursor = parseCursor(value)
  if (cursor === null) throw new ProtocolError(`"${value.slice(0, 80)}" is not a cursor`)
  return cursor
}

/**
 * One SSE frame as text. Fields are written without the optional space, lines end in LF.
 * Throws ProtocolError if `type` or `id` holds CR, LF or NUL: such a field would forge a frame.
 */
export function encodeFrame(type: string, data: string, frameId?: string): string {
  if (/[\r\n\0]/.test(type) || /[\r\n]/.test(data) || (frameId !== undefined && /[\r\n\0]/.test(frameId))) {
    throw new ProtocolError('an SSE field must not hold CR, LF or NUL')
  }
  return frameId === undefined ? `event:${type}\ndata:${data}\n\n` : `event:${type}\nid:${frameId}\ndata:${data}\n\n`
}
