// @vitest-environment happy-dom
/** A person edits, pages, goes on, copies, and puts what waits in order: what they press is what is done. */
import { act } from 'react'
import { expect, test } from 'vitest'
import type { MessageId } from '../../../src/shared/ids.ts'
import type { Thread } from '../../../src/shared/protocol.ts'
import type { Actions } from '../../../src/client/store/state.ts'
import { changeContent, receiveNewestPage } from '../../../src/client/store/content.ts'
import { StoreProvider } from '../../../src/client/store/react.ts'
import { putThreads } from '../../../src/client/store/threads.ts'
import { QueueList } from '../../../src/client/views/queue/queue-list.tsx'
import { ThreadView } from '../../../src/client/views/thread/thread-view.tsx'
import { createRunStory } from '../../support/run-story.ts'
import { createStage, runOf, thread, threadOf } from '../store/fixtures.ts'
import { useHost } from './host.ts'

const host = useHost()
const { button, press } = host

const done: unknown[][] = []
const record = (name: string) => (...args: unknown[]) => {
  done.push([name, ...args])
  return Promise.resolve()
}
const actions = {
  edit: record('edit'), goOn: record('goOn'), lookAt: record('lookAt'), fork: record('fork'), retry: record('retry'),
  queue: { edit: record('queue.edit'), move: record('queue.move'), remove: record('queue.remove'), sendNow: record('queue.sendNow'), steer: record('queue.steer'), resume: record('queue.resume') },
} as unknown as Actions
const key = (field: HTMLElement, name: string) => act(async () => void field.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true })))

/** One question, cut off in its first answer and interrupted in its second. */
async function show() {
  done.length = 0
  const stage = createStage()
  const tell = (run: string, at: number, outcome: 'cancelled' | 'interrupted') => {
    const story = createRunStory({ run, thread, text: 'Count', human: 'u1' })
    story.message(`answer-${run}`)
    story.part('p1')
    story.delta('p1', 'One, two, ')
    story.end(outcome)
    return { transcript: story.transcript(), run: runOf(story.transcript(), { startedAt: at }) }
  }
  const [one, two] = [tell('r1', 1000, 'cancelled'), tell('r2', 2000, 'interrupted')]
  stage.store.update((state) => putThreads(changeContent(state, thread, (held) => receiveNewestPage(held, {
    messages: [...one.transcript.messages, ...two.transcript.messages.slice(1)], runs: [one.run, two.run], activeRun: null, before: null,
    forks: [{ after: null, messages: ['u0' as MessageId, 'u1' as MessageId] }],
  })), [threadOf(thread, {
    queue: { paused: 'stopped', messages: ['one', 'two', 'three'].map((id) => ({ id: id as MessageId, parts: [{ kind: 'text' as const, text: id }], agent: 'demo', model: null, at: 1, state: 'waiting' as const })) },
  })]))
  await host.render(<StoreProvider store={stage.store} actions={actions}><ThreadView thread={thread} /><QueueList thread={thread} /></StoreProvider>)
  return stage
}

test('pages through versions of the question and of the answer', async () => {
  await show()
  const [version, answer] = host.element.querySelectorAll<HTMLElement>('[data-versions]')
  expect([version?.dataset['versions'], answer?.dataset['versions']]).toEqual(['2/2', '2/2'])
  await press('Previous', version)
  await press('Previous', answer)
  expect(done).toEqual([['lookAt', thread, 'u0'], ['lookAt', thread, 'r1']])
})

test('edits in place: Esc leaves it, Enter sends it', async () => {
  await show()
  const article = host.element.querySelector('article') as HTMLElement
  await press('Edit', article)
  await key(host.element.querySelector('textarea') as HTMLElement, 'Escape')
  expect(article.querySelector('textarea')).toBeNull()
  await press('Edit', article)
  await key(host.element.querySelector('textarea') as HTMLElement, 'Enter')
  expect(done).toEqual([['edit', thread, 'u1', 'Count']])
})

test('offers Continue where the answer was cut off, and a copy of the chat', async () => {
  await show()
  await press('Continue')
  await press('Copy the chat up to here')
  expect(done).toEqual([['goOn', thread, 'answer-r2'], ['fork', thread, 'answer-r2']])
})

test('puts what waits in order by buttons, edits, sends and removes it, and lets a paused queue go on', async () => {
  await show()
  const items = [...host.element.querySelectorAll<HTMLElement>('[data-queued]')]
  expect(items.map((item) => item.dataset['queued'])).toEqual(['one', 'two', 'three'])
  expect(host.element.textContent).toContain('Paused by Stop')
  await press('Move down', items[0])
  await press('Move down', items[1])
  await press('Move up', items[2])
  await press('Send now', items[1])
  await press('Remove', items[2])
  await press('Resume')
  expect(done).toEqual([
    ['queue.move', thread, 'one', 'three'], ['queue.move', thread, 'two', null], ['queue.move', thread, 'three', 'two'],
    ['queue.sendNow', thread, 'two'], ['queue.remove', thread, 'three'], ['queue.resume', thread],
  ])
  expect(() => button('Move up', items[0])).toThrow(/there is no button/)
  expect(() => button('Tell the agent now', items[0])).toThrow(/there is no button/)
})

test('offers to tell an agent at once where it can hear while it works', async () => {
  const stage = await show()
  const can = { steer: true, approvals: false, resume: false, files: false }
  const busy = createRunStory({ run: 'r3', thread })
  await act(async () => stage.store.update((state) => putThreads({ ...state, agents: { agents: [{ id: 'demo', title: 'Demo', models: [], can, ready: true }], default: 'demo' } }, [
    { ...state.threads.byId[thread], activeRun: runOf(busy.transcript()) } as Thread,
  ])))
  await press('Tell the agent now', host.element.querySelector('[data-queued]') as HTMLElement)
  expect(done).toEqual([['queue.steer', thread, 'one']])
})
