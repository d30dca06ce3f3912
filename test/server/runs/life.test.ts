/** What a run does about each thing that can happen to it, in each state: PROTOCOL.md's kinds of end, and the grace after Stop. */
import { describe, expect, it } from 'vitest'
import { openRun, step } from '../../../src/server/runs/step.ts'
import type { RunEffect, RunInput, RunState } from '../../../src/server/runs/step.ts'
import type { ApprovalId, MessageId } from '../../../src/shared/ids.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'
import { createRunStory } from '../../support/run-story.ts'

const NOW = 5_000
const openText: RunInput = { type: 'yielded', event: { type: 'part.started', part: 'a', kind: 'text' } }
const words = (text: string): RunInput => ({ type: 'yielded', event: { type: 'part.delta', part: 'a', text } })
const closeText: RunInput = { type: 'yielded', event: { type: 'part.ended', part: 'a', state: 'done' } }
const openTool: RunInput = { type: 'yielded', event: { type: 'part.started', part: 't', kind: 'tool', name: 'clock', call: 'c' } }
const ask: RunInput = { type: 'approval-wanted', request: { part: 't', question: 'May I?', input: '{"zone":1}', options: ['approve', 'deny'] } }
const answerTo = (approval: string, note?: string): RunInput => ({ type: 'approval-answered', approval: approval as ApprovalId, decision: 'deny', by: 'you', note })
const steered: RunInput = { type: 'steered', message: { id: 'm-said' as MessageId, parts: [{ kind: 'text', text: 'Shorter, please' }] } }
const threw: RunInput = { type: 'threw', error: { code: 'provider_closed', message: 'The provider closed the stream.', retryable: true } }
const stop: RunInput = { type: 'stop', by: 'you' }
const lost: RunInput = { type: 'lost', reason: 'The server was shut down.' }
const everything = [openText, words('x'), ask, answerTo('run-1-a1'), steered, { type: 'returned' }, threw, stop, { type: 'grace-over' }, { type: 'woke' }, lost] as const satisfies readonly RunInput[]

interface Told {
  readonly state: RunState
  /** Of the last input alone. */
  readonly effects: readonly RunEffect[]
}

/** A run to which all this has happened, in this order, all at the same time. */
function after(...inputs: readonly RunInput[]): Told {
  return inputs.reduce<Told>(({ state }, input) => {
    const [next, effects] = step(state, input, NOW)
    return { state: next, effects }
  }, { state: openRun(createRunStory({ run: 'run-1' }).transcript()), effects: [] })
}
const names = ({ effects }: Told) => effects.map((effect) => effect.type)
const journaled = ({ effects }: Told): readonly RunEvent[] => effects.flatMap((effect) => (effect.type === 'append' || effect.type === 'end' ? effect.events : []))
const kinds = (told: Told) => journaled(told).map((event) => event.type)
const endOf = ({ effects }: Told) => effects.find((effect) => effect.type === 'end')
const partsOf = ({ state }: Told) => state.recording.transcript.messages.flatMap((message) => (message.role === 'assistant' ? message.parts : []))

describe('a run that is under way', () => {
  it('journals what the agent yields, with what it all folds to', () => {
    const told = after(openText, words('Hello'))
    expect(told.effects).toEqual([{
      type: 'append', waiting: false, folded: told.state.recording.transcript,
      events: [{ type: 'part.delta', seq: 4, at: NOW, part: 'p1', field: 'text', off: 0, text: 'Hello' }],
    }])
    expect(partsOf(told)).toMatchObject([{ id: 'p1', text: 'Hello' }])
  })

  it('says why it leaves something out, and journals nothing for it', () => {
    expect(after(words('nowhere')).effects).toEqual([{ type: 'dropped', reason: 'part a is not open' }])
  })

  it('journals nothing where text only waits for its turn, and lets it out when that has come', () => {
    const told = after(openText, words('Hello'), words(' world'))
    expect(told.effects).toEqual([])
    const [state, effects] = step(told.state, { type: 'woke' }, NOW + 33)
    expect(journaled({ state, effects })).toMatchObject([{ type: 'part.delta', off: 5, text: ' world' }])
    expect(step(state, { type: 'woke' }, NOW + 34)[1]).toEqual([])
  })

  it('tells its counters when they are journaled, and leaves them as they were otherwise', () => {
    const used: RunInput = { type: 'yielded', event: { type: 'used', usage: { outputTokens: 7 }, modelCalls: 1 } }
    expect(after(used).effects).toMatchObject([{ type: 'append', events: [{ type: 'run.progress' }], counters: { usage: { outputTokens: 7 }, modelCalls: 1, toolCalls: 0, messages: 0 } }])
    expect(after(used, openText).effects[0]).not.toHaveProperty('counters')
    // With text that had waited before it in the same batch, too.
    const [, effects] = step(after(used, openText, words('a'), words('b')).state, used, NOW + 1_000)
    expect(effects).toMatchObject([{ events: [{ type: 'part.delta', text: 'b' }, { type: 'run.progress' }], counters: { usage: { outputTokens: 14 } } }])
  })

  it('asks for a decision, and gives it to the agent', () => {
    const asked = after(openTool, ask)
    expect(names(asked)).toEqual(['append', 'approval-opened'])
    expect(asked.effects).toMatchObject([
      { waiting: true, events: [{ type: 'approval.requested', approval: 'run-1-a1', part: 'p1', question: 'May I?', input: '{"zone":1}', options: ['approve', 'deny'] }] },
      { approval: 'run-1-a1', reason: '' },
    ])
    const answered = after(openTool, ask, answerTo('run-1-a1', 'not now'))
    expect(answered.effects).toMatchObject([
      { type: 'append', waiting: false, events: [{ type: 'approval.answered', at: NOW, approval: 'run-1-a1', decision: 'deny', by: 'you', note: 'not now' }] },
      { type: 'approval-decided', approval: 'run-1-a1', decision: 'deny', note: 'not now' },
    ])
  })

  it('asks nothing about a part that is no open tool, and tells the agent so', () => {
    expect(after(ask).effects).toEqual([
      { type: 'dropped', reason: 'no open tool part t to approve' }, { type: 'approval-opened', approval: null, reason: 'no open tool part t to approve' },
    ])
  })

  it('heeds an answer once, and only to what was asked', () => {
    for (const told of [after(openTool, answerTo('run-1-a1')), after(openTool, ask, answerTo('run-1-a2')), after(openTool, ask, answerTo('run-1-a1'), answerTo('run-1-a1'))]) {
      expect(told.effects).toEqual([{ type: 'dropped', reason: expect.stringMatching(/^an answer to run-1-a\d, which does not wait for one$/) }])
    }
  })

  it('finds the decision that waits among many messages and parts', () => {
    const second: RunInput = { type: 'yielded', event: { type: 'message.started', message: 'm' } }
    for (const told of [after(openText, closeText, openTool, ask, answerTo('run-1-a1')), after(openTool, ask, second, answerTo('run-1-a1'))]) expect(names(told)).toEqual(['append', 'approval-decided'])
  })

  it('takes up what a person says meanwhile, in its place, and gives it to the agent', () => {
    const told = after(openText, words('Long'), steered)
    const message = {
      id: 'm-said', role: 'user', run: 'run-1', after: 'run-1-m1', status: 'completed', at: NOW,
      parts: [{ id: 'h1', kind: 'text', text: 'Shorter, please', state: 'done', startedAt: NOW, endedAt: NOW }],
    }
    expect(told.effects).toMatchObject([{ type: 'append', events: [{ type: 'run.steered', at: NOW, message }] }, { type: 'steering', message }])
    expect(told.state.recording.transcript.messages.map(({ id }) => id)).toEqual(['m-human', 'run-1-m1', 'm-said'])
    const second: RunInput = { type: 'yielded', event: { type: 'message.started', message: 'm' } }
    expect(after(openText, second, steered).effects[1]).toMatchObject({ message: { after: 'run-1-m2' } })
  })

  it('has no grace to be over', () => {
    const { state } = after(openText)
    expect(step(state, { type: 'grace-over' }, NOW)).toEqual([state, []])
  })
})

describe('the end', () => {
  it('completed: what is open is done, and stream_end is last', () => {
    const told = after(openText, words('Hello'), { type: 'returned' })
    expect(told.effects).toEqual([{
      type: 'end', outcome: 'completed', error: undefined, folded: told.state.recording.transcript, counters: { usage: {}, modelCalls: 0, toolCalls: 0, messages: 1 },
      events: [expect.objectContaining({ type: 'part.ended', at: NOW, part: 'p1', state: 'done' }), expect.objectContaining({ type: 'stream_end', at: NOW, outcome: 'completed' })],
    }])
    expect(told.state).toMatchObject({ kind: 'over', late: 0 })
  })

  it('an empty answer is a failure that says so', () => {
    const error = { code: 'empty_answer', message: 'The agent ended without an answer. Try again, or choose another model.', retryable: true }
    for (const told of [after({ type: 'returned' }), after(openText, { type: 'returned' }), after(openText, words(' \n'), { type: 'returned' })]) {
      expect(endOf(told)).toMatchObject({ outcome: 'failed', error })
      expect(journaled(told).at(-1)).toMatchObject({ type: 'stream_end', outcome: 'failed', error })
    }
  })

  it('a failure keeps the text, marked as failed, and says what the agent said', () => {
    const told = after(openText, words('Hello wor'), threw)
    expect(endOf(told)).toMatchObject({ outcome: 'failed', error: { code: 'provider_closed' } })
    expect(partsOf(told)).toMatchObject([{ text: 'Hello wor', state: 'failed' }])
  })

  it('lost: the text is stopped, the run interrupted, and the agent told to end', () => {
    const told = after(openText, words('Hello wor'), lost)
    expect(names(told)).toEqual(['abort-agent', 'end'])
    expect(endOf(told)).toMatchObject({ outcome: 'interrupted', error: { code: 'interrupted', message: 'The server was shut down.', retryable: true } })
    expect(partsOf(told)).toMatchObject([{ text: 'Hello wor', state: 'stopped' }])
  })

  it.each([{ type: 'returned' } as const, threw, lost, { type: 'grace-over' } as const])('a tool that never returned is stopped, never done: $type', (last) => {
    const told = after(openText, words('So:'), openTool, ...(last.type === 'grace-over' ? [stop] : []), last)
    expect(partsOf(told)[1]).toMatchObject({ kind: 'tool', state: 'stopped' })
  })
})

describe('Stop', () => {
  it('is journaled with who asked, aborts the agent and gives it a grace', () => {
    const told = after(openText, words('Hello'), stop)
    expect(names(told)).toEqual(['append', 'abort-agent', 'start-grace'])
    expect(journaled(told)).toMatchObject([{ type: 'run.cancelling', at: NOW, by: 'you' }])
    expect(told.state).toMatchObject({ kind: 'stopping', by: 'you' })
    expect(told.state.recording.transcript.cancelledBy).toBe('you')
  })

  it.each([{ type: 'returned' } as const, threw, { type: 'grace-over' } as const])('ends cancelled when the agent returns, throws or hangs: $type', (last) => {
    const told = after(openText, words('Hello wor'), stop, last)
    expect(names(told)).toEqual(['end'])
    expect(endOf(told)).toMatchObject({ outcome: 'cancelled', error: undefined })
    expect(partsOf(told)).toMatchObject([{ text: 'Hello wor', state: 'stopped' }])
  })

  it('ends cancelled, not interrupted, where the server goes down meanwhile', () => {
    const told = after(openText, stop, lost)
    expect(names(told)).toEqual(['abort-agent', 'end'])
    expect(endOf(told)).toMatchObject({ outcome: 'cancelled', error: undefined })
  })

  it('keeps what the agent yields within the grace, joined text too', () => {
    const yielded = after(openText, words('Hello'), stop, { type: 'yielded', event: { type: 'notice', level: 'info', text: 'bye' } })
    expect(kinds(yielded)).toEqual(['run.notice'])
    const told = after(openText, words('Hello'), stop, words(' and bye'))
    expect(told.state.kind).toBe('stopping')
    const [state, effects] = step(told.state, { type: 'woke' }, NOW + 33)
    expect(journaled({ state, effects })).toMatchObject([{ text: ' and bye' }])
  })

  it('pressed twice is pressed once; what a person says then waits', () => {
    const { state } = after(openText, stop)
    for (const input of [stop, steered]) expect(step(state, input, NOW)).toEqual([state, []])
  })

  it('opens no new question, and still takes the answer to one that is open', () => {
    expect(after(openTool, stop, ask).effects).toEqual([{ type: 'approval-opened', approval: null, reason: 'the run is being stopped' }])
    expect(names(after(openTool, ask, stop, answerTo('run-1-a1')))).toEqual(['append', 'approval-decided'])
  })
})

describe('after the end', () => {
  it.each(everything)('nothing is journaled and nothing ends again: $type', (input) => {
    for (const { state } of [after(openText, words('Hello'), { type: 'returned' }), after(openText, { type: 'fenced' })]) {
      const [next, effects] = step(state, input, NOW + 100)
      expect(journaled({ state: next, effects })).toEqual([])
      expect(next).toEqual({ ...state, late: input.type === 'yielded' ? 1 : 0 })
      if (input.type !== 'yielded' && input.type !== 'approval-wanted') expect(effects).toEqual([])
    }
  })

  it('counts for the log what still comes', () => {
    const told = after(openText, words('Hello'), { type: 'returned' }, words('late'), words('later'))
    expect(told.effects).toEqual([{ type: 'dropped', reason: 'part.delta came after the end of the run' }])
    expect(told.state).toMatchObject({ kind: 'over', late: 2 })
  })

  it('nothing comes of a run that had ended when it was taken over', () => {
    const story = createRunStory({ run: 'run-1' })
    story.end('completed')
    const taken = openRun(story.transcript())
    expect(taken).toMatchObject({ kind: 'over', late: 0, recording: { transcript: { outcome: 'completed' } } })
    for (const input of [stop, lost, { type: 'returned' } as const]) expect(step(taken, input, NOW)).toEqual([taken, []])
  })

  it('tells an agent that asks that it is too late', () => {
    expect(after(openTool, { type: 'returned' }, ask).effects).toEqual([{ type: 'approval-opened', approval: null, reason: 'the run has ended' }])
  })
})

describe('a run that somebody else holds', () => {
  it.each([['running', [openText]], ['stopping', [openText, stop]], ['over', [openText, words('x'), { type: 'returned' }]]] as const)('%s: aborts the agent and journals nothing more', (_name, before) => {
    const told = after(...before, { type: 'fenced' })
    expect(told.effects).toEqual([{ type: 'abort-agent' }])
    expect(told.state).toMatchObject({ kind: 'fenced', late: 0 })
  })

  it('hears it once', () => {
    const { state } = after(openText, { type: 'fenced' })
    expect(step(state, { type: 'fenced' }, NOW)).toEqual([state, []])
  })
})
