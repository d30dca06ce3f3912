// @vitest-environment happy-dom
/** What a token costs the page: of a text nothing is drawn by React at all, of a tool call its own card, once per animation frame. */
import { act, Profiler } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Actions } from '../../../src/client/store/state.ts'
import { changeContent, receiveNewestPage } from '../../../src/client/store/content.ts'
import { StoreProvider } from '../../../src/client/store/react.ts'
import { AssistantMessage } from '../../../src/client/views/message/assistant-message.tsx'
import { TurnEnd } from '../../../src/client/views/message/turn-end.tsx'
import { UserMessage } from '../../../src/client/views/message/user-message.tsx'
import { ThreadView } from '../../../src/client/views/thread/thread-view.tsx'
import { Turn } from '../../../src/client/views/thread/turn.tsx'
import { createRunStory } from '../../support/run-story.ts'
import { createStage, runOf, thread, tokenOf, viewOf } from '../store/fixtures.ts'
import { useHost } from './host.ts'

/** As many as fit the page: others would not be on it. */
const SETTLED = 6
const TOKENS = 50

const host = useHost()

beforeEach(() => {
  // The time that ticks under a live answer is drawn for its own sake.
  vi.useFakeTimers({ toFake: ['setInterval'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A thread of settled turns with one live answer below them, on the page. Counts what is drawn from then on. */
async function showThread() {
  const stage = createStage()
  const settled = Array.from({ length: SETTLED }, (_, i) => {
    const story = createRunStory({ run: `run-${i}`, thread, text: `Question ${i}`, human: `human-${i}`, ...(i === 0 ? {} : { after: `answer-${i - 1}` }) })
    story.message(`answer-${i}`)
    story.part(`p-${i}`)
    story.delta(`p-${i}`, `Answer **${i}**`)
    story.end()
    const transcript = story.transcript()
    // Each run begins after the one before it.
    return { messages: transcript.messages, run: runOf(transcript, { startedAt: transcript.startedAt - (SETTLED - i) * 10 }) }
  })
  stage.store.update((state) => changeContent(state, thread, (held) => receiveNewestPage(held, {
    messages: settled.flatMap((one) => one.messages), runs: settled.map((one) => one.run), activeRun: null, before: null,
  })))
  const token = tokenOf('live')
  stage.claim(token)
  const live = createRunStory({ run: 'live', thread, text: 'And now?', human: 'human-live', after: `answer-${SETTLED - 1}` })
  live.message('answer-live')
  live.part('p-live')
  live.delta('p-live', 'It')
  const apply = () => stage.sink.applyEvents(token, viewOf(live.transcript()))
  const draw = () => act(async () => stage.frames.draw())

  const drawn = { turns: vi.spyOn(Turn, 'type'), said: vi.spyOn(UserMessage, 'type'), answers: vi.spyOn(AssistantMessage, 'type'), ends: vi.spyOn(TurnEnd, 'type') }
  /** React's own count: a commit that drew anything of the thread. */
  const commits = vi.fn<() => void>()
  apply()
  stage.frames.draw()
  await host.render(<StoreProvider store={stage.store} actions={{} as Actions}><Profiler id="thread" onRender={commits}><ThreadView thread={thread} /></Profiler></StoreProvider>)
  expect(host.element.querySelectorAll('article')).toHaveLength(2 * SETTLED + 2)
  for (const spy of Object.values(drawn)) {
    expect(spy).toHaveBeenCalledTimes(SETTLED + 1)
    spy.mockClear()
  }
  commits.mockClear()
  const shown = () => host.element.querySelector('[data-message="answer-live"] [data-kind=text]')?.textContent
  return { live, apply, draw, drawn, commits, shown, ends: stage.sink, token }
}

test('a token of a text draws nothing: not the turns above, not its own turn, not its own part', async () => {
  const { live, apply, draw, drawn, commits, shown } = await showThread()
  for (let i = 0; i < TOKENS; i++) {
    live.delta('p-live', ` word${i}`)
    apply()
    await draw()
    expect(shown(), 'it is on the page with its frame').toContain(`word${i}`)
  }
  for (const spy of Object.values(drawn)) expect(spy).not.toHaveBeenCalled()
  expect(commits).not.toHaveBeenCalled()
})

test('a thought that grows draws nothing either', async () => {
  const { live, apply, draw, drawn, commits } = await showThread()
  live.endPart('p-live')
  live.part('t-live', 'thinking')
  apply()
  await draw()
  for (const spy of [commits, ...Object.values(drawn)]) spy.mockClear()
  live.delta('t-live', 'Let me **see**')
  apply()
  await draw()
  expect(host.element.querySelector('[data-kind=thinking] strong')?.textContent).toBe('see')
  for (const spy of [commits, ...Object.values(drawn)]) expect(spy).not.toHaveBeenCalled()
})

test('a piece of a tool call draws its card, once per frame, and nothing around it', async () => {
  const { live, apply, draw, drawn, commits } = await showThread()
  live.endPart('p-live')
  live.part('c-live', 'tool', { name: 'shell', call: 'c1' })
  apply()
  await draw()
  for (const spy of [commits, ...Object.values(drawn)]) spy.mockClear()
  for (const piece of ['{"comm', 'and":"', 'ls -l"']) live.delta('c-live', piece, 'input')
  apply()
  await draw()
  expect(host.element.querySelector('[data-kind=tool]')?.textContent).toContain('ls -l')
  for (const spy of Object.values(drawn)) expect(spy).not.toHaveBeenCalled()
  expect(commits).toHaveBeenCalledTimes(1)
})

test('nothing is shown before its frame, and all tokens of a frame together', async () => {
  const { live, apply, draw, shown } = await showThread()
  for (let i = 0; i < TOKENS; i++) {
    live.delta('p-live', ` word${i}`)
    apply()
  }
  expect(shown()).not.toContain('word0')
  await draw()
  expect(shown()).toContain(`word${TOKENS - 1}`)
})

test('an answer that ends leaves the nodes of its text as they are', async () => {
  const { live, apply, draw, ends, token } = await showThread()
  const article = host.element.querySelector('[data-message="answer-live"]')
  const paragraph = article?.querySelector('p')
  live.endPart('p-live')
  live.end()
  apply()
  await draw()
  await act(async () => ends.finalize(token, { kind: 'settled', run: runOf(live.transcript()), messages: live.transcript().messages }))
  expect(article?.getAttribute('data-status')).toBe('completed')
  expect(host.element.querySelector('[data-message="answer-live"]')).toBe(article)
  expect(article?.querySelector('p')).toBe(paragraph)
})
