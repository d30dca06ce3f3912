/** Places in a journal, at random: whatever the batches were and wherever a reader joins, it gets exactly what is behind that place. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import type { MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import { formatCursor } from '../../../src/shared/protocol.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import { randomRun, tell } from '../../support/random-run.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'
import { seedOf } from '../../support/seed.ts'
import { createTestServer } from '../../support/test-server.ts'
import { until } from '../../support/until.ts'

const run = 'run-1' as RunId
const options = (name: string) => ({ seed: seedOf(name), numRuns: 60 })
const ended = randomRun.map((random) => ({ ...random, outcome: random.outcome ?? ('completed' as const) }))

/** Journals these events, cut into batches by `cuts`; each batch begins up to `back` events earlier than it must, as one does that was not answered. */
async function journal(storage: Storage, events: readonly RunEvent[], cuts: readonly number[], back: number): Promise<void> {
  const started = await storage.start({
    thread: 'thread-1' as ThreadId, run, owner: 'owner', leaseMs: 60_000, agent: 'demo', model: null, message: { id: 'm-human' as MessageId, parts: [{ kind: 'text', text: 'Hi' }] }, fingerprint: 'hi', title: 'Hi',
  })
  if (started.kind !== 'started') throw new Error(started.kind)
  const places = [...new Set(cuts.map((cut) => 1 + (cut % events.length)))].toSorted((a, b) => a - b)
  let from = 1
  for (const to of places) {
    await storage.append({ run, epoch: 1, events: events.slice(Math.max(1, from - back), to) })
    from = Math.max(from, to)
  }
  const last = { run, epoch: 1, events: events.slice(Math.max(1, Math.min(from, events.length - 1) - back)), outcome: 'completed' as const }
  expect(await storage.end(last)).toMatchObject({ first: true })
  expect(await storage.end(last)).toMatchObject({ first: true })
}

const told = (random: Parameters<typeof tell>[0]) => tell({ ...random, outcome: 'completed' })

describe('places in a journal, at random', () => {
  it('any batches, given again or not, make the same journal, and any pages of it are the whole', async () => {
    await fc.assert(fc.asyncProperty(ended, fc.array(fc.nat(), { maxLength: 5 }), fc.nat({ max: 4 }), fc.integer({ min: 1, max: 9 }), async (random, cuts, back, page) => {
      const storage = createMemoryStorage()
      const events = told(random)
      await journal(storage, events, cuts, back)
      const read: RunEvent[] = []
      for (let next = await storage.read(run, 0, page); next.length > 0; next = await storage.read(run, read.at(-1)?.seq ?? 0, page)) read.push(...next)
      expect(read.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1))
      expect(JSON.parse(JSON.stringify(read.slice(1)))).toEqual(JSON.parse(JSON.stringify(events.slice(1))))
      expect((await storage.getRun(run))?.lastSeq).toBe(events.length)
    }), options('any batches, any pages'))
  })

  it('a reader that joins anywhere holds the whole in the end, with nothing twice', async () => {
    await fc.assert(fc.asyncProperty(ended, fc.nat(), fc.boolean(), async (random, place, foreign) => {
      const storage = createMemoryStorage()
      const events = told(random)
      await journal(storage, events, [], 0)
      const whole = foldEvents(await storage.read(run, 0, 10_000))
      const server = createTestServer(storage, createScriptedAgent(async function* () { yield { type: 'part.started', part: 'a', kind: 'text' } }))
      const seq = place % (events.length + 3)
      const joined = await server.join(run, formatCursor({ incarnation: foreign ? ('other' as typeof storage.incarnation) : storage.incarnation, seq }))
      expect(joined.status).toBe(!foreign && seq === events.length ? 204 : 200)
      if (joined.status === 204) return
      await until('the stream is over', () => joined.over())
      const places = joined.frames.flatMap((frame) => (frame.type === 'event' ? [frame.cursor.seq] : []))
      const first = joined.frames.find((frame) => frame.type === 'snapshot')
      const behind = first?.type === 'snapshot' ? first.cursor.seq : seq
      expect(places).toEqual(Array.from({ length: events.length - behind }, (_, index) => behind + 1 + index))
      // One that is ahead, or of another journal, holds nothing that counts.
      if (foreign || seq > events.length) expect(first).toBeDefined()
      const before = first === undefined ? foldEvents((await storage.read(run, 0, 10_000)).slice(0, seq)) : first.type === 'snapshot' ? first.transcript : null
      const tail = joined.frames.flatMap((frame) => (frame.type === 'event' ? [frame.event.type === 'part.delta' ? { ...frame.event, at: events[frame.event.seq - 1]?.at ?? 0 } : frame.event] : []))
      expect(JSON.parse(JSON.stringify(foldEvents(tail, before)))).toEqual(JSON.parse(JSON.stringify(whole)))
    }), options('a reader that joins anywhere'))
  })
})
