import { expect, test } from 'vitest'
import type { MessageId, RunId } from '../../../src/shared/ids.ts'
import { outcomes } from '../../../src/shared/protocol.ts'
import { FencedError, StorageError } from '../../../src/server/storage/storage.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import type { Subject } from './conformance.ts'
import { delta, finish, heard, names, none, opened, over, replyOf, running, said, some, startOf, wholeTurn } from './scene.ts'

export function endings(on: Subject): void {
  test.each(outcomes)('a run ends %s, then is settled', async (outcome) => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), opened(3, n.reply), delta(4, 0, 'Hi')] })
    const error = outcome === 'failed' ? { error: { code: 'idle', message: 'It fell silent.', retryable: true } } : {}
    const changes = await heard(on.storage, async () => {
      const ended = await on.storage.end({ run: n.run, epoch: 1, events: [over(5, outcome)], outcome, ...error, counters: some })
      expect(ended).toMatchObject({ first: true, run: { status: 'settling', outcome, settled: false, endedAt: 9005, lastSeq: 5, ...error, ...some } })
    })
    expect(changes).toMatchObject([{ kind: 'events', events: [over(5, outcome)] }, { kind: 'run', run: { status: 'settling' } }])
    expect(await on.storage.getThread(n.thread)).toMatchObject({ unread: false, activeRun: { id: n.run, status: 'settling' } })

    const reply = replyOf(n, n.human)
    const notices = [{ level: 'info' as const, text: 'note', at: 3 }]
    const told = await heard(on.storage, async () => {
      const settled = await on.storage.settle({ run: n.run, messages: [reply], counters: { ...some, modelCalls: 9 }, notices })
      expect(settled).toMatchObject({ status: outcome, outcome, settled: true, modelCalls: 9, notices })
    })
    expect(told).toMatchObject([{ kind: 'run', run: { settled: true } }, { kind: 'thread', thread: { id: n.thread, unread: true, activeRun: null } }])
    const page = await on.storage.messages(n.thread, { limit: 10 })
    expect(page).toMatchObject({ activeRun: null, before: null, runs: [{ id: n.run, settled: true }] })
    expect(page?.messages[1]).toEqual(reply)
  })

  test('the first outcome wins; what comes later changes nothing', async () => {
    const n = names()
    await running(on.storage, n)
    await finish(on.storage, n.run, 'completed')
    const changes = await heard(on.storage, async () => {
      expect(await on.storage.end({ run: n.run, epoch: 1, events: [over(2, 'cancelled')], outcome: 'cancelled' })).toMatchObject({ first: false, run: { outcome: 'completed' } })
      expect(await on.storage.end({ run: n.run, epoch: 1, events: [over(3, 'completed')], outcome: 'completed' })).toMatchObject({ first: false, run: { outcome: 'completed' } })
    })
    expect(changes).toEqual([])
    expect(await on.storage.read(n.run, 1, 10)).toEqual([over(2)])
  })

  test('an end that landed but reported failure may be repeated as it was', async () => {
    const n = names()
    await running(on.storage, n)
    const end = { run: n.run, epoch: 1, events: [said(2, n.reply), over(3)], outcome: 'completed' as const }
    const first = await on.storage.end(end)
    expect(await heard(on.storage, async () => expect(await on.storage.end(end)).toEqual(first))).toEqual([])
    await on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })
    expect(await on.storage.end(end)).toMatchObject({ first: true, run: { status: 'completed', lastSeq: 3 } })
  })

  test('an end may repeat the tail of the journal before it', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)] })
    expect(await on.storage.end({ run: n.run, epoch: 1, events: [said(2, n.reply), over(3)], outcome: 'completed' })).toMatchObject({ first: true, run: { lastSeq: 3 } })
  })

  test('ten ends at once: one wins and the journal has one end', async () => {
    const n = names()
    await running(on.storage, n)
    const results = await Promise.all(Array.from({ length: 10 }, (_, i) => {
      const outcome = outcomes[i % 4] ?? 'failed'
      return on.storage.end({ run: n.run, epoch: 1, events: [{ ...over(2, outcome), at: 9000 + i }], outcome })
    }))
    expect(results.map((result) => result.first)).toEqual([true, ...Array.from({ length: 9 }, () => false)])
    expect((await on.storage.read(n.run, 1, 10)).map((event) => event.type)).toEqual(['stream_end'])
  })

  test('an end with an old epoch is fenced, before and after the run has ended; one with a hole is refused', async () => {
    const n = names()
    await running(on.storage, n)
    await expect(on.storage.end({ run: n.run, epoch: 1, events: [over(3)], outcome: 'failed' })).rejects.toThrow(StorageError)
    const old = () => on.storage.end({ run: n.run, epoch: 0, events: [over(2, 'failed')], outcome: 'failed' })
    await expect(old()).rejects.toThrow(FencedError)
    await finish(on.storage, n.run)
    await expect(old()).rejects.toThrow(FencedError)
  })

  test('settling twice is settling once', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    await on.storage.patchThread(n.thread, { seen: true })
    const changes = await heard(on.storage, () => on.storage.settle({ run: n.run, messages: [replyOf(n, n.human)], counters: none, notices: [] }))
    expect(changes).toEqual([])
    expect(await on.storage.getThread(n.thread)).toMatchObject({ unread: false })
    expect((await on.storage.messages(n.thread, { limit: 10 }))?.messages).toHaveLength(2)
    expect(await on.storage.getRun(n.run)).toMatchObject(some)
  })

  test('a run that has not ended, or is not, cannot be settled', async () => {
    const n = names()
    await running(on.storage, n)
    await expect(on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })).rejects.toThrow(StorageError)
    await expect(on.storage.settle({ run: 'nobody' as RunId, messages: [], counters: none, notices: [] })).rejects.toThrow(StorageError)
  })

  test('a reply under an id that the thread has already is refused whole', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    await running(on.storage, n, { run: n.run2, message: { regenerate: n.human } })
    await finish(on.storage, n.run2)
    const twice = [replyOf({ run: n.run2, reply: n.reply2 }, n.human), replyOf({ run: n.run2, reply: n.reply }, n.reply2)]
    await expect(on.storage.settle({ run: n.run2, messages: twice, counters: none, notices: [] })).rejects.toThrow(StorageError)
    expect((await on.storage.messages(n.thread, { limit: 10 }))?.messages).toHaveLength(2)
    expect(await on.storage.getRun(n.run2)).toMatchObject({ settled: false })
  })

  test('a lease that ran out is taken over at the next epoch, and the old owner is fenced', async () => {
    const n = names()
    await running(on.storage, n, { leaseMs: 0 })
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)] })
    await on.storage.requestStop({ run: n.run, by: 'left tab' })
    const { orphans } = await on.storage.claim({ owner: 'heir', leaseMs: 60_000 })
    expect(orphans.find((orphan) => orphan.run.id === n.run)).toMatchObject({ epoch: 2, stopRequestedBy: 'left tab', run: { status: 'cancelling', lastSeq: 2 } })
    await expect(on.storage.append({ run: n.run, epoch: 1, events: [opened(3, n.reply)] })).rejects.toThrow(FencedError)
    await expect(on.storage.append({ run: n.run, epoch: 2, events: [said(2, n.reply)] })).rejects.toThrow(StorageError)
    await on.storage.append({ run: n.run, epoch: 2, events: [opened(3, n.reply)] })
    expect(await on.storage.renew({ owner: n.owner, leaseMs: 60_000, runs: [n.run] })).toEqual([n.run])
    expect((await on.storage.claim({ owner: 'third', leaseMs: 60_000 })).orphans.filter((orphan) => orphan.run.id === n.run)).toEqual([])
    await expect(on.storage.end({ run: n.run, epoch: 1, events: [over(4)], outcome: 'completed' })).rejects.toThrow(FencedError)
    expect(await on.storage.end({ run: n.run, epoch: 2, events: [over(4, 'cancelled')], outcome: 'cancelled' })).toMatchObject({ first: true })
  })

  test('a renewed lease holds', async () => {
    const n = names()
    await running(on.storage, n, { leaseMs: 0 })
    expect(await on.storage.renew({ owner: n.owner, leaseMs: 60_000, runs: [n.run, 'nobody' as RunId] })).toEqual(['nobody'])
    const { orphans } = await on.storage.claim({ owner: 'heir', leaseMs: 60_000 })
    expect(orphans.map((orphan) => orphan.run.id)).not.toContain(n.run)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)] })
  })

  test('a run that the claimer is driving is not taken, though its lease ran out', async () => {
    const [driven, left] = [names(), names()]
    await running(on.storage, driven, { owner: 'driver', leaseMs: 0 })
    await running(on.storage, left, { owner: 'driver', leaseMs: 0 })
    const { orphans } = await on.storage.claim({ owner: 'driver', leaseMs: 60_000, held: [driven.run] })
    const orphaned = orphans.map((orphan) => orphan.run.id)
    expect(orphaned).toContain(left.run)
    expect(orphaned).not.toContain(driven.run)
    await on.storage.append({ run: driven.run, epoch: 1, events: [said(2, driven.reply)] })
  })

  test('at boot every run of another owner is taken, its own are not, and those left unsettled are named', async () => {
    const [live, mine, ended, settled] = [names(), names(), names(), names()]
    await running(on.storage, live)
    await running(on.storage, mine, { owner: 'booting' })
    await running(on.storage, ended)
    await finish(on.storage, ended.run)
    await wholeTurn(on.storage, settled)
    const { orphans, unsettled } = await on.storage.claim({ owner: 'booting', leaseMs: 60_000, all: true })
    const orphaned = orphans.map((orphan) => orphan.run.id)
    expect(orphaned).toContain(live.run)
    expect(orphaned).not.toContain(mine.run)
    expect(orphaned).not.toContain(ended.run)
    expect(orphans.find((orphan) => orphan.run.id === live.run)).toMatchObject({ epoch: 2, stopRequestedBy: null })
    const left = unsettled.map((run) => run.id)
    expect(left).toContain(ended.run)
    expect(left).not.toContain(settled.run)
    expect(left).not.toContain(live.run)
  })

  test('totals count every outcome, by model and by outcome, with runs under way only where asked', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    await running(on.storage, n, { run: n.run2, model: null, message: { id: n.human2, parts: [{ kind: 'text', text: 'x' }] } })
    await on.storage.append({ run: n.run2, epoch: 1, events: [said(2, n.reply2)], counters: { usage: { inputTokens: 1, cost: 0.5 }, modelCalls: 1, toolCalls: 0, messages: 0 } })
    const settledOnly = { usage: { inputTokens: 5, outputTokens: 7 }, modelCalls: 1, toolCalls: 2, messages: 1, runs: 1 }
    expect(await on.storage.usage(n.thread, false)).toEqual({ total: settledOnly, byModel: { small: settledOnly }, byOutcome: { completed: settledOnly } })
    const active = { usage: { inputTokens: 1, cost: 0.5 }, modelCalls: 1, toolCalls: 0, messages: 0, runs: 1 }
    expect(await on.storage.usage(n.thread, true)).toEqual({
      total: { usage: { inputTokens: 6, outputTokens: 7, cost: 0.5 }, modelCalls: 2, toolCalls: 2, messages: 1, runs: 2 },
      byModel: { small: settledOnly, demo: active },
      byOutcome: { completed: settledOnly, active },
    })
    await finish(on.storage, n.run2, 'cancelled', 3)
    expect((await on.storage.usage(n.thread, false))?.byOutcome).toEqual({ completed: settledOnly, cancelled: active })
    expect(await on.storage.usage('nobody' as typeof n.thread, true)).toBeNull()
  })

  test('a thread in pages: oldest first, each message once, with the runs that answer or wrote them', async () => {
    const n = names()
    const turns = Array.from({ length: 5 }, (_, i) => ({ ...n, run: `${n.run}-t${i}` as RunId, human: `${n.human}-t${i}` as MessageId, reply: `${n.reply}-t${i}` as MessageId }))
    for (const turn of turns) await wholeTurn(on.storage, turn)
    const expected = turns.flatMap((turn) => [turn.human, turn.reply])
    const seen: string[] = []
    let before: string | undefined
    do {
      const page = await on.storage.messages(n.thread, { limit: 3, ...(before === undefined ? {} : { before }) })
      seen.unshift(...(page?.messages ?? []).map((message) => message.id))
      for (const message of page?.messages ?? []) expect(page?.runs.map((run) => run.id)).toContain(message.run)
      before = page?.before ?? undefined
    } while (before !== undefined)
    expect(seen).toEqual(expected)
  })

  test('a thread from any message on: what stands around it, then on to both ends', async () => {
    const n = names()
    const turns = Array.from({ length: 6 }, (_, i) => ({ ...n, run: `${n.run}-a${i}` as RunId, human: `${n.human}-a${i}` as MessageId, reply: `${n.reply}-a${i}` as MessageId }))
    for (const turn of turns) await wholeTurn(on.storage, turn)
    const all = turns.flatMap((turn) => [turn.human, turn.reply])
    for (const middle of all) {
      const around = await on.storage.messages(n.thread, { limit: 5, around: middle })
      const seen = (around?.messages ?? []).map((message) => message.id)
      expect(seen).toContain(middle)
      expect(seen.length).toBeLessThanOrEqual(5)
      for (const message of around?.messages ?? []) expect(around?.runs.map((run) => run.id)).toContain(message.run)
      for (let before = around?.before ?? null; before !== null;) {
        const page = await on.storage.messages(n.thread, { limit: 2, before })
        seen.unshift(...(page?.messages ?? []).map((message) => message.id))
        before = page?.before ?? null
      }
      for (let after = around?.after ?? null; after !== null;) {
        const page = await on.storage.messages(n.thread, { limit: 2, after })
        seen.push(...(page?.messages ?? []).map((message) => message.id))
        after = page?.after ?? null
      }
      expect(seen).toEqual(all)
    }
    expect(await on.storage.messages(n.thread, { limit: 5, around: 'nobody' as MessageId })).toBeNull()
    expect((await on.storage.messages(n.thread, { limit: 3 }))?.after).toBeNull()
  })

  test('words are found in their thread, newest first, whatever their case; without words, what people said', async () => {
    const n = names()
    const turns = Array.from({ length: 4 }, (_, i) => ({ ...n, run: `${n.run}-f${i}` as RunId, human: `${n.human}-f${i}` as MessageId, reply: `${n.reply}-f${i}` as MessageId }))
    for (const [i, turn] of turns.entries()) {
      await wholeTurn(on.storage, turn, { run: turn.run, message: { id: turn.human, parts: [{ kind: 'text', text: `${'word '.repeat(i * 40)}Needle 50%_ ${i}` }] } })
    }
    const find = async (text: string | undefined, limit = 10, before?: string) => on.storage.find(n.thread, { text, limit, before })
    expect((await find('nEEDLE 50%_'))?.hits.map((hit) => hit.message)).toEqual(turns.map((turn) => turn.human).toReversed())
    expect((await find('needle'))?.hits[0]?.excerpt).toMatch(/^….*Needle 50%_ 3$/)
    expect((await find('hi'))?.hits.map((hit) => hit.role)).toEqual(Array(4).fill('assistant'))
    expect(await find('no such words')).toEqual({ hits: [], before: null })
    const questions = await find(undefined, 3)
    expect(questions?.hits.map((hit) => hit.message)).toEqual(turns.slice(1).map((turn) => turn.human).toReversed())
    expect(questions?.hits[0]?.excerpt).toMatch(/^word word .*…$/)
    expect((await find(undefined, 3, questions?.before ?? ''))?.hits.map((hit) => hit.message)).toEqual([turns[0]?.human])
    expect(await on.storage.find('nobody' as typeof n.thread, { limit: 1 })).toBeNull()
  })

  test('a page names the runs that left no message, the newest run of a message last', async () => {
    const n = names()
    await running(on.storage, n)
    await finish(on.storage, n.run, 'failed')
    await on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })
    await running(on.storage, n, { run: n.run2, message: { regenerate: n.human } })
    await finish(on.storage, n.run2, 'cancelled')
    await on.storage.settle({ run: n.run2, messages: [], counters: none, notices: [] })
    const page = await on.storage.messages(n.thread, { limit: 10 })
    expect(page?.runs.map((run) => [run.id, run.status])).toEqual([[n.run, 'failed'], [n.run2, 'cancelled']])
  })

  test('runs are listed newest first, in pages, by status', async () => {
    const n = names()
    const ids = Array.from({ length: 5 }, (_, i) => `${n.run}-l${i}` as RunId)
    for (const [i, run] of ids.entries()) {
      await running(on.storage, n, { run, message: { id: `${n.human}-l${i}` as MessageId, parts: [{ kind: 'text', text: 'x' }] } })
      await finish(on.storage, run, i % 2 === 0 ? 'completed' : 'failed')
      await on.storage.settle({ run, messages: [], counters: none, notices: [] })
    }
    const first = await on.storage.listRuns(n.thread, { limit: 3 })
    expect(first?.runs.map((run) => run.id)).toEqual([ids[4], ids[3], ids[2]])
    const second = await on.storage.listRuns(n.thread, { limit: 3, before: first?.before ?? '' })
    expect(second).toMatchObject({ runs: [{ id: ids[1] }, { id: ids[0] }], before: null })
    expect((await on.storage.listRuns(n.thread, { limit: 9, status: 'failed' }))?.runs.map((run) => run.id)).toEqual([ids[3], ids[1]])
    expect(await on.storage.listRuns('nobody' as typeof n.thread, { limit: 3 })).toBeNull()
    expect(await on.storage.start(startOf(n, { run: n.run3, message: { id: n.human3, parts: [{ kind: 'text', text: 'x' }] } }))).toMatchObject({ kind: 'started' })
  })

  test('a settled journal is folded into one row when it is old enough, and stream_end stays an event', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), opened(3, n.reply), delta(4, 0, 'Hi')] })
    await on.storage.end({ run: n.run, epoch: 1, events: [over(5)], outcome: 'completed', counters: some })
    const whole = await on.storage.read(n.run, 0, 10)
    await on.storage.foldJournals({ olderThanMs: 0, limit: 100 })
    expect(await on.storage.folded(n.run)).toBeNull() // not settled yet
    await on.storage.settle({ run: n.run, messages: [replyOf(n, n.human)], counters: some, notices: [] })
    await on.storage.foldJournals({ olderThanMs: 10 ** 12 * 5, limit: 100 })
    expect(await on.storage.folded(n.run)).toBeNull() // not old enough
    expect(await on.storage.foldJournals({ olderThanMs: 0, limit: 1 })).toBe(1)
    while ((await on.storage.foldJournals({ olderThanMs: 0, limit: 100 })) > 0);
    expect(await on.storage.folded(n.run)).toEqual(foldEvents(whole.slice(0, -1)))
    for (const after of [0, 2, 4]) expect(await on.storage.read(n.run, after, 10)).toEqual(whole.slice(-1))
    expect(await on.storage.read(n.run, 5, 10)).toEqual([])
    expect((await on.storage.messages(n.thread, { limit: 10 }))?.messages.at(-1)).toEqual(replyOf(n, n.human))
  })
}
