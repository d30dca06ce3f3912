import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/shared/protocol.ts'
import { createRunStory } from '../run-story.ts'
import { checkHistory } from './checker.ts'
import { createRecorder } from './history.ts'
import type { Happening, Rule } from './history.ts'

const run = 'run-1'
const story = createRunStory({ run })
story.message()
story.part('p1')
story.delta('p1', 'Hello ')
story.delta('p1', 'world')
story.endPart('p1')
const beforeEnd = story.transcript()
story.end()
const { events } = story
const at = (seq: number) => events[seq - 1] as RunEvent
const commit = (from: number, to: number): Happening => ({ type: 'committed', run, events: events.slice(from - 1, to) })
const apply = (seq: number, event = at(seq), reader = 'ann'): Happening => ({ type: 'applied', reader, run, event })
const show = (text: string, reader = 'ann'): Happening => ({ type: 'shown', reader, run, part: 'p1', text })
const journal = (of: readonly RunEvent[] = events): Happening => ({ type: 'journal', run, events: of })
const settled = (text: string): Happening => ({ type: 'settled', reader: 'ann', run, parts: { p1: text } })
const ended = (outcome: 'completed' | 'cancelled', by = 'the row'): Happening => ({ type: 'ended', by, run, outcome })

const good: Happening[] = [
  commit(1, 4), apply(1), apply(2), apply(3), apply(4), show('Hello '), { type: 'joined', reader: 'bob', transcript: beforeEnd }, commit(5, 7),
  { type: 'left', reader: 'ann' }, apply(1), show('Hel'), show('Hello world'), apply(7, at(7), 'bob'), ended('completed'), journal(), settled('Hello world'),
]
// Bob joined before what he took was durable.
const goodInOrder = [...good.slice(0, 6), ...good.slice(7, 8), ...good.slice(6, 7), ...good.slice(8)]

test('a history in which all promises were kept has no violation', () => {
  expect(checkHistory(goodInOrder)).toEqual([])
})

test('without a word of the store, readers are held against each other and against the journal', () => {
  expect(checkHistory(goodInOrder.filter((one) => one.type !== 'committed'))).toEqual([])
})

const broken: readonly (readonly [string, Rule, readonly Happening[]])[] = [
  ['a reader that is told another event', 'one order', [commit(1, 5), apply(1), apply(2), apply(3), apply(4, { ...at(4), text: 'Hullo ' } as RunEvent)]],
  ['two readers of different texts, nobody hearing the store', 'one order', [show('Hello '), show('Hello you', 'bob'), show('Hello world')]],
  ['a journal in another order than it was told', 'one order', [commit(1, 7), journal([...events.slice(0, 3), { ...at(5), seq: 4 }, { ...at(4), seq: 5 }, ...events.slice(5)] as RunEvent[])]],
  ['an event that a reader never got', 'no gap', [commit(1, 7), apply(1), apply(2), apply(4)]],
  ['a reader that begins in the middle without a snapshot', 'no gap', [commit(1, 7), apply(4)]],
  ['a commit with a hole before it', 'no gap', [commit(1, 3), commit(5, 5)]],
  ['a journal with a hole', 'no gap', [journal([...events.slice(0, 3), ...events.slice(4)])]],
  ['a journal that lost its last events', 'no gap', [commit(1, 7), journal(events.slice(0, 5))]],
  ['an event that a reader applied twice', 'no double', [commit(1, 7), apply(1), apply(2), apply(2)]],
  ['an event committed twice', 'no double', [commit(1, 4), commit(4, 5)]],
  ['a journal with an event twice', 'no double', [journal([...events.slice(0, 4), ...events.slice(3)])]],
  ['text shown before it is durable', 'shown is journaled', [commit(1, 4), show('Hello world'), commit(5, 7)]],
  ['an event applied before it is durable', 'shown is journaled', [commit(1, 1), apply(1), apply(2)]],
  ['a snapshot of what is not durable', 'shown is journaled', [commit(1, 4), { type: 'joined', reader: 'bob', transcript: beforeEnd }]],
  ['text shown that the journal never had', 'shown is journaled', [show('Hello worlds'), journal()]],
  ['a part shown that the journal never had', 'shown is journaled', [{ type: 'shown', reader: 'ann', run, part: 'p9', text: 'x' }, journal()]],
  ['text taken back', 'shown only grows', [commit(1, 7), show('Hello world'), show('Hello ')]],
  ['text taken back by another one of the same length', 'shown only grows', [show('Hello '), show('Hullo ')]],
  ['two people told of different ends', 'first outcome final', [commit(1, 7), ended('cancelled')]],
  ['an outcome that changes', 'first outcome final', [ended('completed'), ended('cancelled')]],
  ['an event committed behind the end', 'first outcome final', [commit(1, 7), { type: 'committed', run, events: [{ type: 'run.notice', seq: 8, at: 1, level: 'info', text: 'late' }] }]],
  ['a journal without an end', 'first outcome final', [journal(events.slice(0, 6))]],
  ['a journal with an end in the middle', 'first outcome final', [journal([...events.slice(0, 2), at(7), ...events.slice(2, 7)])]],
  ['a reader that misses the last words', 'whole in the end', [commit(1, 7), settled('Hello ')]],
  ['a reader that misses a part', 'whole in the end', [commit(1, 7), { type: 'settled', reader: 'ann', run, parts: {} }]],
  ['a reader with a part of its own', 'whole in the end', [commit(1, 7), { type: 'settled', reader: 'ann', run, parts: { p1: 'Hello world', p2: '' } }]],
  ['a run shown that nobody committed', 'whole in the end', [settled('Hello world')]],
  ['an end that vouches for another text', 'whole in the end', [journal([...events.slice(0, 6), { ...at(7), parts: { p1: { length: 11, hash: '00000000' } } } as RunEvent])]],
]
describe('catches', () => {
  test.each(broken)('%s', (_name, rule, happenings) => {
    const found = checkHistory(happenings)
    expect(found.map((violation) => violation.rule)).toContain(rule)
    expect(found[0]?.what).not.toBe('')
  })
})

test('the order of the fields of an event is nobody\'s matter', () => {
  const turned = Object.fromEntries(Object.entries(at(4)).toReversed()) as unknown as RunEvent
  expect(checkHistory([commit(1, 7), apply(1), apply(2), apply(3), apply(4, turned)])).toEqual([])
})

test('a recorder keeps what happened, in order, as lines that can be read back and judged', () => {
  const recorder = createRecorder()
  for (const happening of goodInOrder) recorder.record(happening)
  const readBack = recorder.toLines().split('\n').map((line) => JSON.parse(line) as Happening)
  expect(readBack).toEqual(recorder.happenings)
  expect(checkHistory(readBack)).toEqual([])
})
