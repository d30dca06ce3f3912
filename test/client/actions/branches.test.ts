import { describe, expect, it } from 'vitest'
import type { MessageId, RunId } from '../../../src/shared/ids.ts'
import { selectQueue } from '../../../src/client/store/activity.ts'
import { selectPastTurns, selectTurns } from '../../../src/client/store/turns.ts'
import { createScriptedServer, createScriptedStorage, openPage, storyOf, t1 } from './page.ts'
import { runOf, threadOf } from '../store/fixtures.ts'

/** A thread with two turns, a first one edited and answered twice: r1 u1, r2 u2 behind it; r3 and r4 answer v1. */
function branched() {
  const server = createScriptedServer()
  server.put(threadOf(t1))
  const tell = (run: string, message: string, text: string, after?: string) => {
    const story = storyOf(run, message, text, after === undefined ? {} : { after })
    story.delta('p1', `Answer ${run}`)
    story.endPart('p1')
    story.end()
    const told = story.transcript()
    const at = Number(run.slice(1)) * 1000
    server.save({ ...story, transcript: () => ({ ...told, startedAt: at, messages: told.messages.map((one) => (one.role === 'user' && run === 'r4' ? { ...one, run: 'r3' as RunId } : one)) }) })
  }
  tell('r1', 'u1', 'Question')
  tell('r2', 'u2', 'Follow-up', 'answer-r1')
  tell('r3', 'v1', 'Question, better')
  tell('r4', 'v1', 'Question, better')
  return server
}

async function opened(server = branched(), stored = createScriptedStorage()) {
  const page = openPage({ server, stored })
  page.actions.start(t1)
  await page.settle()
  return { page, server, stored }
}

describe('branches', () => {
  it('show the newest run’s, and name the siblings of its question and of its answer', async () => {
    const { page } = await opened()
    expect(page.shown()).toEqual(['Question, better | Answer r4'])
    expect(selectTurns(page.store.getState(), t1)[0]).toMatchObject({ versions: { index: 1, ids: ['u1', 'v1'] }, answers: { index: 1, ids: ['r3', 'r4'] } })
  })

  it('can be chosen among, with what follows the choice, and the choice outlives the page', async () => {
    const { page, server, stored } = await opened()
    await page.actions.lookAt(t1, 'r3' as RunId)
    expect(page.shown()).toEqual(['Question, better | Answer r3'])
    await page.actions.lookAt(t1, 'u1' as MessageId)
    expect(page.shown()).toEqual(['Question | Answer r1', 'Follow-up | Answer r2'])
    expect((await opened(server, stored)).page.shown()).toEqual(['Question | Answer r1', 'Follow-up | Answer r2'])
  })

  it('change by a link to a message of another one, which the reader is taken to', async () => {
    const page = openPage({ server: branched() })
    page.actions.start(t1, 'answer-r2' as MessageId)
    await page.settle()
    expect(page.shown()).toEqual(['Question | Answer r1', 'Follow-up | Answer r2'])
    expect(page.store.getState().target).toMatchObject({ message: 'answer-r2' })
    page.actions.openThread(t1, 'answer-r3' as MessageId)
    await page.settle()
    expect(page.shown()).toEqual(['Question, better | Answer r3'])
    // What is shown already needs no other branch.
    page.actions.openThread(t1, 'v1' as MessageId)
    await page.settle()
    expect(page.shown()).toEqual(['Question, better | Answer r3'])
  })

  it.each([2, 3, 4])('change by such a link too where it leads far back, in pages of %i messages', async (size) => {
    const server = branched()
    server.pages(size)
    const page = openPage({ server })
    page.actions.start(t1, 'u2' as MessageId)
    await page.settle()
    const shownPast = () => selectPastTurns(page.store.getState(), t1).map((turn) => turn.message.id)
    expect([...shownPast(), ...page.shown()]).toContain(size === 4 ? 'Follow-up | Answer r2' : 'u2')
    // The reader stays on it while what lies around it comes in.
    for (let loads = 0; page.content().past !== null && loads < 9; loads++) await page.actions.loadGap(t1, 'above')
    while (page.content().before !== null) await page.actions.loadOlder(t1)
    expect(page.shown()).toEqual(['Question | Answer r1', 'Follow-up | Answer r2'])
  })

  it('are what a message follows that is sent there; then the newest is looked at again', async () => {
    const { page, server, stored } = await opened()
    await page.actions.lookAt(t1, 'u1' as MessageId)
    page.actions.send(t1, 'Deeper')
    await page.settle()
    expect(server.called('startRun').at(-1)?.args[1]).toMatchObject({ after: 'answer-r2', message: { parts: [{ text: 'Deeper' }] } })
    expect(page.shown()).toEqual(['Question | Answer r1', 'Follow-up | Answer r2', 'Deeper'])
    const run = page.open()[0] as string
    page.show(storyOf(run, page.content().outgoing[0]?.id as string, 'Deeper', { after: 'answer-r2' }))
    expect(stored.branches.get(t1)).toBeUndefined()
  })

  it('are made by an edit: what follows the edited message gives way at once, and comes back if it is discarded', async () => {
    const { page, server } = await opened()
    await page.actions.lookAt(t1, 'u1' as MessageId)
    server.refuse('startRun', 422, 'No.')
    page.actions.edit(t1, 'u2' as MessageId, 'Follow-up, better')
    expect(page.shown()).toEqual(['Question | Answer r1', 'Follow-up, better'])
    await page.settle()
    expect(server.called('startRun').at(-1)?.args[1]).toMatchObject({ after: 'answer-r1', message: { parts: [{ text: 'Follow-up, better' }] } })
    page.actions.discard(t1, page.content().outgoing[0]?.id as MessageId)
    expect(page.shown()).toEqual(['Question | Answer r1', 'Follow-up | Answer r2'])
  })

  it('grow by Continue behind the partial, without words', async () => {
    const { page, server } = await opened()
    page.actions.goOn(t1, 'answer-r4' as MessageId)
    page.actions.goOn(t1, 'answer-r4' as MessageId)
    await page.settle()
    expect(server.called('startRun').map((call) => call.args[1])).toEqual([{ continue: 'answer-r4', id: expect.any(String) as string }])
    expect(selectTurns(page.store.getState(), t1).at(-1)).toMatchObject({ message: { continues: true, parts: [] } })
  })

  it('are copied into a chat of their own, which opens', async () => {
    const { page, server } = await opened()
    await page.actions.fork(t1, 'answer-r4' as MessageId)
    const body = server.called('forkThread')[0]?.args[1] as { id: string; message: string }
    expect(body.message).toBe('answer-r4')
    expect(page.address.at(-1)).toBe(body.id)
  })
})

describe('the queue', () => {
  const waiting = (id: string, text: string) => ({ id: id as MessageId, parts: [{ kind: 'text' as const, text }], agent: 'demo', model: null, at: 1, state: 'waiting' as const })
  const words = (page: ReturnType<typeof openPage>) => selectQueue(page.store.getState(), t1).map((message) => message.parts[0]?.kind === 'text' ? message.parts[0].text : '')

  it('shows at once what is sent during a run, and the server’s word for it once', async () => {
    const { page, server } = await opened()
    const story = storyOf('r9', 'w1', 'Working')
    const busy = server.put({ ...threadOf(t1), activeRun: runOf(story.transcript()) })
    page.actions.receiveFeed({ type: 'thread.changed', thread: busy })
    const go = server.hold('startRun')
    page.actions.send(t1, 'Next')
    expect(words(page)).toEqual(['Next'])
    expect(page.shown().join()).not.toContain('Next')
    const id = page.content().outgoing[0]?.id as string
    page.actions.receiveFeed({ type: 'thread.changed', thread: { ...busy, queue: { messages: [waiting(id, 'Next')], paused: null } } })
    expect(words(page)).toEqual(['Next'])
    await go()
  })

  it('hands a message over to the thread without a moment in which it is nowhere', async () => {
    const { page, server } = await opened()
    const before = server.put({ ...threadOf(t1), queue: { messages: [waiting('q1', 'Next'), waiting('q2', 'Later')], paused: null } })
    page.actions.receiveFeed({ type: 'thread.changed', thread: before })
    let gone = false
    page.store.subscribe((state) => {
      const said = [...selectTurns(state, t1).map((turn) => turn.message.parts[0]).map((part) => (part?.kind === 'text' ? part.text : '')), ...words(page)]
      gone ||= !said.includes('Next')
    })
    const told = storyOf('r9', 'q1', 'Next', { after: 'answer-r4' })
    const story = { ...told, transcript: () => ({ ...told.transcript(), startedAt: 9000 }) }
    page.actions.receiveFeed({ type: 'thread.changed', thread: { ...before, activeRun: runOf(story.transcript()), queue: { messages: [waiting('q2', 'Later')], paused: null } } })
    expect(page.open()).toEqual(['r9'])
    expect(page.shown()).toEqual(['Question, better | Answer r4', 'Next'])
    page.show(story)
    expect(page.shown()).toEqual(['Question, better | Answer r4', 'Next | '])
    expect(gone).toBe(false)
    expect(words(page)).toEqual(['Later'])
  })

  it('is changed at once and stands as the server says in the end', async () => {
    const { page, server } = await opened()
    const thread = server.put({ ...threadOf(t1), queue: { messages: [waiting('q1', 'one'), waiting('q2', 'two')], paused: null } })
    page.actions.receiveFeed({ type: 'thread.changed', thread })
    server.refuse('removeQueued', 404, 'It has gone.')
    const removed = page.actions.queue.remove(t1, 'q1' as MessageId)
    expect(words(page)).toEqual(['two'])
    await removed
    expect(words(page)).toEqual(['one', 'two'])
    expect(page.store.getState().toasts).toEqual([])
  })
})
