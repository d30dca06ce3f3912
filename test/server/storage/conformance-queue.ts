import { expect, test } from 'vitest'
import { wordsOf } from '../../../src/shared/human.ts'
import type { MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import type { EndInput, StartInput, StartResult } from '../../../src/server/storage/storage.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'
import type { Subject } from './conformance.ts'
import { finish, heard, names, none, over, running, startOf, wholeTurn } from './scene.ts'
import type { Names } from './scene.ts'

/** A message sent while a run is under way. */
const said = (n: Names, id: string, change: Partial<StartInput> = {}): StartInput =>
  startOf(n, { run: `${n.run}-${id}` as RunId, message: { id: `${n.human}-${id}` as MessageId, parts: [{ kind: 'text', text: id }] }, fingerprint: id, ifBusy: 'queue', ...change })

export function queues(on: Subject): void {
  const queue = async (n: Names) => (await on.storage.getThread(n.thread))?.queue
  const texts = async (n: Names) => (await queue(n))?.messages.map((message) => wordsOf(message.parts))
  const idOf = (n: Names, id: string) => `${n.human}-${id}` as MessageId
  const next = (n: Names, run: RunId = n.run2) => on.storage.startQueued({ thread: n.thread, run, owner: n.owner, leaseMs: 60_000 })
  /** Ends the run under way without settling it. */
  const ends = (n: Names, outcome: EndInput['outcome'] = 'completed', run = n.run) => finish(on.storage, run, outcome)
  /** A run under way and these messages behind it. */
  const waiting = async (...ids: string[]) => {
    const n = names()
    await running(on.storage, n)
    for (const id of ids) expect(await on.storage.start(said(n, id))).toMatchObject({ kind: 'queued' })
    return n
  }
  const started = (result: StartResult | null) => (result?.kind === 'started' ? result.event : null)

  test('a message that may wait joins the queue while a run is under way, and is told to everybody', async () => {
    const n = names()
    await running(on.storage, n)
    const changes = await heard(on.storage, () => on.storage.start(said(n, 'one', { model: 'large' })))
    expect(changes).toMatchObject([{ kind: 'thread', thread: { id: n.thread, activeRun: { id: n.run }, queue: { paused: null, messages: [{ id: idOf(n, 'one'), parts: [{ kind: 'text', text: 'one' }], agent: 'demo', model: 'large', state: 'waiting' }] } } }])
    expect((await on.storage.messages(n.thread, { limit: 10 }))?.messages).toHaveLength(1)
    expect(await on.storage.getRun(said(n, 'one').run)).toBeNull()
  })

  test('without a run under way it starts at once; one that may not wait is told who is busy', async () => {
    const n = names()
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'started' })
    expect(await on.storage.start(said(n, 'two', { ifBusy: 'reject' }))).toMatchObject({ kind: 'busy' })
    expect(await texts(n)).toEqual([])
  })

  test('the next one leaves the queue and begins its run in one step, behind the answer before it', async () => {
    const n = await waiting('one', 'two')
    expect(await next(n)).toBeNull()
    await ends(n)
    expect(await on.storage.dueQueues()).toContain(n.thread)
    const changes = await heard(on.storage, async () => {
      const begun = await next(n)
      expect(begun).toMatchObject({ kind: 'started', epoch: 1, run: { id: n.run2, message: idOf(n, 'one'), status: 'running', agent: 'demo' }, event: { seq: 1, message: { after: n.human, parts: [{ id: 'h1', text: 'one' }] } } })
    })
    expect(changes.map((change) => change.kind).toSorted()).toEqual(['events', 'run', 'thread'])
    expect(changes.find((change) => change.kind === 'thread')).toMatchObject({ thread: { activeRun: { id: n.run2 }, queue: { messages: [{ id: idOf(n, 'two') }] } } })
    expect(await on.storage.dueQueues()).not.toContain(n.thread)
    expect(await next(n, n.run3)).toBeNull()
  })

  test('a message is known again in the queue and out of it, however often it comes: one turn', async () => {
    const n = await waiting('one')
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'queued' })
    expect(await on.storage.start(said(n, 'one', { ifBusy: 'reject' }))).toMatchObject({ kind: 'queued' })
    expect(await on.storage.start(said(n, 'one', { fingerprint: 'other' }))).toEqual({ kind: 'conflict' })
    expect(await texts(n)).toEqual(['one'])
    await ends(n)
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'queued' })
    await next(n)
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'same', run: { id: n.run2 } })
    await ends(n, 'completed', n.run2)
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'same', run: { id: n.run2 } })
  })

  test('what was edited is sent as it is now, and its first request is still known', async () => {
    const n = await waiting('one')
    expect(await on.storage.patchQueued(n.thread, idOf(n, 'one'), { parts: [{ kind: 'text', text: 'One, better' }] })).toMatchObject({ queue: { messages: [{ parts: [{ text: 'One, better' }] }] } })
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'queued' })
    await ends(n)
    expect(started(await next(n))).toMatchObject({ message: { parts: [{ text: 'One, better' }] } })
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'same' })
  })

  test('what is moved starts in its new place', async () => {
    const n = await waiting('one', 'two', 'three')
    await on.storage.patchQueued(n.thread, idOf(n, 'three'), { before: idOf(n, 'one') })
    expect(await texts(n)).toEqual(['three', 'one', 'two'])
    await on.storage.patchQueued(n.thread, idOf(n, 'three'), { before: idOf(n, 'two') })
    expect(await texts(n)).toEqual(['one', 'three', 'two'])
    await on.storage.patchQueued(n.thread, idOf(n, 'one'), { before: null })
    expect(await texts(n)).toEqual(['three', 'two', 'one'])
    // In front of one that has gone meanwhile: to the end.
    await on.storage.patchQueued(n.thread, idOf(n, 'three'), { before: 'gone' as MessageId })
    expect(await texts(n)).toEqual(['two', 'one', 'three'])
    await ends(n)
    expect(started(await next(n))).toMatchObject({ message: { id: idOf(n, 'two') } })
  })

  test('what is removed does not start, and what has gone cannot be changed', async () => {
    const n = await waiting('one', 'two')
    expect(await on.storage.removeQueued(n.thread, idOf(n, 'one'))).toMatchObject({ queue: { messages: [{ id: idOf(n, 'two') }] } })
    await ends(n)
    expect(started(await next(n))).toMatchObject({ message: { id: idOf(n, 'two') } })
    for (const gone of ['one', 'two']) {
      expect(await on.storage.removeQueued(n.thread, idOf(n, gone))).toBeNull()
      expect(await on.storage.patchQueued(n.thread, idOf(n, gone), { before: null })).toBeNull()
      expect(await on.storage.sendQueuedNow(n.thread, idOf(n, gone))).toBeNull()
      expect(await on.storage.steerQueued(n.thread, idOf(n, gone))).toBeNull()
    }
    expect(await on.storage.resumeQueue('nowhere' as ThreadId)).toBeNull()
  })

  test('Stop pauses what waits: it neither starts nor is lost, until somebody resumes', async () => {
    const n = await waiting('one')
    const changes = await heard(on.storage, () => on.storage.requestStop({ run: n.run, by: 'tab' }))
    expect(changes.find((change) => change.kind === 'thread')).toMatchObject({ thread: { queue: { paused: 'stopped', messages: [{}] } } })
    await ends(n, 'cancelled')
    expect(await next(n)).toBeNull()
    expect(await on.storage.dueQueues()).not.toContain(n.thread)
    expect(await on.storage.resumeQueue(n.thread)).toMatchObject({ queue: { paused: null } })
    expect(await on.storage.dueQueues()).toContain(n.thread)
    expect(await next(n)).toMatchObject({ kind: 'started' })
  })

  test('a run that failed or was lost pauses what waits; one that completed does not', async () => {
    for (const outcome of ['failed', 'interrupted'] as const) {
      const n = await waiting('one')
      await ends(n, outcome)
      expect(await queue(n)).toMatchObject({ paused: outcome })
      expect(await next(n)).toBeNull()
    }
    const n = await waiting('one')
    await ends(n)
    expect(await queue(n)).toMatchObject({ paused: null })
  })

  test('a message sent after Stop goes on: it was written knowing of it', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.requestStop({ run: n.run, by: 'tab' })
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'queued', thread: { queue: { paused: null } } })
    await ends(n, 'cancelled')
    expect(await next(n)).toMatchObject({ kind: 'started' })
  })

  test('a new message goes past a paused queue, and behind one that is about to go on', async () => {
    const paused = await waiting('one')
    await on.storage.requestStop({ run: paused.run, by: 'tab' })
    await ends(paused, 'cancelled')
    expect(await on.storage.start(said(paused, 'two'))).toMatchObject({ kind: 'started' })
    expect(await queue(paused)).toMatchObject({ paused: 'stopped', messages: [{}] })
    const due = await waiting('one')
    await ends(due)
    expect(await on.storage.start(said(due, 'two'))).toMatchObject({ kind: 'queued' })
    expect(await texts(due)).toEqual(['one', 'two'])
  })

  test('an emptied queue is not paused, and does not hold the next one back', async () => {
    const n = await waiting('one')
    await on.storage.requestStop({ run: n.run, by: 'tab' })
    await on.storage.removeQueued(n.thread, idOf(n, 'one'))
    expect(await queue(n)).toEqual({ messages: [], paused: null })
    await on.storage.start(said(n, 'two'))
    expect(await queue(n)).toMatchObject({ paused: null })
  })

  test('a message that interrupts goes first: the run under way is told to stop, and is not what pauses the rest', async () => {
    const n = await waiting('one')
    const changes = await heard(on.storage, () => on.storage.start(said(n, 'now', { ifBusy: 'interrupt' })))
    expect(changes.map((change) => change.kind)).toEqual(['stop', 'run', 'thread'])
    expect(await queue(n)).toMatchObject({ paused: null, messages: [{ id: idOf(n, 'now'), state: 'next' }, { id: idOf(n, 'one') }] })
    await ends(n, 'cancelled')
    expect(started(await next(n))).toMatchObject({ message: { id: idOf(n, 'now') } })
    await ends(n, 'completed', n.run2)
    expect(started(await next(n, n.run3))).toMatchObject({ message: { id: idOf(n, 'one') } })
  })

  test('without a run under way an interrupting message starts at once, whatever waits', async () => {
    const n = await waiting('one')
    await ends(n)
    expect(await on.storage.start(said(n, 'now', { ifBusy: 'interrupt' }))).toMatchObject({ kind: 'started' })
    expect(await texts(n)).toEqual(['one'])
  })

  test('Send now has the run make way, and starts that one even where the queue is paused', async () => {
    const n = await waiting('one', 'two')
    await on.storage.sendQueuedNow(n.thread, idOf(n, 'two'))
    expect(await on.storage.getRun(n.run)).toMatchObject({ status: 'cancelling' })
    expect(await queue(n)).toMatchObject({ paused: null, messages: [{ id: idOf(n, 'two'), state: 'next' }, { id: idOf(n, 'one') }] })
    await ends(n, 'failed') // it may fail on its way out: the person has asked for the next one all the same
    expect(started(await next(n))).toMatchObject({ message: { id: idOf(n, 'two') } })
    await on.storage.requestStop({ run: n.run2, by: 'tab' })
    await ends(n, 'cancelled', n.run2)
    expect(await next(n, n.run3)).toBeNull()
    await on.storage.sendQueuedNow(n.thread, idOf(n, 'one'))
    expect(started(await next(n, n.run3))).toMatchObject({ message: { id: idOf(n, 'one') } })
  })

  test('Stop calls off what a run was making way for', async () => {
    const n = await waiting('one')
    await on.storage.sendQueuedNow(n.thread, idOf(n, 'one'))
    await on.storage.requestStop({ run: n.run, by: 'tab' })
    expect(await queue(n)).toMatchObject({ paused: 'stopped', messages: [{ state: 'waiting' }] })
    await ends(n, 'cancelled')
    expect(await next(n)).toBeNull()
  })

  test('what is offered to the run is taken up once: its event and its leaving the queue are one step', async () => {
    const n = await waiting('one', 'two')
    const changes = await heard(on.storage, () => on.storage.steerQueued(n.thread, idOf(n, 'one')))
    expect(changes).toMatchObject([{ kind: 'steer', run: n.run, messages: [{ id: idOf(n, 'one'), parts: [{ text: 'one' }] }] }, { kind: 'thread' }])
    expect(await queue(n)).toMatchObject({ messages: [{ state: 'steering' }, { state: 'waiting' }] })
    const event: RunEvent = { type: 'run.steered', seq: 2, at: 5, message: { id: idOf(n, 'one'), role: 'user', run: n.run, after: n.human, status: 'completed', at: 5, parts: [] } }
    const told = await heard(on.storage, () => on.storage.append({ run: n.run, epoch: 1, events: [event] }))
    expect(told.map((change) => change.kind)).toEqual(['events', 'thread'])
    expect(await texts(n)).toEqual(['two'])
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'same', run: { id: n.run } })
    await on.storage.end({ run: n.run, epoch: 1, events: [over(3)], outcome: 'completed' })
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'same', run: { id: n.run } })
    await on.storage.settle({ run: n.run, messages: [event.message], counters: none, notices: [] })
    expect(await on.storage.start(said(n, 'one'))).toMatchObject({ kind: 'same', run: { id: n.run } })
    expect(await on.storage.start(said(n, 'one', { fingerprint: 'other' }))).toEqual({ kind: 'conflict' })
    expect(started(await next(n))).toMatchObject({ message: { id: idOf(n, 'two'), after: idOf(n, 'one') } })
    expect(await on.storage.start(startOf(n, { run: n.run3, message: { regenerate: idOf(n, 'one') } }))).toEqual({ kind: 'missing', what: 'message' })
  })

  test('what the run did not take up by its end waits like the rest; what is withdrawn is offered no more', async () => {
    const n = await waiting('one', 'two')
    await on.storage.steerQueued(n.thread, idOf(n, 'one'))
    await on.storage.steerQueued(n.thread, idOf(n, 'two'))
    const changes = await heard(on.storage, () => on.storage.removeQueued(n.thread, idOf(n, 'two')))
    expect(changes[0]).toMatchObject({ kind: 'steer', messages: [{ id: idOf(n, 'one') }] })
    await ends(n)
    expect(await queue(n)).toMatchObject({ paused: null, messages: [{ id: idOf(n, 'one'), state: 'waiting' }] })
    expect(await next(n)).toMatchObject({ kind: 'started' })
  })

  test('the queue of a deleted thread waits until it is restored', async () => {
    const n = await waiting('one')
    await on.storage.deleteThread(n.thread)
    await ends(n)
    expect(await next(n)).toBeNull()
    expect(await on.storage.dueQueues()).not.toContain(n.thread)
    expect(await on.storage.removeQueued(n.thread, idOf(n, 'one'))).toBeNull()
    await on.storage.restoreThread(n.thread)
    expect(await on.storage.dueQueues()).toContain(n.thread)
  })

  test('a queue has an end', async () => {
    const n = names()
    await running(on.storage, n)
    for (let i = 0; i < 100; i++) expect(await on.storage.start(said(n, `q${i}`))).toMatchObject({ kind: 'queued' })
    expect(await on.storage.start(said(n, 'more'))).toEqual({ kind: 'full' })
    expect(await texts(n)).toHaveLength(100)
  })

  test('a message may wait for another branch', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    await running(on.storage, n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] } })
    expect(await on.storage.start(said(n, 'lost', { after: 'nobody' as MessageId }))).toEqual({ kind: 'missing', what: 'message' })
    await on.storage.start(said(n, 'other', { after: n.reply }))
    await ends(n, 'completed', n.run2)
    expect(started(await next(n, n.run3))).toMatchObject({ message: { after: n.reply } })
  })
}
