import { expect, test } from 'vitest'
import type { ApprovalId, MessageId, RunId } from '../../../src/shared/ids.ts'
import type { Message, RunEvent } from '../../../src/shared/protocol.ts'
import type { Subject } from './conformance.ts'
import { asked, hashOfAsked, delta, finish, heard, names, none, opened, over, replyOf, running, said, some, startOf } from './scene.ts'

/** What each write decides, to the letter: what it refuses and in which words, and what it tells to whom. */
export function rules(on: Subject): void {
  const refusal = (says: RegExp, more: object = {}) => ({ message: expect.stringMatching(says) as string, ...more })
  const kinds = (changes: readonly { readonly kind: string }[]) => changes.map(({ kind }) => kind)
  const answered = (seq: number, approval: ApprovalId): RunEvent => ({ type: 'approval.answered', seq, at: 2000 + seq, approval, decision: 'deny', by: 'me' })

  test('what is refused is refused with its cause, and as something that no repeat will mend', async () => {
    const n = names()
    await running(on.storage, n)
    const write = (epoch: number, events: readonly RunEvent[], run: RunId = n.run) => on.storage.append({ run, epoch, events })
    await expect(write(1, [said(2, n.reply)], n.run2)).rejects.toMatchObject(refusal(/no run/))
    await expect(write(7, [said(2, n.reply)])).rejects.toMatchObject(refusal(/is at epoch 1; epoch 7/))
    await expect(write(1, [said(9, n.reply)])).rejects.toMatchObject(refusal(/event 9 would leave a hole after 1/, { retryable: false }))
    await write(1, [said(2, n.reply)])
    await on.storage.claim({ owner: 'heir', leaseMs: 60_000, all: true })
    await expect(write(2, [said(2, n.reply)])).rejects.toMatchObject(refusal(/event 2 was written by an earlier owner.*go on from 3/, { retryable: false }))
    const settle = (run: RunId, messages: readonly Message[]) => on.storage.settle({ run, messages, counters: none, notices: [] })
    await expect(settle(n.run2, [])).rejects.toMatchObject(refusal(/no run/, { retryable: false }))
    await expect(settle(n.run, [])).rejects.toMatchObject(refusal(/has not ended/, { retryable: false }))
    await on.storage.end({ run: n.run, epoch: 2, events: [over(3)], outcome: 'completed' })
    await expect(write(2, [opened(4, n.reply)])).rejects.toMatchObject(refusal(/has ended \(completed\)/))
    const reply = replyOf(n, n.human)
    await expect(settle(n.run, [reply, reply])).rejects.toMatchObject(refusal(/has a message .* already/, { retryable: false }))
    expect(await settle(n.run, [reply])).toMatchObject({ settled: true })
  })

  test('of the run is told what is new of it: counters, or that it waits or waits no more', async () => {
    const n = names()
    await running(on.storage, n)
    const told = (more: object, ...events: RunEvent[]) => heard(on.storage, () => on.storage.append({ run: n.run, epoch: 1, events, ...more }))
    expect(kinds(await told({}, said(2, n.reply)))).toEqual(['events'])
    expect(kinds(await told({ counters: some }))).toEqual(['run'])
    expect(await on.storage.getRun(n.run)).toMatchObject({ ...some, lastSeq: 2 })
    expect(kinds(await told({ waiting: false }))).toEqual([])
    expect(await told({ waiting: true })).toMatchObject([{ kind: 'run', run: { waiting: true } }])
    expect(kinds(await told({ waiting: true }, opened(3, n.reply)))).toEqual(['events'])
  })

  test('a repeat of what lies further back moves nothing', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), opened(3, n.reply)] })
    expect(await heard(on.storage, () => on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)] }))).toEqual([])
    expect(await on.storage.getRun(n.run)).toMatchObject({ lastSeq: 3 })
  })

  test('a run waits until the last of its questions is answered, whichever way the answer comes', async () => {
    const n = names()
    const [first, second, third] = [n.approval, `${n.approval}-2` as ApprovalId, `${n.approval}-3` as ApprovalId]
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [asked(2, first), asked(3, second), asked(4, third)] })
    const changes = await heard(on.storage, async () => {
      const result = await on.storage.answerApproval({ run: n.run, approval: first, inputHash: hashOfAsked, decision: 'approve', by: 'me', at: 5000 })
      expect(result).toMatchObject({ kind: 'answered' })
      expect('approval' in result && 'note' in result.approval).toBe(false)
    })
    expect(changes).toMatchObject([{ kind: 'answer' }, { kind: 'run', run: { waiting: true } }])
    expect('note' in (changes[0] ?? {})).toBe(false)
    await on.storage.append({ run: n.run, epoch: 1, events: [answered(5, second), answered(6, `${n.approval}-unknown` as ApprovalId)] })
    expect(await on.storage.getRun(n.run)).toMatchObject({ waiting: true })
    const recorded = await on.storage.getApproval(n.run, second)
    expect(recorded).toMatchObject({ state: 'answered', decision: 'deny', answeredAt: 2005 })
    expect(recorded !== null && 'note' in recorded).toBe(false)
    await on.storage.append({ run: n.run, epoch: 1, events: [answered(7, third)] })
    expect(await on.storage.getRun(n.run)).toMatchObject({ waiting: false })
  })

  test('an end is the same only where it is the same to the last word', async () => {
    const n = names()
    await running(on.storage, n)
    const events = [said(2, n.reply), opened(3, n.reply), over(4)]
    const end = { run: n.run, epoch: 1, events, outcome: 'completed' as const }
    expect(await on.storage.end(end)).toMatchObject({ first: true })
    expect(await on.storage.end(end)).toMatchObject({ first: true })
    const last = over(4) as Extract<RunEvent, { type: 'stream_end' }>
    const others = [
      { ...end, outcome: 'cancelled' as const },
      { ...end, events: [{ ...last, seq: 5 }] },
      { ...end, events: [{ ...last, usage: { inputTokens: 1 } }] },
      { ...end, events: [{ ...last, at: 1 }] },
      { ...end, events: [] },
    ]
    for (const other of others) expect(await on.storage.end(other)).toMatchObject({ first: false, run: { outcome: 'completed' } })
  })

  test('what waits behind a run that failed is paused, and everybody is told', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.start(startOf(n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And then?' }] }, fingerprint: 'then', ifBusy: 'queue' }))
    const changes = await heard(on.storage, () => finish(on.storage, n.run, 'failed'))
    expect(changes).toMatchObject([{ kind: 'events' }, { kind: 'run' }, { kind: 'thread', thread: { id: n.thread, queue: { paused: 'failed', messages: [{ id: n.human2 }] } } }])
  })

  test('the question may come with what is saved, and an answer may be of many messages', async () => {
    const n = names()
    await running(on.storage, n)
    await finish(on.storage, n.run)
    const question = (await on.storage.messages(n.thread, { limit: 10 }))?.messages[0] as Message
    const replies = [replyOf(n, n.human, 'One'), replyOf({ run: n.run, reply: n.reply2 }, n.reply, 'Two')]
    await on.storage.settle({ run: n.run, messages: [question, ...replies], counters: none, notices: [] })
    expect((await on.storage.messages(n.thread, { limit: 10 }))?.messages.map(({ id }) => id)).toEqual<MessageId[]>([n.human, n.reply, n.reply2])
  })

  test('a journal that does not follow from itself is never folded', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), delta(3, 7, 'what came before is missing')] })
    await finish(on.storage, n.run, 'completed', 4)
    await on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })
    const whole = await on.storage.read(n.run, 0, 10)
    while ((await on.storage.foldJournals({ olderThanMs: 0, limit: 100 })) > 0);
    expect(await on.storage.folded(n.run)).toBeNull()
    expect(await on.storage.read(n.run, 0, 10)).toEqual(whole)
    expect(whole).toHaveLength(4)
  })

  test('Stop is answered with a run that is being stopped', async () => {
    const n = names()
    await running(on.storage, n)
    expect(await on.storage.requestStop({ run: n.run, by: 'me' })).toMatchObject({ id: n.run, status: 'cancelling' })
  })
}
