import { expect, test } from 'vitest'
import { ApiError } from '../../../src/client/api/api.ts'
import { recordRun } from '../../support/recorded-run.ts'
import { createStreamPage } from './stream-page.ts'

const recorded = recordRun()
const end = recorded.events.length

/** Joined and streaming, with everything up to `seq` shown. */
async function streamingPage(seq: number) {
  const page = createStreamPage(recorded)
  const token = page.follow()
  const attempt = page.transport.latest()
  attempt.opened()
  attempt.frame(recorded.snapshot(seq))
  await page.settle()
  return { ...page, token }
}

test('shows a snapshot at once, then the tail, then the saved record, in one connection', async () => {
  const page = createStreamPage(recorded)
  const token = page.follow()
  expect(page.sink.said).toEqual([])
  await page.settle()
  expect(page.connection()).toEqual({ kind: 'connecting' })
  const attempt = page.transport.latest()
  expect(attempt.after).toBeNull()
  attempt.opened()
  attempt.frame(recorded.snapshot(4), ...recorded.frames(4))
  await page.settle()
  expect(page.shown()?.transcript).toEqual(recorded.transcript())
  expect(page.connection()).toEqual({ kind: 'settling', unsaved: false })
  expect(page.transport.openCount()).toBe(0)
  await page.clock.advance(180)
  expect(page.finales()).toEqual([{ kind: 'finale', token, finale: { kind: 'settled', run: recorded.row(), messages: recorded.messages() } }])
  expect(page.clock.pending()).toBe(0)
})

test('hands over once for all frames of a chunk', async () => {
  const page = await streamingPage(3)
  const before = page.views().length
  page.transport.latest().frame(...recorded.frames(3, end - 1))
  await page.settle()
  expect(page.views().length).toBe(before + 1)
})

test('goes on after a cut from the last event that was applied', async () => {
  const page = await streamingPage(3)
  page.transport.latest().frame(...recorded.frames(3, 6))
  page.transport.latest().closed({ kind: 'lost', reason: 'RST' })
  await page.clock.advance(250)
  expect(page.transport.attempts).toHaveLength(2)
  expect(page.transport.latest().after).toEqual({ incarnation: recorded.incarnation, seq: 6 })
  page.transport.latest().opened()
  page.transport.latest().frame(...recorded.frames(6))
  await page.clock.advance(200)
  expect(page.finales()).toHaveLength(1)
})

test('keeps its place while it tries again and again, and says since when', async () => {
  const page = await streamingPage(3)
  const lostAt = page.clock.now()
  for (let attempt = 0; attempt < 6; attempt++) {
    page.transport.latest().closed({ kind: 'lost', reason: '502' })
    await page.settle()
    expect(page.connection()).toMatchObject({ kind: 'waiting', sinceAt: lostAt })
    await page.clock.advance(15_000)
    expect(page.connection()).toMatchObject({ kind: 'connecting', sinceAt: lostAt })
    expect(page.transport.latest().after?.seq).toBe(3)
  }
})

test('joins again with a snapshot when something is missing', async () => {
  const page = await streamingPage(3)
  page.transport.latest().frame(recorded.frame(5))
  await page.settle()
  expect(page.transport.attempts).toHaveLength(2)
  expect(page.transport.latest().after).toBeNull()
  expect(page.shown()?.cursor.seq).toBe(3)
  page.transport.latest().opened()
  page.transport.latest().frame(recorded.snapshot(6))
  await page.settle()
  expect(page.shown()?.transcript).toEqual(recorded.transcript(6))
})

test('gives up, saying so, when snapshots do not help', async () => {
  const page = await streamingPage(3)
  for (let gap = 0; gap < 5; gap++) {
    page.transport.latest().opened()
    page.transport.latest().closed({ kind: 'malformed', reason: 'not JSON' })
    await page.clock.advance(15_000)
  }
  expect(page.finales().map((one) => one.finale.kind)).toEqual(['failed'])
  expect(page.shown()?.cursor.seq).toBe(3)
})

test('a reset is followed by a snapshot, and a tail without one is not believed', async () => {
  const page = await streamingPage(3)
  page.transport.latest().frame({ type: 'reset', reason: 'renewed' }, recorded.frame(4))
  await page.settle()
  expect(page.transport.attempts).toHaveLength(2)
  expect(page.transport.latest().after).toBeNull()
})

test('keeps what it shows while a lagging server is further back, and goes on when that has caught up', async () => {
  const page = await streamingPage(8)
  page.transport.latest().frame({ type: 'reset', reason: 'ahead of the journal' }, recorded.snapshot(4), recorded.frame(5), recorded.frame(6))
  await page.settle()
  expect(page.shown()?.cursor.seq).toBe(8)
  page.transport.latest().frame(recorded.frame(7), recorded.frame(8), recorded.frame(9))
  await page.settle()
  expect(page.shown()?.transcript).toEqual(recorded.transcript(9))
})

test('a journal restored from a backup is another one: what it has replaces what was shown', async () => {
  const restored = recordRun({ incarnation: 'inc2' })
  const page = await streamingPage(8)
  page.transport.latest().frame({ type: 'reset', reason: 'renewed' }, restored.snapshot(4), restored.frame(5))
  await page.settle()
  expect(page.shown()?.cursor).toEqual({ incarnation: 'inc2', seq: 5 })
})

test('a connection that brings heartbeats but not the text is given up', async () => {
  const page = await streamingPage(3)
  page.transport.latest().frame({ type: 'hb', tail: 9 })
  page.transport.latest().frame({ type: 'hb', tail: 9 })
  await page.settle()
  expect(page.connection()).toMatchObject({ kind: 'waiting' })
})

test('that the server’s store holds the run is told, until there is news or another connection', async () => {
  const page = await streamingPage(3)
  page.transport.latest().frame({ type: 'held', reason: 'disk-full' }, { type: 'hb', tail: 3 })
  await page.settle()
  expect(page.connection()).toEqual({ kind: 'streaming', held: 'disk-full' })
  page.transport.latest().frame(recorded.frame(3))
  await page.settle()
  expect(page.connection()).toEqual({ kind: 'streaming', held: 'disk-full' })
  page.transport.latest().frame(recorded.frame(4))
  await page.settle()
  expect(page.connection()).toEqual({ kind: 'streaming' })
  page.transport.latest().frame({ type: 'held', reason: 'store' })
  page.transport.latest().closed({ kind: 'lost', reason: 'cut' })
  await page.clock.advance(1_000)
  page.transport.latest().opened()
  await page.settle()
  expect(page.connection()).toEqual({ kind: 'streaming' })
})

test('a login that ran out is asked for, and the stream goes on at the same place', async () => {
  const page = await streamingPage(3)
  page.transport.latest().closed({ kind: 'unauthorized', message: 'Log in again.' })
  await page.clock.advance(60_000)
  expect(page.connection()).toEqual({ kind: 'failed', reason: 'login', message: 'Log in again.' })
  expect(page.finales()).toEqual([])
  page.streams.loggedIn()
  expect(page.transport.latest().after?.seq).toBe(3)
})

test('who comes back to the page after a login elsewhere finds the stream going on', async () => {
  for (const signal of [{ type: 'stirred' }, { type: 'resumed', reason: 'hidden' }] as const) {
    const page = await streamingPage(3)
    page.transport.latest().closed({ kind: 'unauthorized', message: 'Log in again.' })
    page.lifecycle.send(signal)
    expect(page.transport.attempts).toHaveLength(2)
    expect(page.transport.latest().after?.seq).toBe(3)
    // Not logged in after all: said again, and not asked again by itself.
    page.transport.latest().closed({ kind: 'unauthorized', message: 'Log in again.' })
    await page.clock.advance(60_000)
    expect(page.connection()).toMatchObject({ kind: 'failed', reason: 'login' })
    expect(page.transport.attempts).toHaveLength(2)
  }
})

test('a login that ran out during settling goes on settling afterwards', async () => {
  const page = await streamingPage(3)
  page.record.run = () => new ApiError('refused', 'Log in.', { status: 401 })
  page.transport.latest().frame(...recorded.frames(3))
  await page.clock.advance(180)
  expect(page.connection()).toMatchObject({ kind: 'failed', reason: 'login' })
  page.record.run = () => recorded.row()
  page.streams.loggedIn()
  await page.clock.advance(180)
  expect(page.finales().map((one) => one.finale.kind)).toEqual(['settled'])
  expect(page.transport.attempts).toHaveLength(1)
})

test('a run that is gone is said to be gone, and is not remembered for the next load', async () => {
  const page = await streamingPage(3)
  page.transport.latest().closed({ kind: 'refused', message: 'gone' })
  await page.settle()
  expect(page.finales().map((one) => one.finale)).toEqual([{ kind: 'failed', reason: 'refused', message: 'gone' }])
  expect(page.stored.size).toBe(0)
})

test('checks quickly for two seconds, then ever more slowly, and keeps the text all the while', async () => {
  const page = await streamingPage(3)
  page.record.run = () => recorded.row({ settled: false, status: 'settling' })
  page.transport.latest().frame(...recorded.frames(3))
  await page.settle()
  const checks = () => page.requests.filter((request) => request.startsWith('GET run')).length
  await page.clock.advance(179)
  expect(checks()).toBe(0)
  await page.clock.advance(1)
  expect(checks()).toBe(1)
  await page.clock.advance(2_000)
  expect(checks()).toBe(11)
  await page.clock.advance(60_000)
  expect(checks()).toBeGreaterThan(14)
  expect(checks()).toBeLessThan(25)
  expect(page.shown()?.transcript).toEqual(recorded.transcript())
  page.record.run = () => recorded.row()
  page.streams.hint(recorded.run)
  await page.settle()
  expect(page.finales()).toHaveLength(1)
})

test('says that the text is not saved yet while the server does not know the run or fails', async () => {
  const page = await streamingPage(3)
  page.record.run = () => new ApiError('refused', 'unknown', { status: 404 })
  page.transport.latest().frame(...recorded.frames(3))
  await page.clock.advance(180)
  expect(page.connection()).toEqual({ kind: 'settling', unsaved: true })
  page.record.run = () => new ApiError('unreachable', 'down')
  await page.clock.advance(30_000)
  expect(page.connection()).toEqual({ kind: 'settling', unsaved: true })
  page.record.run = () => recorded.row()
  await page.clock.advance(15_000)
  expect(page.finales().map((one) => one.finale.kind)).toEqual(['settled'])
})

test('a run that the server forgot, in a thread that has gone on, is released', async () => {
  const page = await streamingPage(3)
  page.record.run = () => new ApiError('refused', 'unknown', { status: 404 })
  page.record.activeRun = recordRun({ run: 'run2' }).row({ settled: false, status: 'running' })
  page.transport.latest().frame(...recorded.frames(3))
  await page.clock.advance(180)
  expect(page.finales().map((one) => one.finale.kind)).toEqual(['superseded'])
})

test('204 means that the end was seen before: the record is looked at', async () => {
  const page = createStreamPage(recorded)
  page.follow({ transcript: recorded.transcript(), cursor: { incarnation: recorded.incarnation, seq: end } })
  expect(page.transport.latest().after?.seq).toBe(end)
  page.transport.latest().closed({ kind: 'exhausted' })
  await page.clock.advance(180)
  expect(page.finales().map((one) => one.finale.kind)).toEqual(['settled'])
})

test('a tab opened in the background connects when it is looked at', async () => {
  const page = createStreamPage(recorded, { pauses: ['hidden'] })
  page.follow()
  await page.settle()
  expect(page.connection()).toEqual({ kind: 'paused' })
  expect(page.transport.attempts).toHaveLength(0)
  page.lifecycle.send({ type: 'resumed', reason: 'hidden' })
  expect(page.transport.attempts).toHaveLength(1)
})

test('Stop is sent once; when it did not get through the person hears of it and can press again', async () => {
  const page = await streamingPage(3)
  page.record.cancel = () => Promise.reject(new ApiError('unreachable', 'down'))
  await expect(page.streams.stop(recorded.run)).rejects.toThrow('down')
  page.record.cancel = () => Promise.resolve()
  await page.streams.stop(recorded.run)
  await page.streams.stop(recorded.run)
  expect(page.requests.filter((request) => request.startsWith('POST'))).toHaveLength(2)
  expect(page.transport.openCount()).toBe(1)
})

test('Stop of a run that is not followed is one request too', async () => {
  const page = createStreamPage(recorded)
  await Promise.all([page.streams.stop(recorded.run), page.streams.stop(recorded.run)])
  expect(page.requests).toEqual(['POST cancel run1'])
})

test('leaving a thread closes its connection and says nothing more', async () => {
  const page = await streamingPage(3)
  const before = page.sink.said.length
  page.streams.release(recorded.thread)
  page.transport.latest().rogue.frame(recorded.frame(4))
  await page.clock.advance(120_000)
  expect(page.sink.said.length).toBe(before)
  expect(page.transport.openCount()).toBe(0)
  expect(page.clock.pending()).toBe(0)
  expect(page.stored.get('lg:stream:thread1')).toBe('run1')
})

test('a bye is obeyed: not back before the time that was asked for', async () => {
  const page = await streamingPage(3)
  page.transport.latest().frame({ type: 'bye', retryMs: 3_000 })
  page.transport.latest().closed({ kind: 'lost', reason: 'EOF' })
  await page.clock.advance(2_999)
  expect(page.transport.attempts).toHaveLength(1)
  await page.clock.advance(3_001)
  expect(page.transport.attempts).toHaveLength(2)
})

test('a page that is hidden for ten minutes has no connection and asks for nothing, and joins once at its cursor when it is looked at', async () => {
  const page = createStreamPage(recorded)
  page.follow()
  page.transport.latest().opened()
  page.transport.latest().frame(recorded.snapshot(3))
  await page.settle()
  const shown = page.views().length
  page.lifecycle.send({ type: 'paused', reason: 'hidden' })
  expect(page.transport.openCount()).toBe(0)
  await page.clock.advance(600_000)
  expect([page.transport.attempts.length, page.requests, page.clock.pending()]).toEqual([1, [], 0])
  page.lifecycle.send({ type: 'resumed', reason: 'hidden' })
  // In the same moment: no wait stands before fresh text.
  expect(page.transport.attempts.length).toBe(2)
  expect(page.transport.latest().after?.seq).toBe(3)
  page.transport.latest().opened()
  page.transport.latest().frame(...recorded.frames(3))
  await page.settle()
  expect(page.views().slice(shown).map((view) => view.cursor.seq)).toEqual([recorded.events.length])
  expect(page.transport.mostOpen()).toBe(1)
})
