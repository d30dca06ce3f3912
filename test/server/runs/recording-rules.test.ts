/** What the journal gets of what an agent yields: ids, places, times, and what counts. */
import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../../src/server/agents/agent.ts'
import { JOIN_MS, PROGRESS_MS, closeParts, endStream, hasAnswer, note, openRecording, record, requestApproval } from '../../../src/server/runs/recording.ts'
import type { Recording } from '../../../src/server/runs/recording.ts'
import { read, transcriptSchema } from '../../../src/shared/protocol.ts'
import { createRunStory, humanMessage } from '../../support/run-story.ts'
import { openText, recorder } from './recorder.ts'

const never = (): never => { throw new Error('nothing was asked') }

describe('ids, places and times', () => {
  it('names messages, parts and approvals by the run and a number, however long the run’s own name is', () => {
    const run = 'r'.repeat(64)
    let { recording } = record(openRecording(createRunStory({ run }).transcript()), { type: 'message.started', message: 'one' }, 1)
    ;({ recording } = record(recording, { type: 'part.started', part: 't', kind: 'tool', name: 'clock' }, 1))
    const ask = () => requestApproval(recording, { part: 't', question: '?', input: '{}', options: ['yes'] }, 2)
    const first = ask()
    recording = first.recording
    expect([recording.transcript.messages[1]?.id, first.approval, ask().approval]).toEqual([`${run.slice(0, 48)}-m1`, `${run.slice(0, 48)}-a1`, `${run.slice(0, 48)}-a2`])
    expect(recording.transcript.messages[1]?.parts[0]?.id).toBe('p1')
    read(transcriptSchema, recording.transcript)
  })

  it('goes on where another owner left: behind its parts, with its counters and the decision that waits', () => {
    const story = createRunStory({ run: 'run-1' })
    story.message('m-1')
    story.part('p1')
    story.part('p2', 'tool')
    story.request('a1', 'p2')
    story.progress({ usage: { outputTokens: 5 }, modelCalls: 1, toolCalls: 1, messages: 1 })
    const left = openRecording(story.transcript())
    expect([left.waiting, left.counters]).toEqual([true, { usage: { outputTokens: 5 }, modelCalls: 1, toolCalls: 1, messages: 1 }])
    expect(record(left, openText, 9_000).events).toMatchObject([{ type: 'part.started', message: 'm-1', part: 'p3', seq: 7 }])
    const closed = closeParts(left, 'failed', 9_000)
    // A tool that never returned is stopped, whatever ended the run.
    expect(closed.events).toMatchObject([{ part: 'p1', state: 'failed', at: 9_000 }, { part: 'p2', state: 'stopped' }])
    const [end] = endStream(closed.recording, { outcome: 'interrupted' }, 9_001).events
    expect(end).toMatchObject({ type: 'stream_end', at: 9_001, outcome: 'interrupted', usage: { outputTokens: 5 }, parts: { p1: { length: 0 }, p2: { length: 0 } } })
  })

  it('puts a part into the message that it names, else into the agent’s newest, else into one of its own', () => {
    const r = recorder()
    r.yields({ type: 'message.started', message: 'one' })
    r.yields({ type: 'part.started', part: 'call', message: 'one', kind: 'tool', name: 'helper' })
    r.yields({ type: 'message.started', message: 'two', parent: 'call' })
    r.yields({ type: 'part.started', part: 'x', kind: 'text' })
    r.yields({ type: 'part.started', part: 'y', message: 'one', kind: 'text' })
    expect(r.events).toMatchObject([
      { type: 'message.started', message: 'run-1-m1', role: 'assistant' }, { part: 'p1', message: 'run-1-m1', name: 'helper' }, { message: 'run-1-m2', parent: 'p1' }, { part: 'p2', message: 'run-1-m2' }, { part: 'p3', message: 'run-1-m1' },
    ])
    // What a person says meanwhile is no message of the agent's.
    const said = note(openRecording(createRunStory({ run: 'run-1' }).transcript()), [{ type: 'run.steered', at: 1, message: humanMessage('Shorter', { id: 'm-said', run: 'run-1' }) }], 1).recording
    expect(record(said, openText, 2).events).toMatchObject([{ type: 'message.started', message: 'run-1-m2' }, { type: 'part.started', message: 'run-1-m2' }])
  })

  it('carries everything that a part begins with', () => {
    const r = recorder()
    r.yields({ type: 'part.started', part: 'f', kind: 'file', name: 'n', call: 'c', title: 't', url: 'u', mediaType: 'x/y', size: 3 })
    expect(r.events.at(-1)).toMatchObject({ type: 'part.started', at: 5_000, kind: 'file', name: 'n', call: 'c', title: 't', url: 'u', mediaType: 'x/y', size: 3 })
  })

  it('takes whole values of a tool only where nothing of them was streamed', () => {
    const r = recorder()
    r.yields({ type: 'part.started', part: 't', kind: 'tool', name: 'clock' })
    r.say('{"zone":1}', 't')
    r.yields({ type: 'part.ended', part: 't', state: 'failed', input: '{"other":2}', output: 'noon', error: 'late' })
    expect(r.events.at(-1)).toEqual({ type: 'part.ended', seq: 5, at: 5_000, part: 'p1', state: 'failed', input: undefined, output: 'noon', error: 'late' })
    r.yields({ type: 'part.started', part: 'u', kind: 'tool', name: 'clock' })
    r.yields({ type: 'part.delta', part: 'u', field: 'output', text: 'one' })
    r.yields({ type: 'part.ended', part: 'u', state: 'done', input: '{}', output: 'two' })
    expect(r.events.at(-1)).toMatchObject({ input: '{}', output: undefined })
    r.yields(openText)
    r.yields({ type: 'part.ended', part: 'a', state: 'done', input: 'x', output: 'y' })
    expect(r.events.at(-1)).toStrictEqual({ type: 'part.ended', seq: 10, at: 5_000, part: 'p3', state: 'done', error: undefined })
  })

  it('joins text of each part and field apart, oldest first, each at its place', () => {
    const r = recorder()
    r.yields({ type: 'part.started', part: 't', kind: 'tool', name: 'clock' })
    r.yields(openText)
    r.say('{', 't')
    r.say('a')
    r.yields({ type: 'part.delta', part: 't', field: 'output', text: 'x' })
    r.say('}', 't')
    r.say('b')
    r.say('c')
    r.yields({ type: 'part.delta', part: 't', field: 'output', text: 'y' })
    r.pass(JOIN_MS)
    expect(r.events.flatMap((event) => (event.type === 'part.delta' ? [[event.part, event.field, event.off, event.text]] : []))).toEqual([
      ['p1', 'input', 0, '{'], ['p2', 'text', 0, 'a'], ['p1', 'output', 0, 'xy'], ['p1', 'input', 1, '}'], ['p2', 'text', 1, 'bc'],
    ])
  })

  it('wakes 33 ms after a part last sent text, or a second after counters went out, whichever is first', () => {
    const r = recorder()
    expect(r.wakeAt()).toBeNull()
    r.yields(openText)
    r.say('a')
    expect(r.wakeAt()).toBeNull()
    r.yields({ type: 'used', usage: { outputTokens: 1 } })
    r.yields({ type: 'used', usage: { outputTokens: 1 } })
    expect(r.wakeAt()).toBe(5_000 + PROGRESS_MS)
    r.say('b')
    expect(r.wakeAt()).toBe(5_000 + JOIN_MS)
    r.pass(JOIN_MS - 1)
    expect(r.texts()).toEqual(['a'])
    r.pass(1)
    expect([r.texts(), r.wakeAt()]).toEqual([['a', 'b'], 5_000 + PROGRESS_MS])
    r.pass(PROGRESS_MS - JOIN_MS - 1)
    expect(r.types().filter((type) => type === 'run.progress')).toHaveLength(1)
    r.pass(1)
    expect([r.types().filter((type) => type === 'run.progress').length, r.wakeAt()]).toEqual([2, null])
  })

  it('lets out text before whatever else is told', () => {
    for (const tell of [
      (r: Recording) => record(r, { type: 'notice', level: 'info', text: 'n' }, 5), (r: Recording) => record(r, { type: 'message.started', message: 'two' }, 5),
      (r: Recording) => record(r, { type: 'part.ended', part: 't', state: 'done' }, 5), (r: Recording) => requestApproval(r, { part: 't', question: '?', input: '{}', options: ['yes'] }, 5),
      (r: Recording) => note(r, [{ type: 'run.cancelling', at: 5, by: 'you' }], 5), (r: Recording) => record(r, { type: 'used', usage: {} }, 5), (r: Recording) => closeParts(r, 'done', 5),
    ]) {
      let recording = openRecording(createRunStory({ run: 'run-1' }).transcript())
      for (const event of [{ type: 'part.started', part: 't', kind: 'tool', name: 'x' }, openText, { type: 'part.delta', part: 'a', text: 'one' }, { type: 'part.delta', part: 'a', text: 'two' }] as const) ({ recording } = record(recording, event, 4))
      expect(tell(recording).events[0]).toMatchObject({ type: 'part.delta', text: 'two', off: 3, at: 5 })
      expect(tell(recording).events.length).toBeGreaterThan(1)
    }
  })

  it('cuts what is too long for one delta at 32,768 units, never through a pair, and lets it out at once', () => {
    const r = recorder()
    r.yields(openText)
    r.say('a')
    r.say('b'.repeat(32_767))
    expect(r.texts()).toHaveLength(1)
    r.say('c')
    expect(r.texts().map((text) => text.length)).toEqual([1, 32_768])
    r.say(`${'d'.repeat(32_767)}😀${'e'.repeat(9)}`)
    expect(r.texts().slice(2).map((text) => text.length)).toEqual([32_767, 11])
    expect(r.events.flatMap((event) => (event.type === 'part.delta' ? [event.off] : []))).toEqual([0, 1, 32_769, 65_536])
  })

  it('keeps half an emoji back while the rest goes, and lets it go with the part’s end', () => {
    const r = recorder()
    r.yields(openText)
    r.say('x')
    r.say('y\ud83d')
    expect(r.wakeAt()).toBe(5_000 + JOIN_MS)
    r.pass(JOIN_MS)
    expect([r.texts(), r.wakeAt()]).toEqual([['x', 'y'], null])
    // Not with the end of another.
    r.yields({ type: 'part.started', part: 'b', kind: 'text' })
    r.yields({ type: 'part.ended', part: 'b', state: 'done' })
    expect(r.texts()).toEqual(['x', 'y'])
    expect(r.end()?.messages[1]?.parts).toMatchObject([{ text: 'xy\ud83d' }, { text: '' }])
  })
})

describe('to the unit and the millisecond', () => {
  it('thinks aloud as it speaks: joined, each piece at its place', () => {
    const r = recorder()
    r.yields({ type: 'part.started', part: 'a', kind: 'thinking' })
    for (const text of ['Hm', ' m', 'm']) {
      r.say(text)
      r.pass(JOIN_MS)
    }
    expect(r.events.flatMap((event) => (event.type === 'part.delta' ? [[event.off, event.text]] : []))).toEqual([[0, 'Hm'], [2, ' m'], [4, 'm']])
  })

  it('lets text out with the next word 33 ms after the last, when any part is due, and counters a second after the last', () => {
    const begun = [{ type: 'part.started', part: 'b', kind: 'text' }, { type: 'part.delta', part: 'b', text: '1' }, openText, { type: 'part.delta', part: 'a', text: '2' }, { type: 'used' }, { type: 'part.delta', part: 'b', text: '3' }] as const satisfies readonly AgentEvent[]
    const held = begun.reduce((recording, event) => record(recording, event, 100).recording, openRecording(createRunStory({ run: 'run-1' }).transcript()))
    const say = (now: number) => record(held, { type: 'part.delta', part: 'a', text: '4' }, now).events.map((event) => event.type)
    expect([say(100 + JOIN_MS - 1), say(100 + JOIN_MS)]).toEqual([[], ['part.delta', 'part.delta']])
    const later = [['c', '5', 120], ['b', '6', 125]] as const
    const waiting = later.reduce((recording, [part, text, now]) => record(recording, { type: 'part.delta', part, text }, now).recording, record(held, { type: 'part.started', part: 'c', kind: 'text' }, 101).recording)
    expect(record(waiting, { type: 'part.delta', part: 'c', text: '7' }, 101 + JOIN_MS).events).toMatchObject([{ type: 'part.delta', text: '6' }, { type: 'part.delta', text: '7' }])
    const use = (now: number) => record(held, { type: 'used' }, now).events.map((event) => event.type)
    expect([use(100 + PROGRESS_MS - 1), use(100 + PROGRESS_MS).at(-1)]).toEqual([[], 'run.progress'])
  })

  it('keeps back the first and the last of the units that begin a pair, and nothing beside them', () => {
    for (const [unit, sent] of [['\ud7ff', true], ['\ud800', false], ['\udbff', false], ['\udc00', true]] as const) {
      const r = recorder()
      r.yields(openText)
      r.say(unit)
      expect(r.texts().join('') === unit, unit.charCodeAt(0).toString(16)).toBe(sent)
    }
  })

  it('takes an amount of nothing for an amount, and counts the agent’s messages alone', () => {
    const r = recorder()
    for (const message of ['one', 'two', 'three']) r.yields({ type: 'message.started', message })
    r.yields({ type: 'used', usage: { outputTokens: 0 } })
    expect(r.events.at(-1)).toMatchObject({ type: 'run.progress', usage: { outputTokens: 0 }, messages: 3 })
  })

  it('waits for nobody any more once the last question is answered, whatever else is journaled with the answer', () => {
    let { recording } = record(openRecording(createRunStory({ run: 'run-1' }).transcript()), { type: 'part.started', part: 't', kind: 'tool' }, 1)
    const { recording: asking, approval } = requestApproval(recording, { part: 't', question: '?', input: '{}', options: ['yes'] }, 2)
    const said = [{ type: 'run.notice', at: 3, level: 'info', text: 'n' }, { type: 'approval.answered', at: 3, approval: approval ?? never(), decision: 'yes', by: 'you' }] as const
    ;({ recording } = note(asking, said, 3))
    expect([asking.waiting, recording.waiting]).toEqual([true, false])
  })
})

describe('what counts', () => {
  it('as an answer: words, a tool, a file, but no thinking and no blanks', () => {
    const after = (...events: readonly AgentEvent[]) => hasAnswer(events.reduce((recording, event) => record(recording, event, 1).recording, openRecording(createRunStory({ run: 'run-1' }).transcript())))
    const thinking: AgentEvent = { type: 'part.started', part: 'h', kind: 'thinking' }
    const text = (words: string, part = 'a'): AgentEvent => ({ type: 'part.delta', part, text: words })
    expect([after(), after(openText), after(openText, text(' \n')), after(thinking, text('Hm', 'h'))]).toEqual([false, false, false, false])
    expect([after(openText, text('Hi')), after(openText, text(' '), text('Hi')), after({ type: 'part.started', part: 't', kind: 'tool' }), after({ type: 'part.started', part: 'f', kind: 'file' }), after(thinking, openText, text('Hi'))]).toEqual([true, true, true, true, true])
  })

  it('as used: every kind of token in whole ones, the price as it is, calls, and the agent’s messages', () => {
    const r = recorder()
    r.yields(openText)
    const usage = { inputTokens: 1, outputTokens: 2, reasoningTokens: 3, cachedTokens: 4.4, cost: 0.25 }
    r.yields({ type: 'used', usage, modelCalls: 1.2, toolCalls: 2 })
    expect(r.events.at(-1)).toEqual({ type: 'run.progress', seq: 4, at: 5_000, usage: { ...usage, cachedTokens: 4 }, modelCalls: 1, toolCalls: 2, messages: 1 })
    r.yields({ type: 'used', usage: { inputTokens: 10, cost: 0.5 }, modelCalls: 1 })
    r.yields({ type: 'used' })
    expect(r.end()?.counters).toMatchObject({ usage: { ...usage, cachedTokens: 4, inputTokens: 11, cost: 0.75 } })
  })

  it('as a question: one that the contract knows, about a tool that is open', () => {
    const opened = record(openRecording(createRunStory({ run: 'run-1' }).transcript()), { type: 'part.started', part: 't', kind: 'tool' }, 1).recording
    const ask = (change: object) => requestApproval(opened, { part: 't', question: '?', input: '{}', options: ['yes'], ...change }, 2)
    expect(ask({ part: 'u' })).toMatchObject({ approval: null, dropped: 'no open tool part u to approve' })
    expect(ask({ options: [] })).toMatchObject({ approval: null, dropped: 'nothing to choose from for the approval of t' })
    expect(ask({ question: 7 })).toMatchObject({ approval: null, dropped: expect.stringMatching(/^approval.requested: question/), recording: opened })
    expect(ask({ options: ['yes', 'no'] }).events).toMatchObject([{ type: 'approval.requested', options: ['yes', 'no'] }])
    expect(ask({}).recording.waiting).toBe(true)
    expect(record(ask({}).recording, openText, 3).recording.waiting).toBe(true)
  })

  it('as what a person was asked about: the call’s very input, which stays what it was', () => {
    const opened = record(openRecording(createRunStory({ run: 'run-1' }).transcript()), { type: 'part.started', part: 't', kind: 'tool' }, 1).recording
    const put = (recording: Recording, text: string, field: 'input' | 'output' = 'input') => record(recording, { type: 'part.delta', part: 't', field, text }, 2)
    const ask = (recording: Recording, input: string) => requestApproval(recording, { part: 't', question: '?', input, options: ['yes'] }, 2)
    const streamed = put(put(opened, '{"rm":').recording, '"a"}').recording // the second piece is held back still
    for (const input of ['{"rm":"b"}', '{"rm":', '']) expect(ask(streamed, input)).toMatchObject({ approval: null, events: [], recording: streamed, dropped: 'the approval of t is about another input than the call\'s' })
    const asked = ask(streamed, '{"rm":"a"}')
    expect(asked.events).toMatchObject([{ type: 'part.delta', text: '"a"}' }, { type: 'approval.requested', input: '{"rm":"a"}' }])
    expect(put(asked.recording, ' ')).toMatchObject({ events: [], recording: asked.recording, dropped: 'the input of t was put to a person and stays what it was' })
    expect(put(asked.recording, 'gone', 'output').dropped).toBeUndefined()
    const whole = (recording: Recording) => record(recording, { type: 'part.ended', part: 't', state: 'done', input: '{"rm":"/"}' }, 3).events
    expect(whole(asked.recording)).toMatchObject([{ type: 'part.ended', input: undefined }])
    expect(whole(ask(opened, '{"rm":"a"}').recording)).toMatchObject([{ type: 'part.ended', input: '{"rm":"a"}' }])
    expect(whole(opened)).toMatchObject([{ type: 'part.ended', input: '{"rm":"/"}' }])
  })
})
