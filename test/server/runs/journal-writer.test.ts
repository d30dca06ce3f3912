/** Carrying a run's events to a store that is slow, full, refuses, or has given the run to somebody else. */
import { describe, expect, it } from 'vitest'
import { createJournalWriter } from '../../../src/server/runs/journal-writer.ts'
import type { Batch } from '../../../src/server/runs/journal-writer.ts'
import { FencedError, StorageError } from '../../../src/server/storage/storage.ts'
import type { AppendInput, EndInput } from '../../../src/server/storage/storage.ts'
import type { PartId, RunId } from '../../../src/shared/ids.ts'
import type { Counters, Run, RunEvent, Transcript } from '../../../src/shared/protocol.ts'
import { createManualClock, settlePromises } from '../../support/manual-clock.ts'
import { recordRun } from '../../support/recorded-run.ts'

const run = 'run-1' as RunId
const row: Run = recordRun().row()
const counters: Counters = { usage: { outputTokens: 7 }, modelCalls: 1, toolCalls: 0, messages: 1 }
/** Told apart by what it folds to. */
const foldedTo = (seq: number) => ({ lastSeq: seq }) as Transcript
const delta = (seq: number, text = 'x'): RunEvent => ({ type: 'part.delta', seq, at: 1, part: 'p1' as PartId, field: 'text', off: 0, text })
const batch = (from: number, to = from, more: Partial<Batch> = {}): Batch =>
  ({ events: Array.from({ length: to - from + 1 }, (_, i) => delta(from + i)), folded: foldedTo(to), waiting: false, ...more })
const seqsOf = (input: AppendInput) => input.events.map((event) => event.seq)

/** A writer in front of a store that answers only when the test says so. */
function desk() {
  const clock = createManualClock(0)
  const calls: { readonly kind: 'append' | 'end'; readonly input: AppendInput & Partial<EndInput>; readonly take: (first?: boolean) => Promise<void>; readonly fail: (error: Error) => Promise<void> }[] = []
  const committed: number[] = []
  const logged: { readonly level: string; readonly details: object }[] = []
  let fences = 0
  let held = 0
  const call = <T>(kind: 'append' | 'end', input: AppendInput, answer: (first: boolean) => T) => new Promise<T>((resolve, reject) => {
    calls.push({
      kind, input,
      take: async (first = true) => { resolve(answer(first)); await settlePromises() },
      fail: async (error) => { reject(error); await settlePromises() },
    })
  })
  const writer = createJournalWriter({
    run, epoch: 3, clock,
    storage: { append: (input) => call('append', input, () => undefined), end: (input) => call('end', input, (first) => ({ first, run: row })) },
    log: { debug: () => {}, info: () => {}, warn: (details: unknown) => void logged.push({ level: 'warn', details: details as object }), error: (details: unknown) => void logged.push({ level: 'error', details: details as object }) },
    onCommitted: (folded) => void committed.push(folded.lastSeq),
    onHeld: () => { held += 1 },
    onFenced: () => { fences += 1 },
  })
  const call_ = (n: number) => calls[n] ?? (() => { throw new Error(`there was no call ${n}`) })()
  return { writer, clock, calls, call: call_, committed, logged, fences: () => fences, held: () => held }
}
/** What a promise has come to, without waiting for it. */
async function stateOf<T>(promise: Promise<T>): Promise<T | 'open'> {
  await settlePromises()
  return Promise.race([promise, Promise.resolve('open' as const)])
}
const full = new StorageError('The disk is full (scripted)', { retryable: true, full: true })
const away = new StorageError('The store does not answer (scripted)', { retryable: true })
const refused = new StorageError('The database refused (scripted)', { retryable: false })
const fenced = new FencedError('Another epoch holds the run (scripted)')

describe('the way to the journal', () => {
  it('is one append at a time, in order; what gathers meanwhile is the next batch', async () => {
    const { writer, calls, call, committed } = desk()
    writer.append(batch(2))
    writer.append(batch(3))
    writer.append(batch(4, 5))
    expect(calls.map(({ input }) => [input.run, input.epoch, seqsOf(input)])).toEqual([[run, 3, [2]]])
    expect(committed).toEqual([])
    await call(0).take()
    expect(committed).toEqual([2])
    expect(calls.map(({ kind, input }) => [kind, seqsOf(input)])).toEqual([['append', [2]], ['append', [3, 4, 5]]])
    await call(1).take()
    expect(committed).toEqual([2, 5])
    writer.append(batch(6))
    expect(seqsOf(call(2).input)).toEqual([6])
    await call(2).take()
    expect(committed).toEqual([2, 5, 6])
  })

  it('takes no more into a batch that has 256 events', async () => {
    const { writer, calls, call } = desk()
    writer.append(batch(2))
    writer.append(batch(3, 257))
    writer.append(batch(258))
    writer.append(batch(259))
    writer.append(batch(260))
    await call(0).take()
    await call(1).take()
    expect(calls.map(({ input }) => [input.events[0]?.seq, input.events.at(-1)?.seq])).toEqual([[2, 2], [3, 258], [259, 260]])
  })

  it('joins batches without changing them, with the newest counters and the newest word on who is waited for', async () => {
    const { writer, call } = desk()
    const [first, second, third] = [batch(2), batch(3, 3, { counters, waiting: true }), batch(4)]
    for (const one of [first, second, third]) writer.append(one)
    await call(0).take()
    expect(call(0).input).not.toHaveProperty('counters')
    expect(call(1).input).toMatchObject({ counters, waiting: false })
    expect(call(1).input).not.toHaveProperty('folded')
    expect([first, second, third].map((one) => one.events.length)).toEqual([1, 1, 1])
  })
})

describe('the end', () => {
  it('goes with the last batch, and tells what the run has become', async () => {
    const { writer, calls, call, committed } = desk()
    writer.append(batch(2))
    writer.append(batch(3))
    const error = { code: 'idle', message: 'It fell silent.', retryable: true }
    const ended = writer.end(batch(4, 5), { outcome: 'failed', error })
    await call(0).take()
    expect(calls.map(({ kind, input }) => [kind, seqsOf(input)])).toEqual([['append', [2]], ['end', [3, 4, 5]]])
    expect(call(1).input).toMatchObject({ run, epoch: 3, outcome: 'failed', error })
    expect(await stateOf(ended)).toBe('open')
    await call(1).take()
    expect(await ended).toBe(row)
    expect(committed).toEqual([2, 5])
  })

  it('waits its turn behind a batch that is full', async () => {
    const { writer, calls, call } = desk()
    writer.append(batch(2))
    writer.append(batch(3, 258))
    void writer.end(batch(259), { outcome: 'completed' })
    await call(0).take()
    await call(1).take()
    expect(calls.map(({ kind }) => kind)).toEqual(['append', 'append', 'end'])
  })

  it('that came second shows nothing, and tells how the run ended first', async () => {
    const { writer, call, committed } = desk()
    const ended = writer.end(batch(2), { outcome: 'cancelled' })
    await call(0).take(false)
    expect(await ended).toBe(row)
    expect(committed).toEqual([])
  })
})

describe('a store in trouble', () => {
  it('is given the same again, after 50 ms, doubling to 5 s, until it takes it; nothing is shown before', async () => {
    const { writer, clock, calls, call, committed, logged } = desk()
    writer.append(batch(2, 3))
    writer.append(batch(4))
    const waits: number[] = []
    for (let attempt = 0; attempt < 9; attempt++) {
      await call(attempt).fail(full)
      const before = clock.now()
      while (calls.length === attempt + 1) await clock.advance(50)
      waits.push(clock.now() - before)
    }
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    expect(new Set(calls.map(({ input }) => JSON.stringify(input))).size).toBe(1)
    expect(committed).toEqual([])
    expect(logged).toHaveLength(9)
    expect(logged[2]).toMatchObject({ level: 'error', details: { run, epoch: 3, err: full, events: 2, backlog: 3 * 101, retryInMs: 200 } })
    await call(9).take()
    expect(committed).toEqual([3])
    expect(seqsOf(call(10).input)).toEqual([4])
  })

  it('is named, each time it refuses, until it takes what it was given', async () => {
    const { writer, clock, call, held } = desk()
    expect(writer.held()).toBeNull()
    writer.append(batch(2))
    expect([writer.held(), held()]).toEqual([null, 0])
    await call(0).fail(full)
    expect([writer.held(), held()]).toEqual(['disk-full', 1])
    await clock.advance(50)
    await call(1).fail(away)
    expect([writer.held(), held()]).toEqual(['store', 2])
    await clock.advance(100)
    await call(2).take()
    expect([writer.held(), held()]).toEqual([null, 2])
  })

  it('is named too where it has not answered for 2 s', async () => {
    const { writer, clock, call } = desk()
    await clock.advance(10_000)
    writer.append(batch(2))
    await clock.advance(1_999)
    expect(writer.held()).toBeNull()
    await clock.advance(1)
    expect(writer.held()).toBe('store')
    await call(0).take()
    expect(writer.held()).toBeNull()
  })
})

describe.each([['has given the run to somebody else', fenced, 'warn'], ['refuses for good', refused, 'error'], ['fails in a way that nobody foresaw', new Error('a defect'), 'error']] as const)('a store that %s', (_name, error, level) => {
  it('is not asked again: the run is let go, once, with a word in the log', async () => {
    const { writer, clock, calls, call, committed, logged, fences } = desk()
    writer.append(batch(2))
    writer.append(batch(3))
    const ended = writer.end(batch(4), { outcome: 'completed' })
    await call(0).fail(error)
    await clock.advance(60_000)
    expect([calls.length, fences(), committed]).toEqual([1, 1, []])
    expect(await ended).toBeNull()
    expect(logged).toMatchObject([{ level, details: { run, epoch: 3, events: 1 } }])
    writer.append(batch(5))
    expect(await stateOf(writer.end(batch(6), { outcome: 'completed' }))).toBeNull()
    expect([calls.length, fences()]).toEqual([1, 1])
  })

  it('keeps no agent waiting for room', async () => {
    const { writer, call } = desk()
    writer.append(batch(2))
    writer.append(batch(3, 3, { events: [delta(3, 'x'.repeat(2_000_000))] }))
    const room = writer.room()
    expect(await stateOf(room)).toBe('open')
    await call(0).fail(error)
    expect(await stateOf(room)).toBeUndefined()
    expect(await stateOf(writer.room())).toBeUndefined()
  })
})

describe('room for more', () => {
  /** `count` characters of backlog; an event counts 100 beside its text. */
  const holding = (seq: number, count: number) => batch(seq, seq, { events: [delta(seq, 'x'.repeat(count - 100))] })

  it('is there below a million characters, and again as soon as the store has taken enough', async () => {
    const { writer, call } = desk()
    writer.append(holding(2, 400_000))
    writer.append(holding(3, 599_999))
    expect(await stateOf(writer.room())).toBeUndefined()
    writer.append(holding(4, 400_001))
    const [room, too] = [writer.room(), writer.room()]
    expect(await stateOf(room)).toBe('open')
    await call(0).take()
    expect(await stateOf(room)).toBe('open')
    await call(1).take()
    expect([await stateOf(room), await stateOf(too), await stateOf(writer.room())]).toEqual([undefined, undefined, undefined])
  })

  it('is not there at a million', async () => {
    const { writer, call } = desk()
    writer.append(holding(2, 1_000_000))
    const room = writer.room()
    expect(await stateOf(room)).toBe('open')
    await call(0).take()
    expect(await stateOf(room)).toBeUndefined()
  })

  it('is taken by every event, also one without text', async () => {
    const { writer } = desk()
    writer.append(batch(2, 2, { events: Array.from({ length: 5_000 }, (_, i) => ({ type: 'run.notice', seq: i + 2, at: 1, level: 'info', text: '' })) }))
    expect(await stateOf(writer.room())).toBe('open')
  })
})
