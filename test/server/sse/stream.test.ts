import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { createRunStreams } from '../../../src/server/sse/run-streams.ts'
import { silentLog } from '../../../src/server/log.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'
import type { Incarnation } from '../../../src/shared/ids.ts'
import { createFaultyStorage } from '../../support/faulty-storage.ts'
import { createManualClock, settlePromises } from '../../support/manual-clock.ts'
import { createRunStory } from '../../support/run-story.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import { parseFrames } from '../../support/sse.ts'
import { createTestServer, newThread } from '../../support/test-server.ts'
import { createGate, until } from '../../support/until.ts'

const story = (deltas: number) => {
  const told = createRunStory({ run: 'run-1' })
  told.message()
  told.part('p1')
  for (let i = 0; i < deltas; i++) told.delta('p1', `word${i} `)
  return told
}

describe('the event stream', () => {
  let storage: Storage
  beforeEach(() => { storage = createMemoryStorage() })
  afterEach(() => storage.close())

  it('joins a live run with a snapshot of all text so far, then goes on with the tail', async () => {
    const go = createGate()
    const server = createTestServer(storage, createScriptedAgent(async function* () {
      yield { type: 'part.started', part: 'a', kind: 'text' }
      yield { type: 'part.delta', part: 'a', text: 'Hello ' }
      await go.opened
      yield { type: 'part.delta', part: 'a', text: 'world' }
    }))
    const run = await server.send(newThread(), 'Hi')
    const first = await server.join(run.id)
    await until('the text is shown', () => first.text() === 'Hello ')
    const second = await server.join(run.id)
    await until('a snapshot came', () => second.frames.length > 0)
    expect(second.frames[0]?.type).toBe('snapshot')
    expect(second.text()).toBe('Hello ')
    go.open()
    await until('both saw the end', () => first.over() && second.over())
    expect(second.text()).toBe('Hello world')
    expect(second.transcript()).toEqual(first.transcript())
  })

  it('gives exactly the events behind a valid cursor, at every cursor', async () => {
    const server = createTestServer(storage, createScriptedAgent(async function* () { yield* says('one ', 'two ', 'three') }))
    const run = await server.send(newThread(), 'Hi')
    const settled = await server.settled(run.id)
    const [incarnation] = settled.cursor.split('.')
    for (let seq = 1; seq < settled.lastSeq; seq++) {
      const joined = await server.join(run.id, `${incarnation}.${seq}`)
      await until('the stream ends', () => joined.over())
      expect(joined.frames.map((frame) => (frame.type === 'event' ? frame.cursor.seq : frame.type))).toEqual(
        Array.from({ length: settled.lastSeq - seq }, (_, i) => seq + i + 1))
    }
  })

  it('answers 204 where the cursor is at stream_end, 400 to junk, 404 to a run that is not there', async () => {
    const server = createTestServer(storage, createScriptedAgent(async function* () { yield* says('x') }))
    const run = await server.send(newThread(), 'Hi')
    const settled = await server.settled(run.id)
    expect((await server.join(run.id, settled.cursor)).status).toBe(204)
    for (const junk of ['junk', '1', 'abc.', '.5', 'abc.-1', 'abc.9007199254740993', `${'x'.repeat(65)}.1`]) {
      expect([junk, (await server.join(run.id, junk)).status]).toEqual([junk, 400])
    }
    expect((await server.request('GET', '/api/runs/nope/stream')).status).toBe(404)
    expect((await server.request('GET', '/api/runs/no%2Fpe/stream')).status).toBe(404)
  })

  it('says reset and begins with a snapshot where the cursor is of another incarnation or ahead', async () => {
    const server = createTestServer(storage, createScriptedAgent(async function* () { yield* says('x') }))
    const run = await server.send(newThread(), 'Hi')
    const settled = await server.settled(run.id)
    for (const after of ['otherlife.2', `${settled.cursor.split('.')[0]}.999`]) {
      const joined = await server.join(run.id, after)
      await until('the stream ends', () => joined.over())
      expect(joined.frames.slice(0, 2).map((frame) => frame.type)).toEqual(['reset', 'snapshot'])
      expect(joined.transcript()?.outcome).toBe('completed')
    }
  })

  it('carries the headers that keep proxies from holding it back', async () => {
    const server = createTestServer(storage, createScriptedAgent(async function* () { yield* says('x') }))
    const run = await server.send(newThread(), 'Hi')
    const { headers } = await server.request('GET', `/api/runs/${run.id}/stream`)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin',
    })
  })

  it('loses and doubles nothing when commits come while the backlog is read, however they interleave', async () => {
    const told = story(400)
    for (let committed = 3; committed < 60; committed += 7) {
      const journal: RunEvent[] = told.events.slice(0, committed)
      const listeners: ((change: { kind: 'events'; run: never; events: readonly RunEvent[] }) => void)[] = []
      const commit = (n: number) => {
        const events = told.events.slice(journal.length, journal.length + n)
        journal.push(...events)
        for (const tell of listeners) tell({ kind: 'events', run: 'run-1' as never, events })
      }
      let reads = 0
      const streams = createRunStreams({
        storage: {
          incarnation: 'inc' as Incarnation,
          getRun: async () => ({ lastSeq: journal.length }) as never,
          folded: async () => null,
          follow: (listener) => { listeners.push(listener as never); return () => {} },
          read: async (_run, after, limit) => {
            const page = journal.filter((event) => event.seq > after).slice(0, Math.min(limit, 5))
            if (reads++ % 2 === 0) commit(3) // lands after the read looked, before it answers
            return page
          },
        },
        liveTranscript: () => null, held: () => null, clock: createManualClock(), log: silentLog,
      })
      const opened = await streams.open({ id: 'run-1', lastSeq: journal.length } as never, { incarnation: 'inc' as Incarnation, seq: 1 })
      if (opened.kind !== 'stream') throw new Error('expected a stream')
      let text = ''
      const reading = (async () => { for await (const bytes of opened.body) text += Buffer.from(bytes).toString() })()
      const seqs = () => parseFrames(text).filter((frame) => frame.id !== '').map((frame) => Number(frame.id.split('.')[1]))
      while (journal.length < told.events.length) { commit(2); await settlePromises() }
      await until('the reader has all', () => seqs().at(-1) === journal.length)
      streams.bye(1)
      await reading
      expect(seqs()).toEqual(Array.from({ length: journal.length - 1 }, (_, i) => i + 2))
    }
  })

  it('holds at most 256 KiB and a frame for a reader that does not read, drops it after 30 s, and serves the others', async () => {
    const clock = createManualClock()
    const told = createRunStory({ run: 'run-1' })
    told.message()
    told.part('p1')
    const listeners: ((change: unknown) => void)[] = []
    const journal = () => told.events
    const streams = createRunStreams({
      storage: {
        incarnation: 'inc' as Incarnation,
        getRun: async () => ({ lastSeq: journal().length }) as never,
        folded: async () => null,
        follow: (listener) => { listeners.push(listener as never); return () => {} },
        read: async (_run, after, limit) => journal().slice(after, after + limit),
      },
      liveTranscript: () => null, held: () => null, clock, log: silentLog,
    })
    const at = { incarnation: 'inc' as Incarnation, seq: 1 }
    const slow = await streams.open({ id: 'run-1', lastSeq: 3 } as never, at)
    const quick = await streams.open({ id: 'run-1', lastSeq: 3 } as never, at)
    if (slow.kind !== 'stream' || quick.kind !== 'stream') throw new Error('expected streams')
    let got = 0
    const reading = (async () => { for await (const bytes of quick.body) got += bytes.byteLength })()
    const text = 'x'.repeat(30_000)
    for (let i = 0; i < 100; i++) {
      const event = told.delta('p1', text)
      for (const tell of listeners) tell({ kind: 'events', run: 'run-1', events: [event] })
      await settlePromises()
    }
    expect(got).toBeGreaterThan(100 * 30_000)
    expect(streams.readers()).toBe(2)
    await clock.advance(45_000)
    expect(streams.readers()).toBe(1)
    const reader = slow.body.getReader()
    let held = 0
    await expect((async () => { for (;;) { const { done, value } = await reader.read(); if (done) return; held += value.byteLength } })()).rejects.toThrow(/slowly/)
    expect(held).toBeLessThan(300_000)
    streams.bye(1)
    await reading
    expect(clock.pending()).toBe(0)
  })

  it('beats every 10 s with the tail, and says bye with a time before a planned shutdown', async () => {
    const clock = createManualClock()
    const server = createTestServer(storage, createScriptedAgent(async function* (_input, context) {
      yield { type: 'part.started', part: 'a', kind: 'text' }
      yield { type: 'part.delta', part: 'a', text: 'x' }
      await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(new Error('aborted'))))
    }), { clock })
    const run = await server.send(newThread(), 'Hi')
    const joined = await server.join(run.id)
    await until('the text is shown', () => joined.text() === 'x')
    await clock.advance(20_000)
    await until('two beats', () => joined.frames.filter((frame) => frame.type === 'hb').length === 2)
    expect(joined.frames.find((frame) => frame.type === 'hb')).toEqual({ type: 'hb', tail: 4 })
    const drained = server.app.drain()
    await until('bye', () => joined.over())
    expect(joined.frames.at(-1)).toEqual({ type: 'bye', retryMs: 1_000 })
    expect((await server.request('POST', `/api/threads/${newThread()}/runs`, { message: { id: 'm', parts: [{ kind: 'text', text: 'x' }] } })).status).toBe(503)
    await clock.advance(10_000)
    await drained
    expect((await server.run(run.id)).outcome).toBe('interrupted')
  })
  it('says that the store holds a run, at once and to who joins, and no more once it goes on', async () => {
    const go = createGate()
    const faulty = createFaultyStorage(storage)
    const clock = createManualClock()
    const server = createTestServer(faulty, createScriptedAgent(async function* () {
      yield { type: 'part.started', part: 'a', kind: 'text' }
      yield { type: 'part.delta', part: 'a', text: 'before ' }
      await go.opened
      yield { type: 'part.delta', part: 'a', text: 'after' }
    }), { clock })
    const run = await server.send(newThread(), 'Hi')
    const first = await server.join(run.id)
    await until('the text is shown', () => first.text() === 'before ')
    faulty.break()
    go.open()
    await until('it is said', () => first.frames.at(-1)?.type === 'held')
    const second = await server.join(run.id)
    await until('it is said to who joins', () => second.frames.at(-1)?.type === 'held')
    expect(second.frames.map((frame) => frame.type)).toEqual(['snapshot', 'held'])
    await clock.advance(5_000) // the writer tries again, and again it is refused
    expect(first.frames.filter((frame) => frame.type === 'held')).toEqual([{ type: 'held', reason: 'disk-full' }])
    faulty.heal()
    await clock.advance(5_000)
    await until('both saw the end', () => first.over() && second.over())
    expect([first.text(), second.text()]).toEqual(['before after', 'before after'])
    expect((await server.settled(run.id)).outcome).toBe('completed')
  })

  it('says with a beat that the store holds a run where the store does not even refuse', async () => {
    const clock = createManualClock()
    const disk = createGate()
    const go = createGate()
    let slow = false
    const server = createTestServer({
      ...storage,
      async append(input) {
        if (slow) await disk.opened
        return storage.append(input)
      },
    }, createScriptedAgent(async function* () {
      yield* says('before ')
      await go.opened
      yield { type: 'part.started', part: 'b', kind: 'text' }
      yield { type: 'part.delta', part: 'b', text: 'after' }
    }), { clock })
    const run = await server.send(newThread(), 'Hi')
    const joined = await server.join(run.id)
    await until('the text is shown', () => joined.text() === 'before ')
    slow = true
    go.open()
    await settlePromises()
    await clock.advance(10_000)
    await until('it is said', () => joined.frames.at(-1)?.type === 'held')
    expect(joined.frames.at(-1)).toEqual({ type: 'held', reason: 'store' })
    disk.open()
    await until('the end', () => joined.over())
    expect(joined.text()).toBe('before after')
  })
})
