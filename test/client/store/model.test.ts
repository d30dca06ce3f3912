/** Whatever order the streams, the pages and the frames come in: what is shown is never less, and nothing is shown twice. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { MessageId, RunId } from '../../../src/shared/ids.ts'
import type { Message, Transcript } from '../../../src/shared/protocol.ts'
import { content as textOf } from '../../../src/shared/covers.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import { changeContent, putOutgoing, receiveNewestPage } from '../../../src/client/store/content.ts'
import { createRunStory, humanMessage } from '../../support/run-story.ts'
import { copy, createStage, readTurns, runOf, thread, viewOf } from './fixtures.ts'

/** Two runs of one thread: every state that each one's transcript goes through. */
function tell(): readonly (readonly Transcript[])[] {
  return [0, 1].map((which) => {
    const run = `run-${which}`
    const story = createRunStory({ run, thread })
    story.message(`answer-${which}`)
    story.part('p1', 'thinking')
    story.delta('p1', 'Hm')
    story.endPart('p1')
    story.part('p2')
    story.delta('p2', 'Hello ')
    story.delta('p2', 'world')
    story.end()
    const human = humanMessage(`Question ${which}`, { id: `m-${which}`, run, after: which === 0 ? null : 'answer-0' })
    return story.events.flatMap((_, index) => {
      const told = foldEvents(story.events.slice(0, index + 1))
      return told === null ? [] : [{ ...told, startedAt: 1000 + which * 1000, messages: [human, ...told.messages.slice(1)] }]
    })
  })
}

const which = fc.constantFrom(0, 1)
const move = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('advance' as const), which, by: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stale' as const), which, at: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replay' as const), which, at: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('draw' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rejoin' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('page' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finish' as const), which, how: fc.constantFrom('settled', 'superseded', 'failed') }) },
)

function lengths(messages: readonly Pick<Message, 'id' | 'parts'>[]): Map<string, number> {
  return new Map(messages.flatMap((message) => message.parts.map((part) => [`${message.id} ${part.id}`, textOf(part).length] as const)))
}

it('never shows less, nor anything twice, nor out of order', () => {
  const stories = tell()
  fc.assert(fc.property(fc.array(move, { minLength: 1, maxLength: 40 }), (moves) => {
    const stage = createStage({ onListenerError: (error) => { throw error } })
    const { store, sink, frames } = stage
    const reached = [0, 0]
    const tokens = [0, 0]
    const ended = [false, false]
    let generation = 0
    let before = new Map<string, number>()
    const at = (index: number, place: number) => stories[index]?.[Math.min(place, stories[index].length - 1)] as Transcript
    const token = (index: number, of = tokens[index] ?? 0) => ({ thread, run: `run-${index}` as RunId, generation: of })
    const claim = (index: number) => {
      tokens[index] = ++generation
      ended[index] = false
      stage.claim(token(index))
    }
    const saved = (index: number) => reached[index] === (stories[index]?.length ?? 0) - 1

    store.subscribe((state) => {
      const turns = readTurns(state, thread)
      const shown = turns.flatMap((turn) => [turn.message, ...turn.replies])
      const ids = shown.map((message) => message.id)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.filter((id) => id.startsWith('m-'))).toEqual(['m-0', 'm-1'].filter((id) => ids.includes(id as MessageId)))
      const now = lengths(shown)
      for (const [key, length] of before) expect(now.get(key) ?? -1, key).toBeGreaterThanOrEqual(length)
      // The text of a message that is being sent has its own part, which the server's takes over from.
      before = new Map([...now].filter(([key]) => !key.endsWith(' sent')))
    })

    const sending = (index: number) => ({ id: `m-${index}` as MessageId, text: `Question ${index}`, status: 'sending' as const, error: null, at: 1, run: `run-${index}` as RunId, startedAt: 1000 + index * 1000 })
    store.update((state) => changeContent(state, thread, (content) => putOutgoing({ ...content, status: 'ready' }, sending(0))))
    claim(0)
    let begun = false
    for (const one of moves) {
      // The second run begins when the server has ended the first, whether this page knows it or not.
      if (!begun && (reached[0] ?? 0) > 3) {
        begun = true
        store.update((state) => changeContent(state, thread, (content) => putOutgoing(content, sending(1))))
        claim(1)
      }
      if ('which' in one && one.which === 1 && !begun) continue
      switch (one.do) {
        case 'advance':
          if (ended[one.which]) break
          reached[one.which] = Math.min((reached[one.which] ?? 0) + one.by, (stories[one.which]?.length ?? 1) - 1)
          sink.applyEvents(token(one.which), viewOf(at(one.which, reached[one.which] ?? 0)))
          break
        case 'stale':
          sink.applyEvents(token(one.which, (tokens[one.which] ?? 0) - 1), viewOf(at(one.which, one.at)))
          break
        case 'replay':
          sink.applyEvents(token(one.which), copy(viewOf(at(one.which, Math.min(one.at, reached[one.which] ?? 0)))))
          break
        case 'draw':
          frames.draw()
          break
        case 'rejoin':
          if (!ended[one.which]) claim(one.which)
          break
        case 'page': {
          const there = [0, 1].filter((index) => saved(index)).map((index) => copy(at(index, 99)))
          store.update((state) => changeContent(state, thread, (content) => receiveNewestPage(content, {
            messages: there.flatMap((told) => told.messages), runs: there.map((told) => runOf(told)), activeRun: null, before: null,
          })))
          break
        }
        case 'finish':
          if (ended[one.which] || (one.how === 'settled' && !saved(one.which))) break
          ended[one.which] = true
          sink.finalize(token(one.which), one.how === 'settled'
            ? { kind: 'settled', run: runOf(at(one.which, 99)), messages: copy(at(one.which, 99).messages) }
            : one.how === 'superseded' ? { kind: 'superseded' } : { kind: 'failed', reason: 'refused', message: 'no' })
          break
        default:
          one satisfies never
      }
    }
  }), { numRuns: 1000 })
})
