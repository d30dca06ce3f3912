import { expect, test } from 'vitest'
import type { RunId } from '../../../src/shared/ids.ts'
import { inputHash } from '../../../src/shared/input-hash.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'
import { FencedError, StorageError } from '../../../src/server/storage/storage.ts'
import type { Change } from '../../../src/server/storage/storage.ts'
import type { Subject } from './conformance.ts'
import { asked, hashOfAsked, delta, finish, heard, names, none, opened, over, part, running, said, some } from './scene.ts'

/** One event of every kind, with the texts that break databases. */
function everyKind(n: ReturnType<typeof names>): RunEvent[] {
  const kinds: RunEvent[] = [
    said(2, n.reply),
    opened(3, n.reply),
    delta(4, 0, 'half \ud83d'),
    delta(5, 6, '\ude00 whole, NUL \u0000, BOM \ufeff, quote " and \\ and \u2028'),
    { type: 'part.ended', seq: 6, at: 3000, part: part('p1'), state: 'done' },
    { type: 'part.started', seq: 7, at: 3001, message: n.reply, part: part('t1'), kind: 'tool', name: 'calc', call: 'c1' },
    { type: 'part.delta', seq: 8, at: 3002, part: part('t1'), field: 'input', off: 0, text: '{"__proto__":1}' },
    { type: 'part.delta', seq: 9, at: 3003, part: part('t1'), field: 'output', off: 0, text: '' },
    asked(10, n.approval),
    { type: 'approval.answered', seq: 11, at: 3005, approval: n.approval, decision: 'approve', by: 'me', note: 'go' },
    { type: 'part.ended', seq: 12, at: 3006, part: part('t1'), state: 'failed', input: '{}', error: 'no' },
    { type: 'run.progress', seq: 13, at: 3007, ...some },
    { type: 'run.notice', seq: 14, at: 3008, level: 'warning', text: 'again' },
    { type: 'run.cancelling', seq: 15, at: 3009, by: 'me' },
  ]
  return kinds
}

export function journals(on: Subject): void {
  test('every kind of event comes back as it was, in order', async () => {
    const n = names()
    await running(on.storage, n)
    const events = everyKind(n)
    await on.storage.append({ run: n.run, epoch: 1, events })
    await on.storage.end({ run: n.run, epoch: 1, outcome: 'failed', error: { code: 'x', message: 'y', retryable: true }, events: [{ ...over(16, 'failed'), error: { code: 'x', message: 'y', retryable: true } } as RunEvent] })
    expect(await on.storage.read(n.run, 1, 100)).toEqual([...events, { ...over(16, 'failed'), error: { code: 'x', message: 'y', retryable: true } }])
  })

  test('an event of 10 MB is kept whole', async () => {
    const n = names()
    await running(on.storage, n)
    const text = 'ten bytes \u00e9'.repeat(900_000)
    await on.storage.append({ run: n.run, epoch: 1, events: [delta(2, 0, text)] })
    const [back] = await on.storage.read(n.run, 1, 10)
    expect(back?.type === 'part.delta' && back.text === text).toBe(true)
  })

  test('pages: after a seq, up to a limit, empty at the tail and for a run that is not', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), opened(3, n.reply), ...Array.from({ length: 7 }, (_, i) => delta(4 + i, i, 'x'))] })
    const seqs = async (after: number, limit: number) => (await on.storage.read(n.run, after, limit)).map((event) => event.seq)
    expect(await seqs(0, 3)).toEqual([1, 2, 3])
    expect(await seqs(3, 4)).toEqual([4, 5, 6, 7])
    expect(await seqs(8, 100)).toEqual([9, 10])
    expect(await seqs(10, 5)).toEqual([])
    expect(await seqs(99, 5)).toEqual([])
    expect(await on.storage.read('nobody' as RunId, 0, 5)).toEqual([])
    expect(await on.storage.getRun('nobody' as RunId)).toBeNull()
  })

  test('a page of large events has fewer of them, one at least, and the next goes on behind it', async () => {
    const n = names()
    await running(on.storage, n)
    const text = 'x'.repeat(200_000)
    for (let i = 0; i < 40; i++) await on.storage.append({ run: n.run, epoch: 1, events: [delta(2 + i, i * text.length, text)] })
    const seen: number[] = []
    for (let page = await on.storage.read(n.run, 0, 100); page.length > 0; page = await on.storage.read(n.run, seen.length, 100)) {
      expect(page.length).toBeLessThan(30)
      seen.push(...page.map((event) => event.seq))
    }
    expect(seen).toEqual(Array.from({ length: 41 }, (_, i) => i + 1))
    const huge = 'y'.repeat(3_000_000)
    await on.storage.append({ run: n.run, epoch: 1, events: [delta(42, 40 * text.length, huge)] })
    expect((await on.storage.read(n.run, 41, 100)).map((event) => event.seq)).toEqual([42])
  })

  test('runs do not see each other\'s events', async () => {
    const [a, b] = [names(), names()]
    await running(on.storage, a)
    await running(on.storage, b)
    for (let seq = 2; seq < 6; seq++) {
      await on.storage.append({ run: a.run, epoch: 1, events: [delta(seq, seq, 'a')] })
      await on.storage.append({ run: b.run, epoch: 1, events: [delta(seq, seq, 'b')] })
    }
    const texts = async (run: RunId) => (await on.storage.read(run, 1, 100)).map((event) => (event.type === 'part.delta' ? event.text : '?')).join('')
    expect([await texts(a.run), await texts(b.run)]).toEqual(['aaaa', 'bbbb'])
  })

  test('an append that landed may be repeated, also with more behind it', async () => {
    const n = names()
    await running(on.storage, n)
    const events = [said(2, n.reply), opened(3, n.reply)]
    await on.storage.append({ run: n.run, epoch: 1, events })
    expect(await heard(on.storage, () => on.storage.append({ run: n.run, epoch: 1, events }))).toEqual([])
    const changes = await heard(on.storage, () => on.storage.append({ run: n.run, epoch: 1, events: [...events, delta(4, 0, 'Hi')] }))
    expect(changes).toEqual([{ kind: 'events', run: n.run, events: [delta(4, 0, 'Hi')] }])
    expect(await on.storage.read(n.run, 1, 10)).toEqual([...events, delta(4, 0, 'Hi')])
  })

  test('a hole is refused and nothing is written', async () => {
    const n = names()
    await running(on.storage, n)
    const hole = on.storage.append({ run: n.run, epoch: 1, events: [delta(3, 0, 'x')] })
    await expect(hole).rejects.toThrow(StorageError)
    await expect(hole).rejects.toMatchObject({ retryable: false })
    await expect(on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), delta(4, 0, 'x')] })).rejects.toThrow(StorageError)
    expect(await on.storage.getRun(n.run)).toMatchObject({ lastSeq: 1 })
  })

  test('an old epoch, an ended run and a run that is not are fenced', async () => {
    const n = names()
    await running(on.storage, n)
    await expect(on.storage.append({ run: n.run, epoch: 0, events: [delta(2, 0, 'x')] })).rejects.toThrow(FencedError)
    await expect(on.storage.append({ run: n.run, epoch: 2, events: [delta(2, 0, 'x')] })).rejects.toThrow(FencedError)
    await expect(on.storage.append({ run: 'nobody' as RunId, epoch: 1, events: [delta(2, 0, 'x')] })).rejects.toThrow(FencedError)
    await finish(on.storage, n.run)
    await expect(on.storage.append({ run: n.run, epoch: 1, events: [delta(3, 0, 'x')] })).rejects.toThrow(FencedError)
    expect(await on.storage.read(n.run, 1, 10)).toEqual([over(2)])
  })

  test('200 appends at once land whole and in order, and one that fails among them fails alone', async () => {
    const n = names()
    await running(on.storage, n)
    const told: RunEvent[] = []
    const stop = on.storage.follow((change) => {
      if (change.kind === 'events' && change.run === n.run) told.push(...change.events)
    })
    const results = await Promise.allSettled(Array.from({ length: 200 }, (_, i) =>
      on.storage.append({ run: n.run, epoch: i % 50 === 49 ? 7 : 1, events: [delta(2 + i - Math.floor(i / 50), i, `${i} `)] })))
    stop()
    expect(results.flatMap((result, i) => (result.status === 'rejected' ? [i] : []))).toEqual([49, 99, 149, 199])
    const events = await on.storage.read(n.run, 1, 1000)
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 196 }, (_, i) => i + 2))
    expect(told).toEqual(events)
  })

  test('an append is readable the moment it is acknowledged, and told no earlier than it is durable', async () => {
    const n = names()
    await running(on.storage, n)
    let readWhenTold: Promise<readonly RunEvent[]> | undefined
    const stop = on.storage.follow((change) => {
      if (change.kind === 'events' && change.run === n.run) readWhenTold = on.storage.read(n.run, 1, 10)
    })
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)] })
    expect(await on.storage.read(n.run, 1, 10)).toEqual([said(2, n.reply)])
    expect(await readWhenTold).toEqual([said(2, n.reply)])
    stop()
  })

  test('counters and waiting are written with the events and told', async () => {
    const n = names()
    await running(on.storage, n)
    const changes = await heard(on.storage, () => on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)], counters: some, waiting: true }))
    const run = await on.storage.getRun(n.run)
    expect(run).toMatchObject({ ...some, waiting: true, lastSeq: 2 })
    expect(changes).toContainEqual({ kind: 'run', run })
    await on.storage.append({ run: n.run, epoch: 1, events: [], waiting: false })
    expect(await on.storage.getRun(n.run)).toMatchObject({ ...some, waiting: false })
    expect((await on.storage.getThread(n.thread))?.activeRun?.waiting).toBe(false)
  })

  test('one who stopped following hears nothing more, and one who throws keeps nobody from hearing', async () => {
    const n = names()
    await running(on.storage, n)
    const [first, second]: [Change[], Change[]] = [[], []]
    const stops = [
      on.storage.follow((change) => first.push(change)),
      on.storage.follow(() => {
        throw new Error('a listener of this test fails on purpose')
      }),
      on.storage.follow((change) => second.push(change)),
    ]
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)] })
    stops[0]?.()
    await on.storage.append({ run: n.run, epoch: 1, events: [opened(3, n.reply)] })
    for (const stop of stops) stop()
    expect(first).toHaveLength(1)
    expect(second).toHaveLength(2)
  })

  test('Stop is recorded once, with who pressed it, and told', async () => {
    const n = names()
    await running(on.storage, n)
    const changes = await heard(on.storage, () => on.storage.requestStop({ run: n.run, by: 'left tab' }))
    expect(changes).toMatchObject([{ kind: 'stop', run: n.run, by: 'left tab' }, { kind: 'run', run: { status: 'cancelling' } }])
    expect(await heard(on.storage, () => on.storage.requestStop({ run: n.run, by: 'right tab' }))).toEqual([])
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)] })
    await finish(on.storage, n.run, 'cancelled', 3)
    expect(await on.storage.requestStop({ run: n.run, by: 'left tab' })).toMatchObject({ status: 'settling', outcome: 'cancelled' })
    expect(await on.storage.requestStop({ run: 'nobody' as RunId, by: 'x' })).toBeNull()
  })

  test('an approval is answered once', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [asked(2, n.approval)] })
    expect(await on.storage.getApproval(n.run, n.approval)).toMatchObject({ state: 'pending', question: 'Run it?', options: ['approve', 'deny'], requestedAt: 2002 })
    expect((await on.storage.getThread(n.thread))?.activeRun?.waiting).toBe(true)
    const answer = { run: n.run, approval: n.approval, inputHash: hashOfAsked, decision: 'approve', by: 'me', note: 'go on', at: 5000 }
    expect(await heard(on.storage, async () => {
      expect(await on.storage.answerApproval({ ...answer, inputHash: inputHash('{ }') })).toMatchObject({ kind: 'other-input', approval: { state: 'pending' } })
    })).toEqual([])
    expect(await on.storage.answerApproval({ ...answer, decision: 'maybe' })).toMatchObject({ kind: 'invalid', approval: { state: 'pending' } })
    const changes = await heard(on.storage, async () => {
      expect(await on.storage.answerApproval(answer)).toMatchObject({ kind: 'answered', approval: { state: 'answered', decision: 'approve', by: 'me', note: 'go on', answeredAt: 5000 } })
    })
    expect(changes).toMatchObject([{ kind: 'answer', run: n.run, approval: n.approval, decision: 'approve', note: 'go on', by: 'me' }, { kind: 'run', run: { waiting: false } }])
    expect(await on.storage.answerApproval({ ...answer, by: 'you' })).toMatchObject({ kind: 'same', approval: { by: 'me' } })
    expect(await on.storage.answerApproval({ ...answer, inputHash: '' })).toMatchObject({ kind: 'other-input', approval: { decision: 'approve' } })
    expect(await on.storage.answerApproval({ ...answer, decision: 'deny' })).toMatchObject({ kind: 'different', approval: { decision: 'approve' } })
    await on.storage.append({ run: n.run, epoch: 1, events: [{ type: 'approval.answered', seq: 3, at: 6000, approval: n.approval, decision: 'approve', by: 'me' }] })
    expect(await on.storage.getApproval(n.run, n.approval)).toMatchObject({ answeredAt: 5000, note: 'go on' })
    await finish(on.storage, n.run, 'completed', 4)
    expect(await on.storage.getApproval(n.run, n.approval)).toMatchObject({ state: 'answered' })
  })

  test('a run that is being stopped takes no answer: nobody listens for it', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [asked(2, n.approval)] })
    await on.storage.requestStop({ run: n.run, by: 'tab' })
    expect(await on.storage.answerApproval({ run: n.run, approval: n.approval, inputHash: hashOfAsked, decision: 'approve', by: 'me', at: 5000 })).toMatchObject({ kind: 'expired' })
    expect(await on.storage.getApproval(n.run, n.approval)).toMatchObject({ state: 'pending' })
  })

  test('ten answers at once: one counts', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [asked(2, n.approval)] })
    const results = await Promise.all(Array.from({ length: 10 }, (_, i) =>
      on.storage.answerApproval({ run: n.run, approval: n.approval, inputHash: hashOfAsked, decision: i % 2 === 0 ? 'deny' : 'approve', by: `tab ${i}`, at: i })))
    expect(results.map((result) => result.kind)).toEqual(['answered', 'different', 'same', 'different', 'same', 'different', 'same', 'different', 'same', 'different'])
  })

  test('nobody can answer what was not asked, or whose run has ended', async () => {
    const n = names()
    await running(on.storage, n)
    const answer = { run: n.run, approval: n.approval, inputHash: hashOfAsked, decision: 'approve', by: 'me', at: 1 }
    expect(await on.storage.answerApproval(answer)).toEqual({ kind: 'missing' })
    expect(await on.storage.answerApproval({ ...answer, run: 'nobody' as RunId })).toEqual({ kind: 'missing' })
    expect(await on.storage.getApproval(n.run, n.approval)).toBeNull()
    await on.storage.append({ run: n.run, epoch: 1, events: [asked(2, n.approval)] })
    await finish(on.storage, n.run, 'cancelled', 3)
    expect(await on.storage.answerApproval(answer)).toMatchObject({ kind: 'expired', approval: { state: 'expired' } })
    expect(await on.storage.getRun(n.run)).toMatchObject({ waiting: false })
    await on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })
  })
}
