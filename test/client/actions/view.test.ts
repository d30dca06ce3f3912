import { describe, expect, it } from 'vitest'
import type { ApprovalId, MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import { problemType } from '../../../src/shared/refusals.ts'
import { createRouter } from '../../../src/client/actions/router.ts'
import { selectActivity } from '../../../src/client/store/activity.ts'
import { createRunStory } from '../../support/run-story.ts'
import { createGate } from '../../support/until.ts'
import { runOf, threadOf, viewOf } from '../store/fixtures.ts'
import { createScriptedServer, createScriptedStorage, openPage, storyOf, t1, t2 } from './page.ts'

function running(server: ReturnType<typeof createScriptedServer>, thread = t1, run = 'run-1') {
  const story = storyOf(run, `m-${run}`, 'Question', { thread })
  story.delta('p1', 'Hello')
  server.put(threadOf(thread, { activeRun: runOf(story.transcript()) }))
  return story
}

/** A page that shows a chat of which nothing was said yet. */
async function viewing() {
  const server = createScriptedServer()
  server.put(threadOf(t1))
  const page = openPage({ server })
  page.actions.start(t1)
  await page.settle()
  return { server, page }
}

describe('a reload', () => {
  it('joins the run again before any list or page has come', async () => {
    const server = createScriptedServer()
    const story = running(server)
    const stored = createScriptedStorage()
    stored.cache.set(t1, 'run-1' as RunId)
    const page = openPage({ server, stored })
    const list = page.server.hold('listThreads')
    const messages = page.server.hold('messages')
    page.actions.start(t1)
    expect(page.followed).toMatchObject([{ token: { run: 'run-1' }, start: null }])
    page.show(story)
    expect(page.shown()).toEqual(['Question | Hello'])
    await messages()
    await list()
    expect(page.open()).toEqual(['run-1'])
    expect(page.shown()).toEqual(['Question | Hello'])
  })

  it('follows what the server calls active when the remembered run is another', async () => {
    const server = createScriptedServer()
    running(server, t1, 'run-2')
    const stored = createScriptedStorage()
    stored.cache.set(t1, 'run-1' as RunId)
    const page = openPage({ server, stored })
    page.actions.start(t1)
    await page.settle()
    expect(page.content().live?.token.run).toBe('run-2')
    expect(page.open()).toContain('run-2')
  })

  it('forgets a remembered run that the server does not know, without a word', async () => {
    const server = createScriptedServer()
    server.put(threadOf(t1))
    const stored = createScriptedStorage()
    stored.cache.set(t1, 'gone' as RunId)
    const page = openPage({ server, stored })
    page.actions.start(t1)
    await page.settle()
    page.sink.finalize(page.token('gone'), { kind: 'failed', reason: 'refused', message: 'no such run' })
    expect(page.content().live).toBeNull()
    expect(page.store.getState().toasts).toEqual([])
    expect(selectActivity(page.store.getState(), t1)).toBe('idle')
  })

  it('shows nothing of a remembered run that is another thread\'s, and forgets it', async () => {
    const server = createScriptedServer()
    const mine = running(server)
    const foreign = storyOf('run-7', 'm-7', 'Elsewhere', { thread: t2 })
    const stored = createScriptedStorage()
    stored.cache.set(t1, 'run-7' as RunId)
    const page = openPage({ server, stored })
    page.actions.start(t1)
    page.show(foreign)
    expect(page.shown()).toEqual([])
    expect(stored.cache.get(t1)).toBeUndefined()
    await page.settle()
    expect(page.open()).toEqual(['run-1'])
    page.show(mine)
    expect(page.shown()).toEqual(['Question | Hello'])
  })

  it('brings back what was being written', async () => {
    const stored = createScriptedStorage()
    const page = openPage({ stored })
    page.actions.start(null)
    page.actions.setDraft(t1, 'Half a')
    page.actions.setDraft(t1, 'Half a thought')
    page.actions.setDraft(null, 'Last words')
    await page.settle()
    expect(stored.drafts.get(t1)).toBe('Half a thought')
    const again = openPage({ stored })
    again.actions.start(null)
    again.actions.setDraft(t2, 'typed before storage answered')
    await again.settle()
    expect(again.store.getState().drafts).toEqual({ [t1]: 'Half a thought', '': 'Last words', [t2]: 'typed before storage answered' })
  })
})

describe('switching threads', () => {
  it('releases the stream and resumes from what is shown', async () => {
    const server = createScriptedServer()
    const one = running(server, t1, 'run-1')
    const two = running(server, t2, 'run-2')
    const page = openPage({ server })
    page.actions.start(t1)
    await page.settle()
    page.show(one)
    page.actions.openThread(t2)
    expect(page.address).toEqual([t2])
    await page.settle()
    expect(page.open()).toEqual(['run-2'])
    page.show(two)
    const before = page.content().live?.view
    page.actions.openThread(t1)
    expect(page.open()).toEqual(['run-1'])
    expect(page.followed.at(-1)?.start).toEqual(before)
    expect(page.shown()).toEqual(['Question | Hello'])
    one.delta('p1', ' again')
    page.show(one)
    expect(page.shown()).toEqual(['Question | Hello again'])
    expect(page.shown(t2)).toEqual(['Question | Hello'])
  })

  it('lets no late word of the stream it left change the page', async () => {
    const server = createScriptedServer()
    const one = running(server)
    server.put(threadOf(t2))
    const page = openPage({ server })
    page.actions.start(t1)
    await page.settle()
    const left = page.token('run-1')
    page.show(one)
    page.actions.openThread(t2)
    page.actions.openThread(t1)
    await page.settle()
    one.delta('p1', ' stale')
    page.sink.applyEvents(left, viewOf(one.transcript()))
    page.frames.draw()
    expect(page.shown()).toEqual(['Question | Hello'])
  })

  it('shows a run that ended meanwhile once, and does not follow it again', async () => {
    const server = createScriptedServer()
    server.put(threadOf(t2))
    const story = running(server)
    const page = openPage({ server })
    page.actions.start(t1)
    await page.settle()
    page.show(story)
    story.delta('p1', ' world')
    story.end()
    page.show(story)
    page.finish(story)
    page.actions.openThread(t2)
    await page.settle()
    page.actions.openThread(t1)
    await page.settle()
    expect(page.open()).toEqual([])
    expect(page.shown()).toEqual(['Question | Hello world'])
  })

  it('takes an older answer for an older question: the last load wins', async () => {
    const server = createScriptedServer()
    server.put(threadOf(t1))
    const page = openPage({ server })
    const first = server.hold('messages')
    server.unreachable('messages')
    page.actions.start(t1)
    page.actions.reloadThread(t1)
    await page.settle()
    expect(page.content().status).toBe('error')
    await first()
    expect(page.content().status).toBe('error')
    page.actions.reloadThread(t1)
    await page.settle()
    expect(page.content().status).toBe('ready')
  })

  it('says when a chat does not exist', async () => {
    const page = openPage()
    page.actions.start('nowhere' as ThreadId)
    await page.settle()
    expect(page.content('nowhere' as ThreadId).status).toBe('missing')
  })
})

describe('a second tab', () => {
  it('joins a run live when the feed tells of it', async () => {
    const { server, page } = await viewing()
    const story = running(server)
    page.actions.receiveFeed({ type: 'run.changed', run: runOf(story.transcript()) })
    expect(page.open()).toEqual(['run-1'])
    page.show(story)
    expect(page.shown()).toEqual(['Question | Hello'])
    page.actions.receiveFeed({ type: 'run.changed', run: runOf(story.transcript()) })
    expect(page.followed).toHaveLength(1)
    expect(page.hints).toHaveLength(2)
  })

  it('loads an answer that was over before it could be followed', async () => {
    const { server, page } = await viewing()
    const story = running(server)
    story.end()
    server.save(story)
    page.actions.receiveFeed({ type: 'run.changed', run: runOf(story.transcript()) })
    await page.settle()
    expect(page.shown()).toEqual(['Question | Hello'])
  })

  it('does not begin again with a run that it has finished, however late the feed is', async () => {
    const server = createScriptedServer()
    const story = running(server)
    const late = runOf(story.transcript())
    const page = openPage({ server })
    page.actions.start(t1)
    await page.settle()
    story.end()
    page.show(story)
    page.finish(story)
    page.actions.receiveFeed({ type: 'run.changed', run: late })
    expect(page.open()).toEqual([])
    expect(selectActivity(page.store.getState(), t1)).toBe('idle')
  })

  it('leaves a chat that was deleted elsewhere', async () => {
    const { page } = await viewing()
    page.actions.receiveFeed({ type: 'thread.removed', thread: t1 })
    expect(page.store.getState().current).toBeNull()
    expect(page.address).toEqual([null])
    expect(page.store.getState().threads.byId[t1]).toBeUndefined()
  })

  it('lets go of all that was loaded of a chat that is deleted, here or elsewhere, whether it is in view or not', async () => {
    const { page } = await viewing()
    const held = () => Object.keys(page.store.getState().content)
    expect(held()).toEqual([t1])
    page.actions.receiveFeed({ type: 'thread.removed', thread: t1 })
    expect(held()).toEqual([])
    const { page: other } = await viewing()
    await other.actions.remove(t1)
    expect(Object.keys(other.store.getState().content)).toEqual([])
    const { page: away } = await viewing()
    away.actions.openThread(null)
    away.actions.receiveFeed({ type: 'thread.removed', thread: t1 })
    expect(Object.keys(away.store.getState().content)).toEqual([])
  })

  it('keeps words that are on their way to a chat that is deleted meanwhile', async () => {
    const { server, page } = await viewing()
    server.unreachable('startRun')
    page.actions.send(t1, 'Not lost')
    page.actions.openThread(null)
    page.actions.receiveFeed({ type: 'thread.removed', thread: t1 })
    expect(page.content().outgoing).toMatchObject([{ text: 'Not lost' }])
  })

  it('lets go of chats that nobody has looked at for long, those that were begun here too', async () => {
    const { page } = await viewing()
    for (let i = 0; i < 8; i++) {
      page.actions.openThread(null)
      page.actions.send(null, `Chat ${i}`)
      await page.settle()
      const sent = page.content(page.store.getState().current as ThreadId).outgoing[0]?.id as string
      const story = storyOf(`run-${i + 1}`, sent, `Chat ${i}`, { thread: page.store.getState().current as ThreadId })
      story.end()
      page.show(story)
      page.finish(story)
      await page.settle()
    }
    expect(Object.keys(page.store.getState().content)).toHaveLength(6)
  })
})

describe('what is seen', () => {
  it('is told to the server when the chat is in view and somebody looks', async () => {
    const server = createScriptedServer()
    server.put(threadOf(t1))
    const page = openPage({ server, visible: false })
    page.actions.start(t1)
    await page.settle()
    page.actions.receiveFeed({ type: 'thread.changed', thread: threadOf(t1, { unread: true }) })
    expect(server.called('patchThread')).toEqual([])
    page.look(true)
    page.look(true)
    expect(server.called('patchThread').map((call) => call.args)).toEqual([[t1, { seen: true }]])
    expect(page.store.getState().threads.byId[t1]?.unread).toBe(false)
  })
})

describe('the list', () => {
  it('deletes with Undo', async () => {
    const { page } = await viewing()
    await page.actions.remove(t1)
    expect(page.store.getState().current).toBeNull()
    expect(page.store.getState().threads.order).toEqual([])
    page.store.getState().toasts[0]?.action?.run()
    await page.settle()
    expect(page.store.getState().threads.order).toEqual([t1])
    expect(page.store.getState().current).toBe(t1)
    expect(page.address).toEqual([null, t1])
    expect(page.store.getState().toasts).toEqual([])
  })

  it('puts back what could not be deleted or renamed, and says why', async () => {
    const server = createScriptedServer()
    server.put(threadOf(t1))
    const page = openPage({ server })
    page.actions.start(null)
    await page.settle()
    server.unreachable('deleteThread')
    await page.actions.remove(t1)
    expect(page.store.getState().threads.order).toEqual([t1])
    server.refuse('patchThread', 422, 'A name needs a letter.')
    await page.actions.rename(t1, 'New')
    expect(page.store.getState().threads.byId[t1]?.title).toBe('Title of thread-1')
    expect(page.store.getState().toasts.at(-1)?.text).toContain('A name needs a letter.')
    await page.actions.rename(t1, '  Better  ')
    expect(page.store.getState().threads.byId[t1]?.title).toBe('Better')
  })

  it('does not let an older answer undo what the feed said meanwhile', async () => {
    const server = createScriptedServer()
    server.put(threadOf(t1))
    const page = openPage({ server })
    const list = server.hold('listThreads')
    page.actions.start(null)
    page.actions.receiveFeed({ type: 'thread.changed', thread: threadOf(t1, { title: 'Told by the feed' }) })
    await list()
    await page.settle()
    expect(page.store.getState().threads.byId[t1]?.title).toBe('Told by the feed')
    expect(page.store.getState().threads.status).toBe('ready')
  })

  it('recovers by itself when the server is back', async () => {
    const server = createScriptedServer()
    server.put(threadOf(t1))
    for (const name of ['listThreads', 'messages', 'agents'] as const) server.unreachable(name)
    const page = openPage({ server })
    page.actions.start(t1)
    await page.settle()
    expect(page.store.getState().threads.status).toBe('error')
    page.actions.feedStatus('offline')
    expect(page.store.getState().server.kind).toBe('offline')
    page.actions.feedStatus('online')
    await page.settle()
    expect(page.store.getState()).toMatchObject({ server: { kind: 'online' }, threads: { status: 'ready' }, agents: { default: 'demo' } })
    expect(page.content().status).toBe('ready')
  })
})

describe('toasts', () => {
  it('go by themselves', async () => {
    const page = openPage()
    page.actions.start(null)
    page.server.refuse('answerApproval', 409, 'Already approved by Ada.')
    await page.actions.answer(t1, 'run-1' as RunId, 'a-1' as ApprovalId, { decision: 'deny', inputHash: '' })
    expect(page.store.getState().toasts.map((toast) => toast.text)).toEqual(['Already approved by Ada.'])
    await page.clock.advance(8_000)
    expect(page.store.getState().toasts).toEqual([])
  })
})

describe('a decision', () => {
  it('about something else than what is asked has the run shown anew, from the journal, beside what is shown until then', async () => {
    const server = createScriptedServer()
    const story = createRunStory({ run: 'run-1', thread: t1, text: 'Delete it' })
    story.message()
    story.part('t1', 'tool')
    story.request('a-1', 't1', { question: 'Delete it?', input: '{"path":"/tmp"}' })
    server.put(threadOf(t1, { activeRun: runOf(story.transcript()) }))
    const page = openPage({ server })
    page.actions.start(t1)
    await page.settle()
    page.show(story)
    const shown = page.shown()
    const answer = () => page.actions.answer(t1, 'run-1' as RunId, 'a-1' as ApprovalId, { decision: 'approve', inputHash: 'of something else' })
    server.refuse('answerApproval', 409, 'Answered already.', { type: problemType('already-answered') })
    await answer()
    expect(page.followed).toHaveLength(1)
    server.refuse('answerApproval', 409, 'Not what is asked.', { type: problemType('other-input') })
    await answer()
    expect(page.store.getState().toasts.map((toast) => toast.text)).toEqual(['Answered already.', 'Not what is asked.'])
    expect(page.followed.map(({ token, start }) => [token.run, token.generation, start])).toEqual([['run-1', 1, null], ['run-1', 2, null]])
    expect(page.shown()).toEqual(shown)
    page.show(story)
    expect(page.content().live?.token.generation).toBe(2)
  })
})

describe('the address', () => {
  it('names the thread, and Back leads back', () => {
    const listeners = new Set<() => void>()
    const page = {
      location: { pathname: '/', hash: '' },
      history: {
        pushState: (_data: unknown, _unused: string, url: string) => {
          const at = url.indexOf('#')
          page.location = at < 0 ? { pathname: url, hash: '' } : { pathname: url.slice(0, at), hash: url.slice(at) }
        },
      },
      addEventListener: (_type: 'popstate', listener: () => void) => { listeners.add(listener) },
      removeEventListener: (_type: 'popstate', listener: () => void) => { listeners.delete(listener) },
    }
    const router = createRouter(page)
    const moves: (ThreadId | null)[] = []
    const stop = router.listen((thread) => moves.push(thread))
    expect(router.current()).toBeNull()
    router.push(t1)
    expect([page.location.pathname, router.current(), router.message()]).toEqual(['/t/thread-1', t1, null])
    router.push(t1, 'm-7' as MessageId)
    expect([page.location, router.current(), router.message()]).toEqual([{ pathname: '/t/thread-1', hash: '#m-m-7' }, t1, 'm-7'])
    for (const hash of ['', '#m-', '#m-../x', '#other']) {
      page.location.hash = hash
      expect(router.message()).toBeNull()
    }
    for (const path of ['/t/thread-2', '/', '/t/../x', '/t/%00']) {
      page.location.pathname = path
      for (const listener of listeners) listener()
    }
    expect(moves).toEqual([t2, null, null, null])
    stop()
    expect(listeners.size).toBe(0)
  })
})

describe('a chat that could not be loaded', () => {
  it('is loaded again by itself, later and later, until it is here', async () => {
    const server = createScriptedServer()
    server.put(threadOf(t1))
    for (let i = 0; i < 3; i++) server.unreachable('messages')
    const page = openPage({ server })
    page.actions.start(t1)
    await page.settle()
    expect(page.content().status).toBe('error')
    await page.clock.advance(3_000)
    expect(page.content().status).toBe('error')
    await page.clock.advance(4_000)
    expect(page.content().status).toBe('ready')
    const tries = server.called('messages').length
    await page.clock.advance(100_000)
    expect(server.called('messages')).toHaveLength(tries)
  })

  it('is looked at again by itself also where an older state of it is shown', async () => {
    const { server, page } = await viewing()
    const story = storyOf('run-1', 'm-1', 'Question')
    story.end()
    server.save(story)
    server.unreachable('messages')
    page.actions.receiveFeed({ type: 'run.changed', run: runOf(story.transcript(), { settled: true }) })
    await page.settle()
    expect(page.shown()).toEqual([])
    await page.clock.advance(1_000)
    expect(page.shown()).toEqual(['Question | '])
  })

  it('and that is not in view any more is left until somebody opens it', async () => {
    const server = createScriptedServer()
    server.put(threadOf(t1))
    server.put(threadOf(t2))
    server.unreachable('messages')
    const page = openPage({ server })
    page.actions.start(t1)
    await page.settle()
    page.actions.openThread(t2)
    await page.clock.advance(100_000)
    expect(server.called('messages').map((call) => call.args[0])).toEqual([t1, t2])
  })

  it('because it was not there yet is loaded when the feed tells of it', async () => {
    const page = openPage()
    page.actions.start(t1)
    await page.settle()
    expect(page.content().status).toBe('missing')
    page.actions.receiveFeed({ type: 'thread.changed', thread: page.server.put(threadOf(t1)) })
    await page.settle()
    expect(page.content().status).toBe('ready')
  })

  it('shows what happened while no feed was there, as soon as one is', async () => {
    const { server, page } = await viewing()
    const story = storyOf('run-1', 'm-1', 'Question')
    story.end()
    server.save(story)
    page.actions.receiveFeed({ type: 'snapshot', threads: [] })
    await page.settle()
    expect(page.shown()).toEqual(['Question | '])
  })

  describe('when the feed begins after the page was read', () => {
    /** A page whose messages were read as of `read`, and a server that has one more by now. */
    const readAsOf = async (read: string) => {
      const server = createScriptedServer()
      server.put(threadOf(t1))
      const { messages } = server.api
      Object.assign(server.api, { messages: async (id: ThreadId) => ({ ...await messages(id), asOf: read }) })
      const page = openPage({ server })
      page.actions.start(t1)
      await page.settle()
      return { page, asked: () => server.called('messages').length }
    }

    it('asks for nothing again where nothing has changed between them', async () => {
      const { page, asked } = await readAsOf('a.1')
      page.actions.receiveFeed({ type: 'snapshot', threads: [], asOf: 'a.1' })
      await page.settle()
      expect(asked()).toBe(1)
    })

    it('asks again where something has', async () => {
      const { page, asked } = await readAsOf('a.1')
      page.actions.receiveFeed({ type: 'snapshot', threads: [], asOf: 'a.2' })
      await page.settle()
      expect(asked()).toBe(2)
    })

    it('asks again once where the page was still under way', async () => {
      const server = createScriptedServer()
      server.put(threadOf(t1))
      const { messages } = server.api
      const held = createGate()
      let asked = 0
      Object.assign(server.api, { messages: async (id: ThreadId) => {
        const page = { ...await messages(id), asOf: asked === 0 ? 'a.1' : 'a.2' }
        if (asked++ === 0) await held.opened
        return page
      } })
      const page = openPage({ server })
      page.actions.start(t1)
      await page.settle()
      page.actions.receiveFeed({ type: 'snapshot', threads: [], asOf: 'a.2' })
      await page.settle()
      expect(asked).toBe(1)
      held.open()
      await page.settle()
      await page.settle()
      expect(asked).toBe(2)
    })
  })

  it('shows a run that ended while the page of its chat was under way', async () => {
    const server = createScriptedServer()
    const story = running(server)
    const page = openPage({ server })
    // The page is read while the run is under way, and comes after the feed has told of its end.
    const held = createGate()
    const { messages } = server.api
    let asked = 0
    Object.assign(server.api, { messages: async (id: ThreadId) => {
      const read = await messages(id)
      if (asked++ === 0) await held.opened
      return read
    } })
    page.actions.start(t1)
    await page.settle()
    story.end()
    server.save(story)
    page.actions.receiveFeed({ type: 'snapshot', threads: [] })
    held.open()
    await page.settle()
    await page.settle()
    expect(page.shown()).toEqual(['Question | Hello'])
  })
})
