import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StreamFrame } from '../../../src/shared/protocol.ts'
import { covers } from '../../../src/shared/covers.ts'
import { recordRun } from '../../support/recorded-run.ts'
import type { RecordedRun } from '../../support/recorded-run.ts'
import { seedOf } from '../../support/seed.ts'
import { createStreamPage } from './stream-page.ts'

/** One connection as a bad network makes it: how far it reaches, and what is done to it on the way. */
interface Ride {
  readonly length: number
  readonly doubled: number
  readonly swapped: number
  readonly dropped: number
  readonly lagging: number
  readonly cut: 'lost' | 'malformed' | 'none'
  readonly waitMs: number
  readonly happening: 'none' | 'hidden' | 'stirred' | 'offline' | 'reset'
}

const nothing = 1_000
const place = fc.oneof({ weight: 3, arbitrary: fc.constant(nothing) }, { weight: 2, arbitrary: fc.nat({ max: 12 }) })
const rides = fc.array(
  fc.record<Ride>({
    length: fc.nat({ max: 20 }),
    doubled: place,
    swapped: place,
    dropped: place,
    lagging: fc.nat({ max: 4 }),
    cut: fc.constantFrom('lost', 'lost', 'lost', 'malformed', 'none'),
    waitMs: fc.nat({ max: 20_000 }),
    happening: fc.constantFrom('none', 'none', 'hidden', 'stirred', 'offline', 'reset'),
  }),
  { maxLength: 12 },
)

/** What the server would send on this connection, before the network. */
function honest(recorded: RecordedRun, after: number | null, journaled: number, lagging: number): StreamFrame[] {
  if (after !== null && after <= journaled) return recorded.frames(after, journaled)
  const at = Math.min(Math.max(1, journaled - lagging), recorded.events.length - 1)
  return [recorded.snapshot(at), ...recorded.frames(at, journaled)]
}

function mangle(frames: StreamFrame[], { length, doubled, swapped, dropped }: Ride): StreamFrame[] {
  const out = [...frames]
  const [one, other] = [out[swapped], out[swapped + 1]]
  if (one !== undefined && other !== undefined) out.splice(swapped, 2, other, one)
  const twice = out[doubled]
  if (twice !== undefined) out.splice(doubled, 0, twice)
  if (dropped < out.length) out.splice(dropped, 1)
  return out.slice(0, length)
}

test('every character arrives exactly once over cuts, doubles, gaps, reorders, pauses and lagging servers', { timeout: 120_000 }, async () => {
  const seed = seedOf('exactly once')
  const recorded = recordRun({ words: ['Once', ' upon', ' a', ' time', ' 👩‍👩‍👧', '\u0000', '\uFEFF', '…'] })
  const end = recorded.events.length
  let failures = 0
  await fc.assert(
    fc.asyncProperty(rides, async (journey) => {
      const page = createStreamPage(recorded)
      page.follow()
      let journaled = 1
      for (const ride of journey) {
        journaled = Math.min(end, journaled + ride.length)
        const attempt = page.transport.attempts.at(-1)
        if (attempt?.isOpen() === true) {
          attempt.opened()
          if (ride.happening === 'reset') attempt.frame({ type: 'reset', reason: 'because' }, recorded.snapshot(Math.min(journaled, end - 1)))
          else attempt.frame(...mangle(honest(recorded, attempt.after?.seq ?? null, journaled, ride.lagging), ride))
          if (ride.cut === 'malformed') attempt.closed({ kind: 'malformed', reason: 'half a frame' })
          else if (ride.cut === 'lost') attempt.closed({ kind: 'lost', reason: 'cut' })
        }
        if (ride.happening === 'hidden' || ride.happening === 'offline') {
          page.lifecycle.send({ type: 'paused', reason: ride.happening })
          await page.clock.advance(ride.waitMs)
          page.lifecycle.send({ type: 'resumed', reason: ride.happening })
        } else if (ride.happening === 'stirred') page.lifecycle.send({ type: 'stirred' })
        await page.clock.advance(ride.waitMs)
        if (page.finales().length > 0) break
      }
      // The weather clears: the newest connection is good.
      for (let turn = 0; turn < 5 && page.finales().length === 0; turn++) {
        const attempt = page.transport.latest()
        if (attempt.isOpen()) {
          attempt.opened()
          attempt.frame(...honest(recorded, attempt.after?.seq ?? null, end, 2))
        }
        await page.clock.advance(20_000)
      }
      const finale = page.finales()[0]?.finale
      // Five gaps in a row end a run as broken protocol, which shows what it has: no less, and nothing wrong.
      if (finale?.kind === 'failed') failures += 1
      else {
        expect(finale?.kind).toBe('settled')
        expect(page.shown()?.transcript).toEqual(recorded.transcript())
      }
      let before = 0
      for (const { transcript, cursor } of page.views()) {
        expect(cursor.seq).toBeGreaterThanOrEqual(before) // equal: a snapshot of the same place
        before = cursor.seq
        expect(covers(recorded.messages(), transcript.messages)).toBe(true)
        expect(transcript).toEqual(recorded.transcript(cursor.seq))
      }
      expect(page.transport.mostOpen()).toBeLessThanOrEqual(1)
      expect(page.finales()).toHaveLength(1)
      expect(page.clock.pending()).toBe(0)
    }),
    { seed, numRuns: 300 },
  )
  console.info(`${failures} of 300 journeys were too broken to go on`)
  expect(failures).toBeLessThan(60)
})
