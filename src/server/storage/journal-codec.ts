/**
 * How an event lies in the journal: a kind number, an instant and a JSON text. The numbers are on people's disks: never reuse or
 * renumber one. A delta, which is nearly every row, is `part,off,text`, a JSON array without its brackets (a fourth item names the field where it
 * is not `text`; part `p7` is just 7), so that the journal stays under twice the text: the hashes in `stream_end` vouch for all of them. Every other
 * payload has its CRC-32 behind it, `{…}#1a2b3c4d`; rows of older builds have none.
 */
import { crc32 } from 'node:zlib'
import { ProtocolError, parseJson } from '../../shared/protocol.ts'
import type { DeltaField, EventType, RunEvent } from '../../shared/protocol.ts'
import { DamageError, StorageError } from './storage.ts'

const kinds = {
  'part.delta': 0,
  'run.started': 1,
  'message.started': 2,
  'part.started': 3,
  'part.ended': 4,
  'approval.requested': 5,
  'approval.answered': 6,
  'run.progress': 7,
  'run.notice': 8,
  'run.cancelling': 9,
  stream_end: 10,
  'run.steered': 11,
} as const satisfies Record<EventType, number>

const typeOfKind = new Map<number, EventType>(Object.entries(kinds).map(([type, kind]) => [kind, type as EventType]))

/** Events that follow each other without holes, as columns: cheap to send to another thread, cheap to bind. */
export interface EventBatch {
  readonly firstSeq: number
  readonly at: readonly number[]
  readonly kind: readonly number[]
  readonly payload: readonly string[]
}

/** Seq of the batch's last event; `firstSeq - 1` for an empty one. */
export function lastSeqOf(batch: EventBatch): number {
  return batch.firstSeq + batch.kind.length - 1
}

/** Throws StorageError if the events do not follow each other. */
export function encodeBatch(events: readonly RunEvent[]): EventBatch {
  const firstSeq = events[0]?.seq ?? 1
  for (const [i, event] of events.entries()) {
    if (event.seq !== firstSeq + i) throw new StorageError(`Event ${event.seq} was given where ${firstSeq + i} is due.`, { retryable: false })
  }
  return { firstSeq, at: events.map((event) => event.at), kind: events.map((event) => kinds[event.type]), payload: events.map(encodePayload) }
}

function encodePayload(event: RunEvent): string {
  if (event.type === 'part.delta') {
    const { field, off, text } = event
    const part = /^p[1-9]\d{0,8}$/.test(event.part) ? Number(event.part.slice(1)) : event.part
    return JSON.stringify(field === 'text' ? [part, off, text] : [part, off, text, field]).slice(1, -1)
  }
  const { type: _type, seq: _seq, at: _at, ...data } = event
  const text = JSON.stringify(data)
  return `${text}#${sumOf(text)}`
}

function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

/**
 * Reads rows back that follow each other from `firstSeq` on. All payloads are parsed as one text: half the cost of one by one, in the read that
 * everybody who joins a long run waits for. Throws StorageError on a row that no build of this program wrote.
 */
export function decodeRows(firstSeq: number, startedAt: number, rows: readonly (readonly [at: number, kind: number, payload: string])[]): RunEvent[] {
  const payloads = parseTogether(rows.map(([, kind, payload]) => jsonOf(kind, payload)))
  return rows.map(([at, kind, payload], i) => toEvent(firstSeq + i, at + startedAt, kind, payloads?.[i] ?? readPayload(jsonOf(kind, payload))))
}

/** Reads one row back. Throws StorageError like `decodeRows`. */
export function decodeEvent(seq: number, at: number, kind: number, payload: string): RunEvent {
  return toEvent(seq, at, kind, readPayload(jsonOf(kind, payload)))
}

function jsonOf(kind: number, payload: string): string {
  if (kind === 0) return `[${payload}]`
  const [, text, sum] = /^(.*)#([0-9a-f]{8})$/s.exec(payload) ?? []
  if (text === undefined) return payload
  if (sumOf(text) !== sum) throw damaged()
  return text
}

function toEvent(seq: number, at: number, kind: number, payload: unknown): RunEvent {
  if (kind === 0) {
    const [part, off, text, field] = payload as [string | number, number, string | undefined, DeltaField?]
    if (typeof text !== 'string') throw damaged()
    return { type: 'part.delta', seq, at, part: typeof part === 'number' ? `p${part}` : part, field: field ?? 'text', off, text } as RunEvent
  }
  const type = typeOfKind.get(kind)
  if (type === undefined) {
    throw new StorageError(`The journal holds an event of kind ${kind}, which this version does not know. Start the version that wrote it.`, { retryable: false })
  }
  return { type, seq, at, ...(payload as object) } as RunEvent
}

/** Null where one of them is damaged, for `readPayload` to say so. */
function parseTogether(payloads: readonly string[]): unknown[] | null {
  try {
    const parsed = JSON.parse(`[${payloads.join(',')}]`) as unknown[]
    return parsed.length === payloads.length ? parsed : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function readPayload(payload: string): unknown {
  try {
    return parseJson(payload)
  } catch (error) {
    if (error instanceof ProtocolError) throw damaged(error)
    throw error
  }
}

function damaged(cause?: unknown): DamageError {
  return new DamageError('The journal holds a damaged event', { cause })
}

/** The events of a batch, from `from` on, of kinds that change more than the journal. */
export function notableEvents(batch: EventBatch, from: number): Extract<RunEvent, { type: 'message.started' | 'approval.requested' | 'approval.answered' | 'run.steered' }>[] {
  const found: ReturnType<typeof notableEvents> = []
  for (let i = Math.max(0, from - batch.firstSeq); i < batch.kind.length; i++) {
    const kind = batch.kind[i]
    if (kind !== kinds['message.started'] && kind !== kinds['approval.requested'] && kind !== kinds['approval.answered'] && kind !== kinds['run.steered']) continue
    found.push(decodeEvent(batch.firstSeq + i, batch.at[i] ?? 0, kind, batch.payload[i] ?? '') as (typeof found)[number])
  }
  return found
}
