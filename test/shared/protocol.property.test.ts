/** The contract at random: what is written is read as it was, what is junk is refused as junk, and nothing forges a frame. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Incarnation } from '../../src/shared/ids.ts'
import { decodeEventData, decodeFeedEvent, decodeFrame, encodeEventData, encodeFrame, eventSchemas, formatCursor, isEventType, parseCursor, ProtocolError } from '../../src/shared/protocol.ts'
import { randomRun, tell, text } from '../support/random-run.ts'
import { seedOf } from '../support/seed.ts'
import { parseFrames } from '../support/sse.ts'

const options = (name: string) => ({ seed: seedOf(name), numRuns: 500 })
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)
const cursor = fc.record({ incarnation: id.map((value) => value as Incarnation), seq: fc.maxSafeNat() })
const kinds = Object.keys(eventSchemas)
const kind = fc.oneof(fc.constantFrom(...kinds), fc.constantFrom('snapshot', 'hb', 'held', 'reset', 'bye', 'run.invented', '', '__proto__', 'constructor', 'toString'), fc.string())
const json = fc.oneof(fc.json(), fc.constantFrom('', '{', '[]', 'null', '{"__proto__":{"at":1}}', '{"seq":-1}', '{"at":"now"}'))

/** Answers, or throws what a reader is prepared for. */
function orProtocolError<T>(act: () => T): T | 'refused' {
  try {
    return act()
  } catch (error) {
    if (error instanceof ProtocolError) return 'refused'
    throw error
  }
}

describe('the contract, at random', () => {
  it('reads an event as it was written, whatever fields and kinds a newer server adds', () => {
    fc.assert(fc.property(randomRun, fc.dictionary(fc.stringMatching(/^x[a-z]{0,8}$/), fc.jsonValue()), (random, added) => {
      for (const event of tell(random)) {
        const data = JSON.stringify({ ...(JSON.parse(encodeEventData(event)) as object), ...added })
        const read = decodeEventData(event.type, event.seq, data)
        expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(event.type === 'part.delta' ? { ...event, at: 0 } : event)))
      }
    }), { ...options('an event as it was written'), numRuns: 150 })
  })

  it('gives a frame back as it was, or refuses to write it: no text forges another frame', () => {
    const odd = fc.oneof(text, fc.string(), fc.constantFrom('a\nb', 'a\rb', 'a\0b', 'stream_end\ndata:x', '\n\n', ''))
    fc.assert(fc.property(odd, odd, fc.option(odd, { nil: undefined }), (type, data, frameId) => {
      const frame = orProtocolError(() => encodeFrame(type, data, frameId))
      if (frame === 'refused') {
        expect([type, data, frameId ?? ''].join('')).toMatch(/[\r\n\0]/)
        return
      }
      const back = (value: string) => value.replace(/^ /, '') // the standard drops one space; what is written never begins with one that counts
      expect(parseFrames(frame)).toEqual([{ event: back(type), id: back(frameId ?? ''), data: back(data) }])
    }), options('no forged frame'))
  })

  it('takes any message for what it is, or refuses it by name: never with another error', () => {
    fc.assert(fc.property(kind, fc.oneof(fc.constant(''), cursor.map(formatCursor), fc.string()), json, (event, frameId, data) => {
      const frame = orProtocolError(() => decodeFrame({ event, id: frameId, data }))
      if (frame === 'refused' || frame === null) return
      if (frame.type === 'event') expect([frame.event.type, frame.event.seq]).toEqual([event, frame.cursor.seq])
      if (frame.type === 'skipped') expect(isEventType(event)).toBe(false)
      if ('cursor' in frame && frame.type !== 'snapshot') expect(formatCursor(frame.cursor)).toBe(frameId)
    }), { ...options('any message'), numRuns: 2_000 })
    fc.assert(fc.property(kind, json, (event, data) => { orProtocolError(() => decodeFeedEvent(event, data)) }), options('any message of the feed'))
  })

  it('reads a cursor as it was written, and no text that is not exactly one', () => {
    fc.assert(fc.property(cursor, (one) => { expect(parseCursor(formatCursor(one))).toEqual(one) }), options('a cursor back'))
    const nearly = fc.tuple(id, fc.oneof(fc.bigInt().map(String), fc.float().map(String), fc.constantFrom('01', '+1', '1 ', ' 1', '1e3', '0x1', '９', '')), fc.constantFrom('.', '', '..', ',', '%2E')).map(([incarnation, seq, dot]) => `${incarnation}${dot}${seq}`)
    fc.assert(fc.property(fc.oneof(nearly, fc.string()), (value) => {
      const read = parseCursor(value)
      if (read !== null) expect(formatCursor(read)).toBe(value)
    }), options('nearly a cursor'))
  })

  it('orders two places of one journal as their seqs are', () => {
    fc.assert(fc.property(id, fc.maxSafeNat(), fc.maxSafeNat(), (incarnation, one, other) => {
      const seqOf = (seq: number) => parseCursor(formatCursor({ incarnation: incarnation as Incarnation, seq }))?.seq ?? Number.NaN
      expect(Math.sign(seqOf(one) - seqOf(other))).toBe(Math.sign(one - other))
    }), options('the order of places'))
  })
})
