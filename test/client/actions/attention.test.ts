import { describe, expect, it } from 'vitest'
import { createAttention, news } from '../../../src/client/actions/attention.ts'
import type { Notice } from '../../../src/client/actions/attention.ts'
import { selectAttention } from '../../../src/client/store/thread-list.ts'
import { createStore } from '../../../src/client/store/store.ts'
import { putThreads } from '../../../src/client/store/threads.ts'
import { createRunStory } from '../../support/run-story.ts'
import { runOf, thread, threadOf } from '../store/fixtures.ts'

const running = runOf(createRunStory({ run: 'run-1', thread, text: 'Question', human: 'h-1' }).transcript())
const id = String(thread)

function page({ wanted = true, leads = true, seen = false } = {}) {
  const store = createStore()
  store.update((state) => putThreads({ ...state, preferences: { ...state.preferences, notifications: wanted } }, [threadOf(id, { activeRun: running })]))
  const shown: Notice[] = []
  const opened: string[] = []
  let open = () => {}
  const asked: Promise<boolean>[] = []
  store.subscribe(createAttention({
    notices: { ask: () => Promise.resolve(true), show: (notice, onOpen) => { shown.push(notice); open = onOpen } },
    leads: () => leads,
    anyVisible() {
      const answer = Promise.resolve(seen)
      asked.push(answer)
      return answer
    },
    open: (one) => opened.push(one), log: () => undefined,
  }))
  const put = async (more: Parameters<typeof threadOf>[1]) => {
    store.update((state) => putThreads(state, [threadOf(id, more)]))
    await Promise.all(asked)
  }
  return { store, put, shown, opened, open: () => open() }
}

describe('notices', () => {
  it('tells once of a finished answer, and its click opens the thread', async () => {
    const { put, shown, opened, open } = page()
    await put({ unread: true })
    await put({ unread: true, title: 'Named meanwhile' })
    expect(shown.map((notice) => [notice.kind, notice.thread.id])).toEqual([['done', id]])
    open()
    expect(opened).toEqual([id])
  })
  it('tells of a question that waits for somebody', async () => {
    const { put, shown } = page()
    await put({ activeRun: { ...running, waiting: true } })
    expect(shown.map((notice) => notice.kind)).toEqual(['waiting'])
  })
  it.each([['nobody asked for them', { wanted: false }], ['another tab speaks', { leads: false }], ['a tab is looked at', { seen: true }]])('says nothing where %s', async (_why, options) => {
    const { put, shown } = page(options)
    await put({ unread: true })
    expect(shown).toEqual([])
  })
  it('takes a list that is loaded for no news', () => {
    const empty = createStore().getState()
    expect(news(empty, putThreads(empty, [threadOf(id, { unread: true })]))).toEqual([])
  })
})

describe('the mark of the page', () => {
  const marked = (...threads: ReturnType<typeof threadOf>[]) => selectAttention(putThreads(createStore().getState(), threads))
  it('is the most pressing of what goes on, and counts what is for a person to see', () => {
    expect(marked(threadOf('a'))).toEqual({ mark: null, count: 0 })
    expect(marked(threadOf('a', { activeRun: running }))).toEqual({ mark: 'running', count: 0 })
    expect(marked(threadOf('a', { activeRun: running }), threadOf('b', { unread: true }))).toEqual({ mark: 'unread', count: 1 })
    expect(marked(threadOf('a', { activeRun: { ...running, waiting: true }, unread: true }), threadOf('b', { unread: true }))).toEqual({ mark: 'waiting', count: 2 })
  })
})
