/** Owning runs while the store is slow, full or refuses, and while the server comes and goes. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAgentRegistry } from '../../../src/server/agents/agents.ts'
import { silentLog } from '../../../src/server/log.ts'
import { USER } from '../../../src/server/runs/request.ts'
import { createRuns } from '../../../src/server/runs/runs.ts'
import type { Runs } from '../../../src/server/runs/runs.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { StorageError } from '../../../src/server/storage/storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { encodeId } from '../../../src/shared/ids.ts'
import type { MessageId, RunId } from '../../../src/shared/ids.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import type { ManualClock } from '../../support/manual-clock.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import type { AgentScript } from '../../support/scripted-agent.ts'
import { newThread } from '../../support/test-server.ts'
import { createGate, until } from '../../support/until.ts'

const never = (why: string): never => { throw new Error(why) }
const forever = () => new Promise<never>(() => {})
const speaks: AgentScript = async function* () {
  yield { type: 'part.started', part: 'answer', kind: 'text' }
  yield { type: 'part.delta', part: 'answer', text: 'shown' }
  await forever()
}

function serve(storage: Storage, clock: ManualClock, script: AgentScript = speaks): Runs {
  return createRuns({ storage, agents: createAgentRegistry([createScriptedAgent(script)], 'scripted'), clock, log: silentLog, randomBytes: () => randomBytes(16), readFile: () => Promise.resolve(null) })
}

async function send(runs: Runs): Promise<RunId> {
  const result = await runs.start(newThread(), { message: { id: encodeId(randomBytes(16)) as MessageId, parts: [{ kind: 'text', text: 'Hi' }] }, ifBusy: 'reject' })
  if (result.kind !== 'started') throw new Error(`The run did not start: ${result.kind}`)
  return result.run.id
}

const refusal = () => Promise.reject(new StorageError('The database refused (scripted)', { retryable: false }))
const full = () => Promise.reject(new StorageError('The disk is full (scripted)', { retryable: true }))

describe('a start that lands but reports failure', () => {
  it('is driven once the store can be read again, however long that takes, and never taken for left behind', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    let down = false
    const store: Storage = {
      ...real, incarnation: real.incarnation,
      start: async (input) => {
        await real.start(input)
        down = true
        return full()
      },
      heldAt: (input) => (down ? full() : real.heldAt(input)),
    }
    const runs = serve(store, clock, async function* () { yield* says('whole') })
    await runs.recover()
    const thread = newThread()
    await expect(runs.start(thread, { message: { id: 'asked' as MessageId, parts: [{ kind: 'text', text: 'Hi' }] }, ifBusy: 'reject' })).rejects.toThrow('The disk is full')
    await clock.advance(30_000) // three leases
    const run = (await real.getThread(thread))?.activeRun?.id as RunId
    expect(await real.getRun(run)).toMatchObject({ status: 'running', lastSeq: 1 })
    down = false
    await clock.advance(6_000)
    expect(await until('it settles', async () => {
      await clock.advance(100)
      const row = await real.getRun(run)
      return row?.settled === true ? row : null
    })).toMatchObject({ outcome: 'completed' })
  })

  it('is not driven twice where the same Retry was sent twice', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    let failing = false
    const store: Storage = { ...real, incarnation: real.incarnation, start: (input) => (failing ? full() : real.start(input)) }
    let asked = 0
    const go = createGate()
    const runs = serve(store, clock, async function* () {
      asked += 1
      if (asked > 1) await go.opened
      yield* says('Hello')
    })
    await runs.recover()
    const thread = newThread()
    const message = { id: 'asked' as MessageId, parts: [{ kind: 'text' as const, text: 'Hi' }] }
    await runs.start(thread, { message, ifBusy: 'reject' })
    await until('the first has ended', async () => (await real.getThread(thread))?.activeRun === null)
    const retry = () => runs.start(thread, { regenerate: message.id, run: 'again' as RunId, ifBusy: 'reject' })
    expect((await retry()).kind).toBe('started')
    failing = true
    await expect(retry()).rejects.toThrow('The disk is full')
    failing = false
    go.open()
    expect(await until('it settles', () => real.getRun('again' as RunId).then((row) => (row?.settled === true ? row : null)))).toMatchObject({ outcome: 'completed' })
    expect(asked).toBe(2)
  })

  it('that did not land is reported as it failed, and nothing is left of it', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    const runs = serve({ ...real, incarnation: real.incarnation, start: full }, clock)
    await runs.recover()
    const thread = newThread()
    await expect(runs.start(thread, { message: { id: 'asked' as MessageId, parts: [{ kind: 'text', text: 'Hi' }] }, ifBusy: 'reject' })).rejects.toThrow('The disk is full')
    expect(await real.getThread(thread)).toBeNull()
    expect(runs.active()).toBe(0)
  })
})

describe('leases', () => {
  it('leaves a run as it is that another server has closed since it was claimed', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    const dead = serve(real, clock)
    const run = await send(dead)
    const rival = serve({ ...real, incarnation: real.incarnation }, clock)
    const slow: Storage = { ...real, incarnation: real.incarnation, claim: async (input) => {
      const claimed = await real.claim(input)
      await rival.recover()
      return claimed
    } }
    const late = serve(slow, clock)
    await late.recover()
    expect(await real.getRun(run)).toMatchObject({ outcome: 'interrupted', settled: true })
    expect((await real.read(run, 0, 100)).filter((event) => event.type === 'stream_end')).toHaveLength(1)
    expect(late.active()).toBe(0)
  })

  it('keeps its own runs when the disk sleeps between renewing and claiming', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    const sleepy: Storage = { ...real, incarnation: real.incarnation, claim: async (input) => {
      if (input.all !== true) await clock.advance(11_000)
      return real.claim(input)
    } }
    const go = createGate()
    const runs = serve(sleepy, clock, async function* () {
      yield { type: 'part.started', part: 'answer', kind: 'text' }
      await go.opened
      yield { type: 'part.delta', part: 'answer', text: 'whole' }
    })
    await runs.recover()
    const run = await send(runs)
    await clock.advance(3_000)
    go.open()
    const settled = await until('the run settles', async () => {
      await clock.advance(100)
      const row = await real.getRun(run)
      return row?.settled === true ? row : null
    })
    expect(settled.outcome).toBe('completed')
  })

  it('lets go of a run that the store refuses for good, and closes it when its lease has run out', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    let refuses = false
    const storage: Storage = { ...real, incarnation: real.incarnation, append: (input) => (refuses ? refusal() : real.append(input)) }
    const go = createGate()
    const runs = serve(storage, clock, async function* () {
      yield { type: 'part.started', part: 'answer', kind: 'text' }
      yield { type: 'part.delta', part: 'answer', text: 'shown' }
      await go.opened
      yield { type: 'part.ended', part: 'answer', state: 'done' }
    })
    await runs.recover()
    const run = await send(runs)
    await until('the text is journaled', async () => ((await real.getRun(run))?.lastSeq ?? 0) >= 4)
    refuses = true
    go.open()
    await until('it is let go', () => runs.active() === 0)
    refuses = false
    const settled = await until('the run settles', async () => {
      await clock.advance(1_000)
      const row = await real.getRun(run)
      return row?.settled === true ? row : null
    })
    expect(settled.outcome).toBe('interrupted')
  })
})

describe('recovery', () => {
  it('opens although one run cannot be saved', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    const first = serve({ ...real, incarnation: real.incarnation, settle: forever }, clock, async function* () { yield* says('whole') })
    const run = await send(first)
    await until('it has ended', async () => (await real.getRun(run))?.outcome === 'completed')
    const second = serve({ ...real, incarnation: real.incarnation, settle: refusal }, clock)
    await second.recover()
    expect((await real.getRun(run))?.settled).toBe(false)
    const third = serve(real, clock)
    await third.recover()
    expect((await real.getRun(run))?.settled).toBe(true)
  })

  it('opens the port although the queue of a run that it closes starts one that waits for a person', async () => {
    const clock = createManualClock()
    const storage = createMemoryStorage({ now: clock.now })
    const first = serve(storage, clock)
    const run = await send(first)
    const { thread } = (await storage.getRun(run)) ?? never('no run')
    await first.start(thread, { message: { id: encodeId(randomBytes(16)) as MessageId, parts: [{ kind: 'text', text: 'And then?' }] }, ifBusy: 'queue' })
    await storage.requestStop({ run, by: USER })
    await storage.resumeQueue(thread)
    const second = serve(storage, clock, async function* (_input, context) {
      yield { type: 'part.started', part: 't', kind: 'tool', name: 'delete' }
      await context.approve({ part: 't', question: 'May I?', input: '{}', options: ['approve', 'deny'] })
    })
    await second.recover()
    const waiting = (await until('the next run asks', async () => (await storage.getThread(thread))?.activeRun?.waiting === true ? storage.getThread(thread) : null))?.activeRun
    expect(waiting?.outcome).toBeUndefined()
  })

  it.each(['end', 'save'] as const)('closes and saves what it could not read at first: a run that was left before its %s', async (left) => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    const first = serve({ ...real, incarnation: real.incarnation, settle: forever }, clock, left === 'end' ? speaks : async function* () { yield* says('whole') })
    const run = await send(first)
    await until('it has text', async () => ((await real.getRun(run))?.lastSeq ?? 0) >= (left === 'end' ? 4 : 6))
    let refusals = 3
    const second = serve({ ...real, incarnation: real.incarnation, read: (...args) => (refusals-- > 0 ? full() : real.read(...args)) }, clock)
    await second.recover()
    expect((await real.getRun(run))?.settled).toBe(false)
    const settled = await until('it is saved', async () => {
      await clock.advance(1_000)
      const row = await real.getRun(run)
      return row?.settled === true ? row : null
    })
    expect(settled.outcome).toBe(left === 'end' ? 'interrupted' : 'completed')
  })

  it('closes a run although the store does not answer for a moment in the middle of it', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    const run = await send(serve(real, clock))
    let refusals = 2
    const second = serve({ ...real, incarnation: real.incarnation, getRun: (id) => (refusals-- > 0 ? full() : real.getRun(id)) }, clock)
    const recovered = second.recover()
    await clock.advance(1_000)
    await recovered
    expect((await real.getRun(run))?.outcome).toBe('interrupted')
  })

  it('heeds a Stop that came between taking a run over and closing it', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    const run = await send(serve(real, clock))
    const second = serve({ ...real, incarnation: real.incarnation, claim: async (input) => {
      const claimed = await real.claim(input)
      await real.requestStop({ run, by: 'another tab' })
      return claimed
    } }, clock)
    await second.recover()
    expect((await real.getRun(run))?.outcome).toBe('cancelled')
  })
})

describe('an agent', () => {
  it('that asks for approvals and does not wait for the answers harms nobody when it is stopped', async () => {
    const clock = createManualClock()
    const storage = createMemoryStorage({ now: clock.now })
    const runs = serve(storage, clock, async function* (_input, context) {
      yield { type: 'part.started', part: 't', kind: 'tool', name: 'delete' }
      const ask = (part: string) => void context.approve({ part, question: 'May I?', input: '{}', options: ['approve', 'deny'] })
      ask('t')
      ask('no such part')
      await forever()
    })
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    try {
      const run = await send(runs)
      await until('it asks', async () => (await storage.getRun(run))?.waiting)
      await runs.stop(run, 'user')
      await clock.advance(3_000)
      await until('it is settled', async () => (await storage.getRun(run))?.settled)
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})

describe('drain', () => {
  it('waits for a run that was being started, and closes it', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    const slow = createGate()
    const runs = serve({ ...real, incarnation: real.incarnation, start: async (input) => {
      await slow.opened
      return real.start(input)
    } }, clock)
    const run = send(runs)
    await clock.advance(0)
    let drained = false
    const draining = runs.drain(10_000).then(() => { drained = true })
    await clock.advance(0)
    expect(drained).toBe(false)
    slow.open()
    await until('it is closed', async () => {
      await clock.advance(1_000)
      return drained
    })
    await draining
    expect(await real.getRun(await run)).toMatchObject({ outcome: 'interrupted', settled: true })
  })

  it('ends although the store takes nothing any more', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    let broken = false
    const runs = serve({ ...real, incarnation: real.incarnation, end: (input) => (broken ? full() : real.end(input)) }, clock)
    await send(runs)
    broken = true
    let drained = false
    const draining = runs.drain(10_000).then(() => { drained = true })
    await until('it gives up', async () => {
      await clock.advance(1_000)
      return drained
    })
    await draining
    expect(runs.active()).toBe(1)
  })

  it('leaves no timer behind when there was nothing to wait for', async () => {
    const clock = createManualClock()
    await serve(createMemoryStorage({ now: clock.now }), clock).drain(10_000)
    expect(clock.pending()).toBe(0)
  })
})

describe('a damaged journal', () => {
  it('keeps neither the server nor the other runs from going on', async () => {
    const clock = createManualClock()
    const real = createMemoryStorage({ now: clock.now })
    const lost = serve(real, clock)
    const [damaged, whole] = [await send(lost), await send(lost)]
    const later: Storage = {
      ...real, incarnation: real.incarnation,
      read: async (run, after, limit) => {
        if (run === damaged) throw new StorageError('The journal holds a damaged event (scripted)', { retryable: false })
        return real.read(run, after, limit)
      },
    }
    await serve(later, clock).recover()
    expect((await real.getRun(whole))?.outcome).toBe('interrupted')
    expect((await real.getRun(damaged))?.outcome).toBeUndefined()
  })
})
