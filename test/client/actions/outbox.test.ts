import { describe, expect, it } from 'vitest'
import type { MessageId, ThreadId } from '../../../src/shared/ids.ts'
import { wordsOf } from '../../../src/shared/human.ts'
import { selectActivity, selectQueue } from '../../../src/client/store/activity.ts'
import { selectTurns } from '../../../src/client/store/turns.ts'
import { ApiError } from '../../../src/client/api/api.ts'
import { runOf, threadOf } from '../store/fixtures.ts'
import { createScriptedServer, createScriptedStorage, openPage, storyOf, t1 } from './page.ts'

async function openAt(thread: ThreadId | null, options: Parameters<typeof openPage>[0] = {}) {
  const server = options.server ?? createScriptedServer()
  if (thread !== null && !server.threads.has(thread)) server.put(threadOf(thread))
  const page = openPage({ ...options, server })
  page.actions.start(thread)
  await page.settle()
  return page
}
const tries = (page: { server: ReturnType<typeof createScriptedServer> }) => page.server.called('startRun').map((call) => call.args[1])

describe('the outbox', () => {
  it('tries again by itself, less and less often, with the same request, until one gets through', async () => {
    const page = await openAt(t1)
    for (let i = 0; i < 7; i++) page.server.unreachable('startRun')
    page.actions.send(t1, 'Hi')
    await page.settle()
    expect(page.content().outgoing[0]).toMatchObject({ status: 'waiting' })
    expect(selectActivity(page.store.getState(), t1)).toBe('idle')
    for (const wait of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const before = tries(page).length
      await page.clock.advance(wait - 1)
      await page.settle()
      expect(tries(page)).toHaveLength(before)
      await page.clock.advance(1)
      await page.settle()
      expect(tries(page)).toHaveLength(before + 1)
    }
    expect(new Set(tries(page).map((body) => JSON.stringify(body))).size).toBe(1)
    expect(page.open()).toEqual(['run-1'])
    expect(page.stored.outbox.size).toBe(0)
    await page.clock.advance(100_000)
    expect(tries(page)).toHaveLength(8)
  })

  it('goes at once when the server is heard of', async () => {
    const page = await openAt(t1)
    page.server.unreachable('startRun')
    page.actions.send(t1, 'Hi')
    await page.settle()
    page.actions.feedStatus('offline')
    page.actions.feedStatus('online')
    await page.settle()
    expect(page.open()).toEqual(['run-1'])
  })

  it('sends a message of a page that was closed from the next one, whatever thread that shows', async () => {
    const stored = createScriptedStorage()
    const closed = await openAt(null, { stored })
    closed.server.unreachable('startRun')
    closed.actions.send(null, 'Important')
    await closed.settle()
    expect(stored.outbox.size).toBe(1)
    const page = openPage({ server: closed.server, stored, ids: 'next' })
    page.actions.start(null)
    await page.settle()
    expect(tries(page)).toHaveLength(2)
    expect(page.store.getState().threads.byId['id-1']?.activeRun?.id).toBe('run-1')
    expect(stored.outbox.size).toBe(0)
    expect(page.open()).toEqual([])
    page.actions.openThread('id-1' as ThreadId)
    await page.settle()
    expect([page.shown('id-1' as ThreadId), page.open()]).toEqual([['Important'], ['run-1']])
  })

  it('brings what was to wait for its turn back to where it waits, not among the turns', async () => {
    const stored = createScriptedStorage()
    const server = createScriptedServer()
    server.put(threadOf(t1, { activeRun: runOf(storyOf('run-1', 'm-1', 'Question').transcript()) }))
    const closed = await openAt(t1, { server, stored })
    server.hold('startRun')
    closed.actions.send(t1, 'Later')
    await closed.settle()
    expect(stored.outbox.size).toBe(1)
    server.hold('startRun')
    const page = openPage({ server, stored, ids: 'next' })
    const among: string[] = []
    page.store.subscribe((state) => { among.push(...selectTurns(state, t1).map((turn) => wordsOf(turn.message.parts))) })
    page.actions.start(t1)
    await page.settle()
    expect(selectQueue(page.store.getState(), t1).map((one) => [wordsOf(one.parts), one.state])).toEqual([['Later', 'sending']])
    expect(among).not.toContain('Later')
  })

  it('makes one turn of a message that two tabs send', async () => {
    const stored = createScriptedStorage()
    const one = await openAt(t1, { stored })
    one.server.unreachable('startRun')
    one.actions.send(t1, 'Once')
    await one.settle()
    const two = await openAt(t1, { server: one.server, stored, ids: 'two' })
    one.actions.feedStatus('online')
    await Promise.all([one.settle(), two.settle()])
    expect(new Set(tries(one).map((body) => JSON.stringify(body))).size).toBe(1)
    expect([one.shown(), two.shown()]).toEqual([['Once'], ['Once']])
    expect(one.server.threads.get(t1)?.activeRun?.id).toBe('run-1')
    expect(stored.outbox.size).toBe(0)
  })

  it('goes on with what comes behind a message that another tab has sent', async () => {
    const stored = createScriptedStorage()
    const one = await openAt(t1, { stored })
    one.server.unreachable('startRun')
    one.actions.send(t1, 'First')
    await one.settle()
    const two = await openAt(t1, { server: one.server, stored, ids: 'two' })
    one.server.unreachable('startRun')
    one.actions.send(t1, 'Second')
    await Promise.all([one.settle(), two.settle()])
    expect(one.content().outgoing.map(({ status }) => status)).toEqual(['waiting', 'waiting'])
    one.server.refuse('startRun', 422, 'Not now.')
    await one.clock.advance(2_000)
    await one.settle()
    // The first is known to run; the second was tried.
    expect(one.open()).toEqual(['run-1'])
    expect(one.content().outgoing.map(({ status }) => status)).toEqual(['sending', 'failed'])
  })

  it.each([
    ['a gateway\'s 502', new ApiError('refused', 'Bad gateway', { status: 502 })],
    ['a page of something between', new ApiError('unreadable', 'not JSON', { status: 200 })],
  ])('sends again by itself after %s', async (_what, error) => {
    const page = await openAt(t1)
    page.server.fail('startRun', error)
    page.actions.send(t1, 'Hi')
    await page.settle()
    expect(page.content().outgoing[0]).toMatchObject({ status: 'waiting' })
    await page.clock.advance(1_000)
    await page.settle()
    expect(page.open()).toEqual(['run-1'])
  })

  it('does not send what was deleted in another tab', async () => {
    const stored = createScriptedStorage()
    const one = await openAt(t1, { stored })
    one.server.unreachable('startRun')
    one.actions.send(t1, 'Better not')
    await one.settle()
    one.server.unreachable('startRun')
    const two = await openAt(t1, { server: one.server, stored, ids: 'two' })
    two.actions.discard(t1, 'id-1' as MessageId)
    await two.settle()
    const before = tries(one).length
    one.actions.feedStatus('online')
    await one.settle()
    expect(tries(one)).toHaveLength(before)
    expect([one.shown(), two.shown()]).toEqual([[], []])
  })

  it('sends what the browser would not keep all the same', async () => {
    const stored = createScriptedStorage()
    Object.assign(stored.storage, { saveOutgoing: async () => false, holdsOutgoing: async () => false, load: async () => ({ drafts: {}, outbox: [] }) })
    const page = await openAt(t1, { stored })
    page.server.unreachable('startRun')
    page.actions.send(t1, 'Hi')
    await page.settle()
    await page.clock.advance(1_000)
    await page.settle()
    expect(page.open()).toEqual(['run-1'])
  })

  it('leaves to the person what the server refused', async () => {
    const page = await openAt(t1)
    page.server.refuse('startRun', 422, 'There is no such agent.')
    page.actions.send(t1, 'Hi')
    await page.settle()
    expect(page.content().outgoing[0]).toMatchObject({ status: 'failed', error: 'There is no such agent.' })
    await page.clock.advance(100_000)
    expect(tries(page)).toHaveLength(1)
  })
})
