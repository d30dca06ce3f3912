import { describe, expect, test } from 'vitest'
import type { MessageId, PartId, RunId } from '../../../src/shared/ids.ts'
import type { Part } from '../../../src/shared/protocol.ts'
import type { TurnRun } from '../../../src/shared/turns.ts'
import type { ShownTurn } from '../../../src/client/store/turns.ts'
import { newsOf } from '../../../src/client/views/connection/announce.ts'

const run: TurnRun = {
  id: 'r1' as RunId, agent: 'demo', model: null, startedAt: 0, endedAt: undefined, outcome: undefined, error: undefined, notices: [],
  counters: { usage: {}, modelCalls: 0, toolCalls: 0, messages: 0 },
}
const text = (words: string): Part => ({ id: 'p1' as PartId, kind: 'text', state: 'open', startedAt: 0, text: words })
const turn = (words: string, more: Partial<TurnRun> = {}): ShownTurn => ({
  key: 'm1' as MessageId, live: null, outgoing: null, run: { ...run, ...more },
  message: { id: 'm1' as MessageId, role: 'user', status: 'completed', at: 0, parts: [] },
  replies: [{ id: 'm2' as MessageId, role: 'assistant', status: 'streaming', at: 0, parts: [text(words)] }],
})

describe('what a screen reader hears', () => {
  test('"Generating" once, however much text comes', () => {
    const first = newsOf(turn('a'))
    expect(first?.words()).toBe('Generating')
    expect(newsOf(turn('a b c'))).toEqual(first)
  })

  test('the answer once, when it is whole', () => {
    expect(newsOf(turn('## The *answer*\n\n- `42`', { outcome: 'completed' }))?.words()).toBe('Answer: The answer\n42')
  })

  test('that it was stopped, and why it failed', () => {
    expect(newsOf(turn('x', { outcome: 'cancelled' }))?.words()).toBe('Stopped.')
    expect(newsOf(turn('x', { outcome: 'failed', error: { code: 'idle', message: 'Nothing came for 120 s.', retryable: true } }))?.words()).toBe('The answer failed: Nothing came for 120 s.')
  })
})
