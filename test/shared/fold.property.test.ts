/** Any cut, any replay, a snapshot plus a tail: always the same transcript. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Incarnation } from '../../src/shared/ids.ts'
import { assertEvent, decodeFrame, encodeEventData, encodeFrame, formatCursor } from '../../src/shared/protocol.ts'
import type { RunEvent, StreamFrame } from '../../src/shared/protocol.ts'
import { covers } from '../../src/shared/covers.ts'
import { applyEvent, foldEvents } from '../../src/shared/transcript.ts'
import type { Transcript } from '../../src/shared/transcript.ts'
import { randomRun as run, tell } from '../support/random-run.ts'
import { seedOf } from '../support/seed.ts'
import { parseFrames } from '../support/sse.ts'

const incarnation = 'inc' as Incarnation

const eventText = (event: RunEvent) => encodeFrame(event.type, encodeEventData(event), formatCursor({ incarnation, seq: event.seq }))
const snapshotText = (transcript: Transcript) =>
  encodeFrame('snapshot', JSON.stringify({ cursor: formatCursor({ incarnation, seq: transcript.lastSeq }), transcript, status: 'running' }))

/** What a browser makes of stream text that reaches it, on top of what it has. */
function receive(shown: Transcript | null, text: string): Transcript | null {
  let transcript = shown
  for (const message of parseFrames(text)) {
    const frame = decodeFrame(message) as StreamFrame
    if (frame.type === 'snapshot') transcript = frame.transcript
    if (frame.type !== 'event') continue
    const applied = applyEvent(transcript, frame.event)
    if (applied.kind === 'gap') throw new Error(`a gap: ${applied.reason}`)
    if (applied.kind === 'applied') transcript = applied.transcript
  }
  return transcript
}

const plain = (transcript: Transcript | null) => JSON.parse(JSON.stringify(transcript)) as unknown
const cuts = fc.array(fc.nat(), { minLength: 1, maxLength: 4 })
const options = (name: string) => ({ seed: seedOf(name), numRuns: 400 })

describe('the fold, at random', () => {
  it('gives the same transcript over the wire as at the source', () => {
    fc.assert(fc.property(run, (random) => {
      const events = tell(random)
      for (const event of events) assertEvent(event)
      expect(plain(receive(null, events.map(eventText).join('')))).toEqual(plain(foldEvents(events)))
    }), options('over the wire'))
  })

  it('gives the same transcript for a snapshot at any cut and the tail behind it', () => {
    fc.assert(fc.property(run, fc.nat(), (random, at) => {
      const events = tell(random)
      const cut = 1 + (at % events.length)
      const half = foldEvents(events.slice(0, cut)) as Transcript
      const text = snapshotText(half) + events.slice(cut).map(eventText).join('')
      expect(plain(receive(null, text))).toEqual(plain(foldEvents(events)))
    }), options('snapshot and tail'))
  })

  it('gives the same transcript however often the connection is cut and however much is sent again', () => {
    fc.assert(fc.property(run, cuts, fc.nat(), (random, at, back) => {
      const events = tell(random)
      let shown: Transcript | null = null
      let from = 0
      for (const stop of [...at.map((n) => n % (events.length + 1)), events.length]) {
        const upTo = Math.max(from, stop)
        // A join may send again what was shown already: any part of it.
        shown = receive(shown, events.slice(Math.max(0, from - (back % 7)), upTo).map(eventText).join(''))
        from = upTo
      }
      expect(plain(shown)).toEqual(plain(foldEvents(events)))
    }), options('cuts and replays'))
  })

  it('gives the same transcript for a journal that is cut anywhere in two and folded piece by piece, and each piece goes on where the one before stood', () => {
    fc.assert(fc.property(run, fc.nat(), (random, at) => {
      const events = tell(random)
      const cut = at % (events.length + 1)
      const first = foldEvents(events.slice(0, cut))
      const before = JSON.stringify(first)
      expect(foldEvents(events.slice(cut), first)).toEqual(foldEvents(events))
      expect(JSON.stringify(first)).toBe(before) // what was handed out stays as it was
      expect(first?.lastSeq ?? 0).toBe(cut)
    }), options('cut in two'))
  })

  it('applies any prefix twice without a trace', () => {
    fc.assert(fc.property(run, fc.nat(), (random, at) => {
      const events = tell(random)
      const whole = foldEvents(events)
      const prefix = events.slice(0, at % (events.length + 1))
      expect(foldEvents(prefix, whole)).toBe(whole)
      expect(plain(foldEvents([...prefix, ...events]))).toEqual(plain(whole))
    }), options('a prefix twice'))
  })

  it('notices a lost event, at once or at the end', () => {
    fc.assert(fc.property(run, fc.nat(), (random, at) => {
      const events = tell(random)
      const lost = at % events.length
      fc.pre(lost < events.length - 1)
      const rest = [...events.slice(0, lost), ...events.slice(lost + 1)]
      expect(() => foldEvents(rest)).toThrow(/does not follow/)
    }), options('a lost event'))
  })

  it('notices lost text even where the seqs fit, at the latest by the checksums of the end', () => {
    fc.assert(fc.property(run, fc.nat(), (random, at) => {
      const events = tell({ ...random, outcome: random.outcome ?? 'completed' })
      const deltas = events.filter((event) => event.type === 'part.delta' && event.text !== '')
      const victim = deltas[at % Math.max(1, deltas.length)]
      fc.pre(victim !== undefined)
      const short = applyAll(events.map((event) => (event === victim ? { ...event, text: '' } as RunEvent : event)))
      // Unnoticed is right only where nothing is missing: another delta or the end of the part brought the text again.
      if (short !== null) expect(plain(short)).toEqual(plain(foldEvents(events)))
    }), options('lost text'))
  })

  it('holds what a person said to the run exactly once, in its place and whole, whatever was cut or sent again', () => {
    fc.assert(fc.property(run, cuts, (random, at) => {
      const events = tell(random)
      const said = events.flatMap((event) => (event.type === 'run.steered' ? [event.message.id] : []))
      let shown: Transcript | null = null
      for (const stop of [...at.map((n) => n % (events.length + 1)), events.length]) shown = receive(shown, events.slice(0, stop).map(eventText).join(''))
      expect(shown?.messages.slice(1).filter((message) => message.role === 'user').map((message) => message.id)).toEqual(said)
      const order = events.flatMap((event) => (event.type === 'run.steered' ? [event.message.id] : event.type === 'message.started' ? [event.message] : []))
      expect(shown?.messages.slice(1).map((message) => message.id)).toEqual(order)
    }), options('steering once'))
  })

  it('never shrinks what is shown, and each view covers the one before', () => {
    fc.assert(fc.property(run, (random) => {
      let before: Transcript | null = null
      for (const event of tell(random)) {
        const applied = applyEvent(before, event)
        if (applied.kind !== 'applied') throw new Error(applied.kind)
        // A tool's whole input or output may replace what was streamed: that is the one thing that is not appended.
        if (before !== null && !(event.type === 'part.ended' && event.output !== undefined)) expect(covers(applied.transcript.messages, before.messages)).toBe(true)
        before = applied.transcript
      }
    }), options('never shrinks'))
  })
})

function applyAll(events: readonly RunEvent[]): Transcript | null {
  let transcript: Transcript | null = null
  for (const event of events) {
    const applied = applyEvent(transcript, event)
    if (applied.kind === 'gap') return null
    if (applied.kind === 'applied') transcript = applied.transcript
  }
  return transcript
}
