// @vitest-environment happy-dom
/** What a token costs the page: only the turn that grows is drawn, and that once per animation frame. */
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import type { Root } from 'react-dom/client'
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

/** As many as fit the page: others would not be on it. */
const SETTLED = 6
const TOKENS = 50

let root: Root
let host: HTMLElement

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  host = document.body.appendChild(document.createElement('div'))
  root = createRoot(host)
})

afterEach(async () => {
  await act(async () => root.unmount())
  host.remove()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
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
  apply()
  stage.frames.draw()
  await act(async () => root.render(
    <StoreProvider store={stage.store} actions={{} as Actions}><ThreadView thread={thread} /></StoreProvider>,
  ))
  expect(host.querySelectorAll('article')).toHaveLength(2 * SETTLED + 2)
  for (const spy of Object.values(drawn)) {
    expect(spy).toHaveBeenCalledTimes(SETTLED + 1)
    spy.mockClear()
  }
  const shown = () => host.querySelector('[data-message="answer-live"] [data-kind=text]')?.textContent
  return { live, apply, draw, drawn, shown, ends: stage.sink, token }
}

test('a token draws the turn that grows, and none of those above it', async () => {
  const { live, apply, draw, drawn, shown } = await showThread()
  for (let i = 0; i < TOKENS; i++) {
    live.delta('p-live', ` word${i}`)
    apply()
    await draw()
  }
  expect(shown()).toContain(`word${TOKENS - 1}`)
  expect(drawn.turns).toHaveBeenCalledTimes(TOKENS)
  expect(drawn.answers).toHaveBeenCalledTimes(TOKENS)
  expect(drawn.answers.mock.calls.every(([props]) => props.message.id === 'answer-live')).toBe(true)
  expect(drawn.said, 'the question above the answer does not change').not.toHaveBeenCalled()
})

test('all tokens of one frame are drawn once', async () => {
  const { live, apply, draw, drawn, shown } = await showThread()
  for (let i = 0; i < TOKENS; i++) {
    live.delta('p-live', ` word${i}`)
    apply()
  }
  expect(drawn.turns, 'nothing before the frame').not.toHaveBeenCalled()
  await draw()
  expect(shown()).toContain(`word${TOKENS - 1}`)
  expect(drawn.turns).toHaveBeenCalledTimes(1)
})

test('an answer that ends leaves the nodes of its text as they are', async () => {
  const { live, apply, draw, ends, token } = await showThread()
  const article = host.querySelector('[data-message="answer-live"]')
  const paragraph = article?.querySelector('p')
  live.endPart('p-live')
  live.end()
  apply()
  await draw()
  await act(async () => ends.finalize(token, { kind: 'settled', run: runOf(live.transcript()), messages: live.transcript().messages }))
  expect(article?.getAttribute('data-status')).toBe('completed')
  expect(host.querySelector('[data-message="answer-live"]')).toBe(article)
  expect(article?.querySelector('p')).toBe(paragraph)
})
