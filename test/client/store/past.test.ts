import { describe, expect, it } from 'vitest'
import type { Message, MessagePage, Run } from '../../../src/shared/protocol.ts'
import { changeContent, emptyContent, receiveNewestPage, receiveOlderPage, receivePast, receivePastPage } from '../../../src/client/store/content.ts'
import { selectPastTurns, selectTurns } from '../../../src/client/store/turns.ts'
import type { ThreadContent } from '../../../src/client/store/state.ts'
import { emptyState } from '../../../src/client/store/store.ts'
import { createRunStory } from '../../support/run-story.ts'
import { runOf, thread } from './fixtures.ts'

const TURNS = 30
const turns = Array.from({ length: TURNS }, (_, i) => {
  const story = createRunStory({ run: `run-${i}`, thread, text: `Question ${i}`, human: `q-${i}`, ...(i === 0 ? {} : { after: `a-${i - 1}` }) })
  story.message(`a-${i}`)
  story.part('p1')
  story.delta('p1', `Answer ${i}`)
  story.end()
  const transcript = story.transcript()
  return { messages: transcript.messages, run: runOf(transcript, { startedAt: 1_000 + i }) }
})
const all: readonly Message[] = turns.flatMap((turn) => turn.messages)
const runs: readonly Run[] = turns.map((turn) => turn.run)
const ids = (messages: readonly { readonly id: string }[]) => messages.map((message) => message.id)

/** The page from one message to another, as the server would give it. */
function page(from: number, to: number): MessagePage {
  const messages = all.slice(Math.max(0, from), to)
  return {
    messages: [...messages], activeRun: null,
    runs: runs.filter((run) => messages.some((message) => message.run === run.id)),
    before: from > 0 ? String(from) : null, after: to < all.length ? String(to) : null,
  }
}
const newest = () => receiveNewestPage(emptyContent, page(50, 60))
const stateOf = (content: ThreadContent) => changeContent(emptyState, thread, () => content)

describe('a piece of the thread further back', () => {
  it('stands beside the newest messages and does not touch them', () => {
    const content = receivePast(newest(), page(10, 20))
    expect(ids(content.past?.messages ?? [])).toEqual(ids(all.slice(10, 20)))
    expect(ids(content.messages)).toEqual(ids(all.slice(50)))
    expect(ids(selectPastTurns(stateOf(content), thread).map((turn) => turn.message))).toEqual(['q-5', 'q-6', 'q-7', 'q-8', 'q-9'])
    expect(selectTurns(stateOf(content), thread)).toHaveLength(5)
  })

  it('becomes one with them, read on from above', () => {
    let content = receivePast(newest(), page(10, 20))
    for (let to = 20; content.past !== null; to += 15) content = receivePastPage(content, page(to, to + 15), 'newer')
    expect(ids(content.messages)).toEqual(ids(all.slice(10)))
    expect(content.before).toBe('10')
    expect(selectTurns(stateOf(content), thread)).toHaveLength(25)
  })

  it('becomes one with them, read back from below, and keeps how far back it reaches', () => {
    let content = receivePast(newest(), page(10, 20))
    for (let from = 50; content.past !== null; from -= 12) content = receiveOlderPage(content, page(from - 12, from))
    expect(ids(content.messages)).toEqual(ids(all.slice(10)))
    expect(content.before).toBe('10')
  })

  it('grows upwards to the beginning', () => {
    const content = receivePastPage(receivePast(newest(), page(10, 20)), page(0, 10), 'older')
    expect(content.past).toMatchObject({ before: null, after: '20' })
    expect(content.past?.messages).toHaveLength(20)
  })

  it('that touches the newest messages at once is no piece of its own', () => {
    expect(receivePast(newest(), page(45, 55))).toMatchObject({ past: null, before: '45' })
    const whole = receivePast(receiveNewestPage(emptyContent, page(20, 60)), page(30, 40))
    expect(whole).toMatchObject({ past: null, before: '20' })
    expect(ids(whole.messages)).toEqual(ids(all.slice(20)))
  })

  it('may come before the newest messages do, and be the end of the thread itself', () => {
    const early = receivePast(emptyContent, page(10, 20))
    expect(early.status).toBe('loading')
    expect(receiveNewestPage(early, page(50, 60))).toMatchObject({ status: 'ready', past: { after: '20' } })
    expect(receivePast(emptyContent, page(50, 60))).toMatchObject({ status: 'ready', past: null, before: '50' })
  })

  it('gives way to another one, or grows where the two touch', () => {
    const first = receivePast(newest(), page(10, 20))
    expect(receivePast(first, page(30, 36)).past).toMatchObject({ before: '30', after: '36' })
    const grown = receivePast(first, page(15, 30))
    expect(ids(grown.past?.messages ?? [])).toEqual(ids(all.slice(10, 30)))
    expect(grown.past).toMatchObject({ before: '10', after: '30' })
  })
})
