import { expect, test } from 'vitest'
import type { MessageId, ThreadId } from '../../../src/shared/ids.ts'
import { hashText } from '../../../src/shared/hash.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'
import type { Subject } from './conformance.ts'
import { delta, finish, heard, names, none, opened, over, replyOf, running, said, startOf, wholeTurn } from './scene.ts'

export function starts(on: Subject): void {
  test('a first message makes thread, message, run and run.started at once', async () => {
    const n = names()
    const result = await on.storage.start(startOf(n))
    expect(result).toMatchObject({ kind: 'started', epoch: 1, run: { id: n.run, thread: n.thread, message: n.human, status: 'running', settled: false, lastSeq: 1, agent: 'demo', model: 'small' } })
    if (result.kind !== 'started') return
    expect(result.run.cursor).toBe(`${on.storage.incarnation}.1`)
    const { at } = result.event
    expect(await on.storage.read(n.run, 0, 10)).toEqual([{
      type: 'run.started', seq: 1, at, run: n.run, thread: n.thread, agent: 'demo', model: 'small',
      message: { id: n.human, role: 'user', run: n.run, after: null, status: 'completed', at, parts: [{ id: 'h1', kind: 'text', state: 'done', startedAt: at, endedAt: at, text: 'Hello' }] },
    }])
    expect(await on.storage.read(n.run, 0, 10)).toEqual([result.event])
    expect(await on.storage.getThread(n.thread)).toMatchObject({ title: 'Hello', agent: 'demo', model: 'small', activeRun: { id: n.run, status: 'running' } })
    expect((await on.storage.messages(n.thread, { limit: 10 }))?.messages.map((message) => message.id)).toEqual([n.human])
    expect(await on.storage.getRun(n.run)).toEqual(result.run)
  })

  test('who holds a run is told its epoch, until the run ends or another holds it', async () => {
    const n = names()
    const held = (owner: string) => on.storage.heldAt({ run: n.run, owner })
    const { owner } = startOf(n)
    expect(await held(owner)).toBeNull()
    await running(on.storage, n)
    expect([await held(owner), await held('somebody else')]).toEqual([1, null])
    await on.storage.claim({ owner: 'somebody else', leaseMs: 1_000, all: true })
    expect([await held(owner), await held('somebody else')]).toEqual([null, 2])
    await on.storage.end({ run: n.run, epoch: 2, events: [over(2)], outcome: 'completed' })
    expect(await held('somebody else')).toBeNull()
  })

  test('starting tells of the thread, the run and its first event', async () => {
    const n = names()
    const changes = await heard(on.storage, () => on.storage.start(startOf(n)))
    expect(changes.map((change) => change.kind).toSorted()).toEqual(['events', 'run', 'thread'])
    expect(changes.find((change) => change.kind === 'thread')).toMatchObject({ thread: { id: n.thread, activeRun: { id: n.run } } })
  })

  test('the same message with the same request is the same run, however often and whatever became of it', async () => {
    const n = names()
    await running(on.storage, n)
    const again = () => on.storage.start(startOf(n, { run: n.run2 }))
    expect(await again()).toMatchObject({ kind: 'same', run: { id: n.run, status: 'running' } })
    await finish(on.storage, n.run)
    expect(await again()).toMatchObject({ kind: 'same', run: { id: n.run, status: 'settling' } })
    await on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })
    await running(on.storage, n, { run: n.run3, message: { regenerate: n.human } })
    expect(await again()).toMatchObject({ kind: 'same', run: { id: n.run } })
    expect(await on.storage.getRun(n.run2)).toBeNull()
  })

  test('the same message with another request is a conflict', async () => {
    const n = names()
    await running(on.storage, n)
    expect(await on.storage.start(startOf(n, { run: n.run2, fingerprint: 'other' }))).toEqual({ kind: 'conflict' })
  })

  test('two starts at once on one thread: one runs, the other is told by whom', async () => {
    const n = names()
    const results = await Promise.all([
      on.storage.start(startOf(n)),
      on.storage.start(startOf(n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] }, fingerprint: 'and' })),
    ])
    expect(results).toMatchObject([{ kind: 'started' }, { kind: 'busy', activeRun: { id: n.run } }])
    expect((await on.storage.messages(n.thread, { limit: 10 }))?.messages).toHaveLength(1)
    expect(await on.storage.getRun(n.run2)).toBeNull()
  })

  test('twenty starts of the same message at once: one run', async () => {
    const n = names()
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => on.storage.start(startOf(n, { run: `${n.run}-${i}` as typeof n.run }))))
    expect(results.filter((result) => result.kind === 'started')).toHaveLength(1)
    expect(results.filter((result) => result.kind === 'same')).toHaveLength(19)
  })

  test('a run that is being stopped still owns its thread; one that has ended does not', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.requestStop({ run: n.run, by: 'tab' })
    const next = startOf(n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] }, fingerprint: 'and' })
    expect(await on.storage.start(next)).toMatchObject({ kind: 'busy', activeRun: { id: n.run, status: 'cancelling' } })
    await finish(on.storage, n.run, 'cancelled')
    expect(await on.storage.start(next)).toMatchObject({ kind: 'started' })
  })

  test('a retry answers the same message with a new run and keeps the old one', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    const retry = await on.storage.start(startOf(n, { run: n.run2, message: { regenerate: n.human }, fingerprint: 'retry' }))
    expect(retry).toMatchObject({ kind: 'started', run: { message: n.human }, event: { message: { id: n.human, run: n.run, parts: [{ text: 'Hello' }] } } })
    expect(await on.storage.start(startOf(n, { run: n.run3, message: { regenerate: n.human }, fingerprint: 'retry' }))).toMatchObject({ kind: 'busy', activeRun: { id: n.run2 } })
    expect((await on.storage.messages(n.thread, { limit: 10 }))?.messages.map((message) => message.id)).toEqual([n.human, n.reply])
  })

  test('a retry that comes twice is one run, even after that has ended; its id is no other retry’s', async () => {
    const [n, other] = [names(), names()]
    await wholeTurn(on.storage, n)
    await wholeTurn(on.storage, other)
    const retry = startOf(n, { run: n.run2, message: { regenerate: n.human } })
    expect(await on.storage.start(retry)).toMatchObject({ kind: 'started' })
    expect(await on.storage.start(retry)).toMatchObject({ kind: 'same', run: { id: n.run2 } })
    await finish(on.storage, n.run2)
    expect(await on.storage.start(retry)).toMatchObject({ kind: 'same', run: { id: n.run2, outcome: 'completed' } })
    expect(await on.storage.start(startOf(other, { run: n.run2, message: { regenerate: other.human } }))).toEqual({ kind: 'conflict' })
  })

  test('a retry of what is not a message of that thread, or not a human one, is missing', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    const missing = { kind: 'missing', what: 'message' }
    expect(await on.storage.start(startOf(n, { run: n.run2, message: { regenerate: n.human2 } }))).toEqual(missing)
    expect(await on.storage.start(startOf(n, { run: n.run2, message: { regenerate: n.reply } }))).toEqual(missing)
    expect(await on.storage.start(startOf(n, { run: n.run2, thread: `${n.thread}-x` as ThreadId, message: { regenerate: n.human } }))).toEqual(missing)
    expect(await on.storage.getThread(`${n.thread}-x` as ThreadId)).toBeNull()
  })

  test('a message may not follow one that the thread does not have', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    const next = startOf(n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] }, after: 'nobody' as MessageId })
    expect(await on.storage.start(next)).toEqual({ kind: 'missing', what: 'message' })
    expect(await on.storage.start({ ...next, after: null })).toMatchObject({ kind: 'started', event: { message: { after: null } } })
  })

  test('a deleted thread takes no message until it is restored', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    await on.storage.deleteThread(n.thread)
    const next = startOf(n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] } })
    expect(await on.storage.start(next)).toEqual({ kind: 'missing', what: 'thread' })
    await on.storage.restoreThread(n.thread)
    expect(await on.storage.start(next)).toMatchObject({ kind: 'started' })
  })

  test('a next message follows the reply', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    const next = await on.storage.start(startOf(n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] } }))
    expect(next).toMatchObject({ event: { message: { after: n.reply } } })
    expect((await on.storage.branch(n.thread, n.human2)).map((message) => message.id)).toEqual([n.human, n.reply, n.human2])
  })

  test('a message after a run that left nothing follows its human message', async () => {
    const n = names()
    await running(on.storage, n)
    await finish(on.storage, n.run, 'cancelled')
    await on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })
    const next = await on.storage.start(startOf(n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] } }))
    expect(next).toMatchObject({ event: { message: { after: n.human } } })
  })

  test('inside the settling window a message follows the reply that is not saved yet, and the chain holds when it is', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), opened(3, n.reply), delta(4, 0, 'Hi')] })
    const end = { ...over(5), parts: { p1: { length: 2, hash: hashText('Hi') } } } as RunEvent
    await on.storage.end({ run: n.run, epoch: 1, events: [end], outcome: 'completed' })
    const next = startOf(n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] } })
    expect(await on.storage.start(next)).toMatchObject({ kind: 'started', event: { message: { after: n.reply } } })
    const ids = async () => (await on.storage.branch(n.thread, n.human2)).map((message) => message.id)
    expect(await ids()).toEqual([n.human, n.reply, n.human2])
    const early = await on.storage.messages(n.thread, { limit: 10 })
    expect(early?.messages.map((message) => message.id)).toEqual([n.human, n.reply, n.human2])
    expect(early?.messages[1]).toMatchObject({ id: n.reply, after: n.human, parts: [{ text: 'Hi' }] })
    expect(early?.runs.map((run) => run.id)).toEqual([n.run])
    expect(early?.activeRun?.id).toBe(n.run2)

    await on.storage.settle({ run: n.run, messages: [replyOf(n, n.human)], counters: none, notices: [] })
    expect(await ids()).toEqual([n.human, n.reply, n.human2])
    expect((await on.storage.messages(n.thread, { limit: 10 }))?.messages.map((message) => message.id)).toEqual([n.human, n.reply, n.human2])
  })

  test('a run that ended and is not saved is in the page with all that it said, though a newer one is saved already', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), opened(3, n.reply), delta(4, 0, 'Hi')] })
    await finish(on.storage, n.run, 'completed', 5)
    const page = async (query: { before?: string; around?: MessageId } = {}) => {
      const found = await on.storage.messages(n.thread, { limit: 10, ...query })
      return { messages: found?.messages.map((message) => message.id), runs: found?.runs.map((run) => [run.id, run.settled]), active: found?.activeRun?.id }
    }
    // Nothing newer: whoever opens the page follows it, from the journal.
    expect(await page()).toEqual({ messages: [n.human], runs: [], active: n.run })
    await running(on.storage, n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] }, fingerprint: 'and' })
    await finish(on.storage, n.run2)
    await on.storage.settle({ run: n.run2, messages: [replyOf({ run: n.run2, reply: n.reply2 }, n.human2)], counters: none, notices: [] })
    const whole = { messages: [n.human, n.reply, n.human2, n.reply2], runs: [[n.run, false], [n.run2, true]], active: n.run }
    expect([await page(), await page({ around: n.human2 })]).toEqual([whole, whole])
    await on.storage.settle({ run: n.run, messages: [replyOf(n, n.human)], counters: none, notices: [] })
    expect(await page()).toEqual({ ...whole, runs: [[n.run, true], [n.run2, true]], active: undefined })
  })

  test('a message may name the unsaved reply it follows, and one that was not kept leaves no hole', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)] })
    await finish(on.storage, n.run, 'failed', 3)
    const next = startOf(n, { run: n.run2, after: n.reply, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] } })
    expect(await on.storage.start(next)).toMatchObject({ kind: 'started', event: { message: { after: n.reply } } })
    await on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })
    expect((await on.storage.branch(n.thread, n.human2)).map((message) => message.id)).toEqual([n.human, n.human2])
  })

  test('a title is taken from the first message, never over a given one', async () => {
    const [fresh, titled, renamed] = [names(), names(), names()]
    await on.storage.createThread({ id: fresh.thread })
    await on.storage.createThread({ id: titled.thread, title: 'Given' })
    await on.storage.createThread({ id: renamed.thread })
    await on.storage.patchThread(renamed.thread, { title: 'Mine' })
    for (const n of [fresh, titled, renamed]) await running(on.storage, n)
    expect((await on.storage.getThread(fresh.thread))?.title).toBe('Hello')
    expect((await on.storage.getThread(titled.thread))?.title).toBe('Given')
    expect((await on.storage.getThread(renamed.thread))?.title).toBe('Mine')
  })

  test('a run id is used once', async () => {
    const [n, other] = [names(), names()]
    await running(on.storage, n)
    await expect(on.storage.start(startOf(other, { run: n.run }))).rejects.toMatchObject({ name: 'StorageError', retryable: false })
    expect(await on.storage.getThread(other.thread)).toBeNull()
  })

  test('a start that was refused changes and tells nothing', async () => {
    const n = names()
    await running(on.storage, n)
    const before = await on.storage.getThread(n.thread)
    const changes = await heard(on.storage, async () => {
      await on.storage.start(startOf(n, { run: n.run2, fingerprint: 'other' }))
      await on.storage.start(startOf(n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'x' }] }, title: 'Other' }))
    })
    expect(changes).toEqual([])
    expect(await on.storage.getThread(n.thread)).toEqual(before)
    await on.storage.end({ run: n.run, epoch: 1, events: [over(2)], outcome: 'completed' })
  })
}
