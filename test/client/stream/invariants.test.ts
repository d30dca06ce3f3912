/** The thirteen invariants of SPEC.md, by number. */
import { expect, test, vi } from 'vitest'
import type { ApprovalId, MessageId, PartId } from '../../../src/shared/ids.ts'
import type { EventDraft, RunEvent, Transcript } from '../../../src/shared/protocol.ts'
import { covers } from '../../../src/shared/covers.ts'
import { applyEvent, foldEvents } from '../../../src/shared/transcript.ts'
import { ApiError } from '../../../src/client/api/api.ts'
import { createFetchApi } from '../../../src/client/api/fetch-api.ts'
import { recordRun } from '../../support/recorded-run.ts'
import { createStreamPage } from './stream-page.ts'

const recorded = recordRun()
const end = recorded.events.length

async function streamingPage(seq: number) {
  const page = createStreamPage(recorded)
  const token = page.follow()
  page.transport.latest().opened()
  page.transport.latest().frame(recorded.snapshot(seq))
  await page.settle()
  return { ...page, token }
}

test('invariant 1: finalize happens at most once, and nothing is scheduled or drawn after it', async () => {
  const page = await streamingPage(3)
  const attempt = page.transport.latest()
  attempt.frame(...recorded.frames(3))
  await page.clock.advance(180)
  expect(page.finales()).toHaveLength(1)
  const said = page.sink.said.length
  const requests = page.requests.length
  attempt.rogue.frame(recorded.frame(end))
  attempt.rogue.closed({ kind: 'lost', reason: 'late' })
  page.lifecycle.send({ type: 'stirred' })
  page.streams.hint(recorded.run)
  page.streams.loggedIn()
  await page.clock.advance(600_000)
  expect(page.sink.said.length).toBe(said)
  expect(page.requests.length).toBe(requests)
  expect(page.clock.pending()).toBe(0)
})

test('invariant 2: only the owner changes shared state; an older attempt changes nothing', async () => {
  const page = await streamingPage(3)
  const old = page.transport.latest()
  old.closed({ kind: 'lost', reason: 'cut' })
  await page.clock.advance(250)
  const said = page.sink.said.length
  old.rogue.opened()
  old.rogue.frame(recorded.frame(4))
  old.rogue.frame({ type: 'bye', retryMs: 60_000 })
  old.rogue.closed({ kind: 'refused', message: 'late' })
  await page.settle()
  expect(page.sink.said.length).toBe(said)
  expect(page.shown()?.cursor.seq).toBe(3)
  expect(page.transport.latest().isOpen()).toBe(true)
  expect(page.log).toContain('late frame dropped')
  expect(page.log).toContain('late news dropped')
})

test('invariant 3: a close is never an outcome, and stream_end is never permission to clear', async () => {
  const page = await streamingPage(end - 1)
  for (let cut = 0; cut < 5; cut++) {
    page.transport.latest().closed({ kind: 'lost', reason: 'EOF' })
    await page.clock.advance(15_000)
  }
  expect(page.finales()).toEqual([])
  page.record.run = () => recorded.row({ settled: false, status: 'settling' })
  page.transport.latest().frame(recorded.frame(end))
  await page.clock.advance(120_000)
  expect(page.finales()).toEqual([])
  expect(page.shown()?.transcript).toEqual(recorded.transcript())
})

test('invariant 4: what is shown never shrinks, whatever snapshots and saved records say', async () => {
  const page = await streamingPage(9)
  page.transport.latest().frame({ type: 'reset', reason: 'lagging' }, recorded.snapshot(2), ...recorded.frames(2))
  // Saved, says the server, but what it saved is shorter than what is shown.
  page.record.saved = () => recorded.transcript(8).messages
  await page.clock.advance(60_000)
  expect(page.finales()).toEqual([])
  page.record.saved = recorded.messages
  await page.clock.advance(15_000)
  const views = page.views()
  for (const [index, view] of views.entries()) {
    expect(covers(view.transcript.messages, views[index - 1]?.transcript.messages ?? [])).toBe(true)
  }
  expect(page.finales().map((one) => one.finale)).toEqual([{ kind: 'settled', run: recorded.row(), messages: recorded.messages() }])
})

test('invariant 5: text and cursor advance together, and a cursor belongs to one run and one incarnation', async () => {
  const page = await streamingPage(3)
  const attempt = page.transport.latest()
  for (const frame of recorded.frames(3, end - 1)) {
    attempt.frame(frame)
    await page.settle()
  }
  for (const { transcript, cursor } of page.views()) expect(transcript.lastSeq).toBe(cursor.seq)
  // An event of another life of the journal, and a snapshot of another run, are not mixed in.
  const seq = page.shown()?.cursor.seq
  attempt.frame(recordRun({ incarnation: 'inc2' }).frame(end))
  await page.settle()
  expect(page.transport.latest().after).toBeNull()
  page.transport.latest().opened()
  page.transport.latest().frame(recordRun({ run: 'run2' }).snapshot(end))
  await page.settle()
  expect(page.shown()?.cursor.seq).toBe(seq)
  expect(page.shown()?.transcript.run).toBe(recorded.run)
  // What the page shows of one run is no place to begin another from.
  const other = createStreamPage(recordRun({ run: 'run2' }))
  other.follow({ transcript: recorded.transcript(), cursor: { incarnation: recorded.incarnation, seq: end } })
  expect(other.transport.latest().after).toBeNull()
})

test('invariant 6: replay goes through the live path and is idempotent', async () => {
  const page = await streamingPage(3)
  const attempt = page.transport.latest()
  attempt.frame(...recorded.frames(0, 7), ...recorded.frames(2, 9), ...recorded.frames(0, 9))
  await page.settle()
  expect(page.transport.attempts).toHaveLength(1)
  expect(page.shown()?.transcript).toEqual(recorded.transcript(9))
  attempt.frame(recorded.snapshot(9), ...recorded.frames(0))
  await page.settle()
  expect(page.shown()?.transcript).toEqual(recorded.transcript())
})

test('invariant 7: while settling no rival reconnect is started, and a late terminal event beats a check in flight', async () => {
  const page = await streamingPage(3)
  page.transport.latest().frame(...recorded.frames(3))
  page.record.run = () => recorded.row({ settled: false, status: 'settling' })
  for (const reason of ['hidden', 'offline'] as const) {
    page.lifecycle.send({ type: 'paused', reason })
    page.lifecycle.send({ type: 'resumed', reason })
  }
  page.lifecycle.send({ type: 'stirred' })
  await page.clock.advance(30_000)
  expect(page.transport.attempts).toHaveLength(1)
  // A check is in flight when the person leaves: its answer comes too late to finalize anything.
  page.record.run = () => recorded.row()
  page.streams.hint(recorded.run)
  page.streams.release(recorded.thread)
  await page.clock.advance(30_000)
  expect(page.finales()).toEqual([])
})

test('invariant 8: a message sent inside the settling window starts its own run and controller, and the old finalizer leaves it alone', async () => {
  const page = await streamingPage(3)
  page.record.run = () => recorded.row({ settled: false, status: 'settling' })
  page.transport.latest().frame(...recorded.frames(3))
  await page.clock.advance(400)
  const second = recordRun({ run: 'run2' })
  const newer = page.streams.follow(second.thread, second.run, null)
  expect(newer.generation).toBeGreaterThan(page.token.generation)
  page.transport.latest().opened()
  page.transport.latest().frame(second.snapshot(4))
  await page.settle()
  page.record.run = () => recorded.row()
  await page.clock.advance(15_000)
  expect(page.finales().map((one) => [one.token, one.finale.kind])).toEqual([[page.token, 'settled']])
  expect(page.transport.latest().isOpen()).toBe(true)
  expect(page.stored.get('lg:stream:thread1')).toBe('run2')
  page.transport.latest().frame(second.frame(5))
  await page.settle()
  expect(page.sink.said.findLast((one) => one.kind === 'events')).toMatchObject({ token: newer, live: { cursor: { seq: 5 } } })
})

test('invariant 8: a run that is displaced before its end hangs up and still ends with its whole saved text', async () => {
  const page = await streamingPage(5)
  const first = page.transport.latest()
  const second = recordRun({ run: 'run2' })
  page.streams.follow(second.thread, second.run, null)
  expect(first.wasAborted()).toBe(true)
  expect(page.transport.openCount()).toBe(1)
  await page.clock.advance(180)
  expect(page.finales().map((one) => [one.token.run, one.finale.kind])).toEqual([['run1', 'settled']])
})

test('invariant 9: at most one connection, the latest attempt wins and the older is aborted first', async () => {
  const page = await streamingPage(3)
  page.lifecycle.send({ type: 'stirred' })
  page.lifecycle.send({ type: 'stirred' })
  for (let flick = 0; flick < 10; flick++) {
    page.lifecycle.send({ type: 'paused', reason: 'hidden' })
    page.lifecycle.send({ type: 'resumed', reason: 'hidden' })
  }
  expect(page.follow()).toBe(page.token) // followed already
  const elsewhere = recordRun({ run: 'run9', thread: 'thread9' })
  page.streams.follow(elsewhere.thread, elsewhere.run, null)
  await page.settle()
  expect(page.transport.mostOpen()).toBe(1)
  expect(page.transport.openCount()).toBe(1)
  expect(page.transport.latest().run).toBe('run9')
})

test('invariant 10: a retry never sends a POST again', async () => {
  const page = await streamingPage(3)
  page.record.cancel = () => Promise.reject(new Error('lost on the way'))
  await expect(page.streams.stop(recorded.run)).rejects.toThrow('lost on the way')
  for (let cut = 0; cut < 5; cut++) {
    page.transport.latest().closed({ kind: 'lost', reason: 'cut' })
    await page.clock.advance(15_000)
  }
  expect(page.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1)
  // Nor does the API of its own accord, whatever the failure.
  for (const answer of [() => Promise.reject(new TypeError('cut')), () => Promise.resolve(new Response('', { status: 503 })), () => Promise.resolve(new Response('<html>'))]) {
    const send = vi.fn<typeof fetch>(answer)
    const api = createFetchApi({ fetch: send })
    await expect(api.startRun(recorded.thread, { message: { id: 'm1', parts: [{ kind: 'text', text: 'Hi' }] } })).rejects.toBeInstanceOf(ApiError)
    expect(send).toHaveBeenCalledTimes(1)
  }
})

test('invariant 11: every timer, listener and connection is released in every final state', async () => {
  const ends: Record<string, (page: Awaited<ReturnType<typeof streamingPage>>) => void> = {
    settled: (page) => page.transport.latest().frame(...recorded.frames(3)),
    refused: (page) => page.transport.latest().closed({ kind: 'refused', message: 'gone' }),
    protocol: (page) => {
      for (let gap = 0; gap < 5; gap++) {
        page.transport.latest().closed({ kind: 'malformed', reason: 'junk' })
        page.lifecycle.send({ type: 'stirred' })
      }
    },
    superseded: (page) => {
      page.record.run = () => new ApiError('refused', 'unknown', { status: 404 })
      page.record.activeRun = recordRun({ run: 'run2' }).row({ settled: false, status: 'running' })
      page.transport.latest().frame(...recorded.frames(3))
    },
    released: (page) => page.streams.release(recorded.thread),
    disposed: (page) => page.streams.dispose(),
  }
  for (const [name, finish] of Object.entries(ends)) {
    const page = await streamingPage(3)
    finish(page)
    await page.clock.advance(60_000)
    expect([name, page.transport.openCount(), page.clock.pending()]).toEqual([name, 0, 0])
    page.streams.dispose()
    expect(page.lifecycle.listeners()).toBe(0)
  }
})

test('invariant 12: an approval prompt outlives neither its run nor its answer', async () => {
  const answer = `${recorded.run}-answer` as MessageId
  const part = 'p1' as PartId
  const approval = 'a1' as ApprovalId
  const drafts: EventDraft[] = [
    { type: 'message.started', at: 2, message: answer, role: 'assistant' },
    { type: 'part.started', at: 3, message: answer, part, kind: 'tool', name: 'rm', call: 'c' },
    { type: 'approval.requested', at: 4, approval, part, question: 'Delete it?', input: '{}', options: ['approve', 'deny'] },
  ]
  const asked: RunEvent[] = [recorded.events[0] as RunEvent, ...drafts.map((draft, index) => ({ ...draft, seq: index + 2 }) as RunEvent)]
  const stateOf = (transcript: Transcript | undefined) => {
    const tool = transcript?.messages.flatMap((message) => message.parts).find((one) => one.id === part)
    return tool?.kind === 'tool' ? tool.approval?.state : undefined
  }
  // Two tabs follow the run; somebody answers in one, and both hear of it by the journal.
  const tabs = [createStreamPage(recorded), createStreamPage(recorded)]
  for (const tab of tabs) {
    tab.follow()
    tab.transport.latest().opened()
    tab.transport.latest().frame(...asked.map((event) => ({ type: 'event', cursor: { incarnation: recorded.incarnation, seq: event.seq }, event }) as const))
    await tab.settle()
    expect(stateOf(tab.shown()?.transcript)).toBe('pending')
    tab.transport.latest().frame({
      type: 'event', cursor: { incarnation: recorded.incarnation, seq: 5 }, event: { type: 'approval.answered', seq: 5, at: 5, approval, decision: 'approve', by: 'you' },
    })
    await tab.settle()
    expect(stateOf(tab.shown()?.transcript)).toBe('answered')
  }
  // Nobody answers and the run ends: the prompt ends with it.
  const ended = applyEvent(foldEvents(asked), { type: 'stream_end', seq: 5, at: 5, outcome: 'cancelled', usage: {}, parts: { p1: { length: 0, hash: '811c9dc5' } } })
  expect(ended.kind === 'applied' ? stateOf(ended.transcript) : ended).toBe('expired')
})

test('invariant 13: errors in drawing never stop the stream; the text is there after a redraw', async () => {
  const page = createStreamPage(recorded)
  page.sink.failing = true
  page.follow()
  page.transport.latest().opened()
  page.transport.latest().frame(recorded.snapshot(3))
  await page.settle()
  page.transport.latest().frame(...recorded.frames(3, 8))
  await page.settle()
  expect(page.transport.openCount()).toBe(1)
  page.sink.failing = false
  page.transport.latest().frame(...recorded.frames(8))
  await page.clock.advance(180)
  expect(page.shown()?.transcript).toEqual(recorded.transcript())
  expect(page.finales()).toHaveLength(1)
})
