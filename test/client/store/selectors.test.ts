import { describe, expect, it } from 'vitest'
import { changeContent, claimRun, putSettled } from '../../../src/client/store/content.ts'
import { selectChoice } from '../../../src/client/store/choice.ts'
import { groupThreads, selectThreadList } from '../../../src/client/store/thread-list.ts'
import { selectGrowing, selectTurns } from '../../../src/client/store/turns.ts'
import { createStore } from '../../../src/client/store/store.ts'
import { putThreads, receiveFeedEvent, receiveRun } from '../../../src/client/store/threads.ts'
import { createRunStory, humanMessage } from '../../support/run-story.ts'
import { copy, createStage, runOf, thread, threadOf, tokenOf, viewOf } from './fixtures.ts'

describe('what a delta redraws', () => {
  it('is nothing but the part that grows: the turns of a long thread stay the very same', () => {
    const { store, sink, frames } = createStage()
    const old = createRunStory({ run: 'run-0', thread })
    old.message('answer-0')
    old.part('p1')
    old.delta('p1', 'Old')
    old.end()
    store.update((state) => changeContent(state, thread, (content) => claimRun(putSettled(content, old.transcript().messages, [runOf(old.transcript())], 'newer'), tokenOf('run-1'))))
    const story = createRunStory({ run: 'run-1', thread })
    story.message('answer-1')
    story.part('p1', 'thinking')
    story.delta('p1', 'Hm')
    story.endPart('p1')
    story.part('p2')
    const show = () => {
      const told = story.transcript()
      sink.applyEvents(tokenOf('run-1'), viewOf({ ...told, messages: [humanMessage('More', { id: 'm-2', run: 'run-1', after: 'answer-0' }), ...told.messages.slice(1)] }))
      frames.draw()
      return selectTurns(store.getState(), thread)
    }
    const before = show()
    story.delta('p2', 'Hello')
    const after = show()
    expect(after).toHaveLength(2)
    expect(after).toBe(before)
    expect(after[1]?.replies[0]?.parts).toMatchObject([{ kind: 'thinking', text: 'Hm' }, { kind: 'text', text: '', state: 'open' }])
    expect(selectGrowing(store.getState(), thread, 'answer-1', 'p2')).toMatchObject({ text: 'Hello' })

    story.endPart('p2')
    const ended = show()
    expect(ended[0]).toBe(before[0])
    expect(ended[1]?.message).toBe(before[1]?.message)
    expect(ended[1]?.replies[0]?.parts[0]).toBe(before[1]?.replies[0]?.parts[0])
    expect(ended[1]?.replies[0]?.parts[1]).toMatchObject({ text: 'Hello', state: 'done' })
  })

  it('leaves its text in the turn where the run ended in the middle of a part', () => {
    const { store, sink, frames, claim } = createStage()
    claim(tokenOf('run-1'))
    const story = createRunStory({ run: 'run-1', thread })
    story.message()
    story.part('p1')
    story.delta('p1', 'Half of')
    story.end('cancelled')
    sink.applyEvents(tokenOf('run-1'), viewOf(story.transcript()))
    frames.draw()
    expect(selectTurns(store.getState(), thread)[0]?.replies[0]?.parts[0]).toMatchObject({ text: 'Half of' })
    expect(selectGrowing(store.getState(), thread, 'm-1', 'p9')).toBeNull()
  })

  it('is nothing when the same snapshot comes again', () => {
    const { store, sink, frames, claim } = createStage()
    claim(tokenOf('run-1'))
    const story = createRunStory({ run: 'run-1', thread })
    story.message()
    story.part('p1')
    story.delta('p1', 'Hello')
    sink.applyEvents(tokenOf('run-1'), viewOf(story.transcript()))
    frames.draw()
    const before = selectTurns(store.getState(), thread)
    sink.applyEvents(tokenOf('run-1'), copy(viewOf(story.transcript())))
    frames.draw()
    expect(selectTurns(store.getState(), thread)).toBe(before)
  })
})

describe('the list of threads', () => {
  const now = new Date(2024, 4, 15, 12).getTime()
  const daysAgo = (days: number) => new Date(2024, 4, 15 - days, 11).getTime()

  it('is grouped by pin, day, week and month', () => {
    const threads = [
      threadOf('a', { updatedAt: daysAgo(0) }), threadOf('b', { updatedAt: daysAgo(1) }), threadOf('c', { updatedAt: daysAgo(2) }), threadOf('d', { updatedAt: daysAgo(7) }),
      threadOf('e', { updatedAt: daysAgo(8) }), threadOf('f', { updatedAt: daysAgo(40) }), threadOf('g', { updatedAt: daysAgo(400), pinned: true }),
    ]
    const groups = groupThreads(threads, now).map((group) => [group.kind, group.threads.map((one) => one.id).join('')])
    expect(groups).toEqual([['pinned', 'g'], ['today', 'a'], ['yesterday', 'b'], ['week', 'cd'], ['month', 'e'], ['month', 'f']])
  })

  it('keeps its identity while nothing in it changes', () => {
    const store = createStore()
    store.update((state) => putThreads(state, [threadOf('a'), threadOf('b', { updatedAt: 2000 })]))
    const before = selectThreadList(store.getState())
    expect(before.map((one) => one.id)).toEqual(['b', 'a'])
    store.update((state) => receiveFeedEvent(state, { type: 'thread.changed', thread: threadOf('a') }))
    expect(selectThreadList(store.getState())).toBe(before)
    store.update((state) => receiveFeedEvent(state, { type: 'thread.changed', thread: threadOf('a', { title: 'New' }) }))
    expect(selectThreadList(store.getState())[0]).toBe(before[0])
    expect(selectThreadList(store.getState())[1]?.title).toBe('New')
  })

  it('takes the feed\'s snapshot as the whole truth about what is active and unread', () => {
    const story = createRunStory({ run: 'run-1', thread: 'a' })
    const store = createStore()
    store.update((state) => putThreads(state, [threadOf('a', { activeRun: runOf(story.transcript()) }), threadOf('b', { unread: true }), threadOf('c')]))
    store.update((state) => receiveFeedEvent(state, { type: 'snapshot', threads: [threadOf('c', { unread: true })] }))
    const { byId } = store.getState().threads
    expect([byId['a']?.activeRun, byId['b']?.unread, byId['c']?.unread]).toEqual([null, false, true])
  })

  it('shows a run as active until it is settled', () => {
    const story = createRunStory({ run: 'run-1', thread: 'a' })
    const store = createStore()
    store.update((state) => putThreads(state, [threadOf('a')]))
    const told = (more: Parameters<typeof runOf>[1]) => {
      store.update((state) => receiveRun(state, runOf(story.transcript(), more)))
      return store.getState().threads.byId['a']?.activeRun?.status
    }
    expect(told({ status: 'running' })).toBe('running')
    expect(told({ status: 'settling' })).toBe('settling')
    expect(told({ status: 'completed', settled: true })).toBeUndefined()
  })
})

describe('the agent that answers', () => {
  const agent = (id: string, models: string[] = []) => ({
    id, title: id, models: models.map((model) => ({ id: model, title: model })), can: { steer: false, approvals: false, resume: false, files: false }, ready: true,
  })

  it('is the person\'s choice, else the thread\'s, else the default', () => {
    const store = createStore({ initial: { agents: { agents: [agent('demo'), agent('openai', ['small', 'large'])], default: 'demo' } } })
    expect(selectChoice(store.getState(), null)?.agent.id).toBe('demo')
    store.update((state) => putThreads(state, [threadOf('thread-1', { agent: 'openai', model: 'large' })]))
    expect(selectChoice(store.getState(), thread)).toMatchObject({ agent: { id: 'openai' }, model: 'large' })
    store.update((state) => ({ ...state, choice: { agent: 'openai', model: 'small' } }))
    expect(selectChoice(store.getState(), thread)).toMatchObject({ model: 'small' })
    expect(selectChoice(store.getState(), thread)).toBe(selectChoice(store.getState(), thread))
    store.update((state) => ({ ...state, choice: { agent: 'gone', model: 'x' } }))
    expect(selectChoice(store.getState(), thread)).toMatchObject({ agent: { id: 'demo' }, model: null })
  })
})
