import { describe, expect, test } from 'vitest'
import type { ApprovalId, PartId } from '../../../src/shared/ids.ts'
import type { ToolPart } from '../../../src/shared/protocol.ts'
import { readable, summary, toolStatus, toolTitle } from '../../../src/client/views/message/tool-text.ts'

const call: ToolPart = { id: 'p1' as PartId, kind: 'tool', state: 'open', startedAt: 0, name: 'calculator', call: 'c', input: '', output: '' }

describe('a tool in words', () => {
  test('is preparing while its input comes, then runs', () => {
    expect(toolStatus(call, true, 'streaming')).toBe('preparing')
    expect(toolStatus({ ...call, input: '{"a":' }, true, 'streaming')).toBe('preparing')
    expect(toolStatus({ ...call, input: '{"a":1}' }, true, 'streaming')).toBe('running')
  })

  test('never runs after its run ended', () => {
    expect(toolStatus({ ...call, input: '{"a":1}' }, false, 'cancelled')).toBe('stopped')
    expect(toolStatus({ ...call, state: 'done' }, false, 'interrupted')).toBe('done')
  })

  test('without a result has an unknown outcome, unless it was stopped by a person or cannot have run', () => {
    const called: ToolPart = { ...call, input: '{"a":1}', state: 'stopped' }
    expect(toolStatus(called, false, 'interrupted')).toBe('unknown')
    expect(toolStatus(called, false, 'failed')).toBe('unknown')
    expect(toolStatus(called, false, 'cancelled')).toBe('stopped')
    expect(toolStatus({ ...called, input: '{"a":' }, false, 'interrupted')).toBe('stopped')
    const approval = { id: 'a' as ApprovalId, question: 'May it?', input: '', options: ['yes', 'no'], requestedAt: 0 }
    expect(toolStatus({ ...called, approval: { ...approval, state: 'expired' } }, false, 'interrupted')).toBe('stopped')
    expect(toolStatus({ ...called, approval: { ...approval, state: 'answered', decision: 'yes', by: 'you', answeredAt: 1 } }, false, 'interrupted')).toBe('unknown')
  })

  test('says in one line what it was called with, best field first', () => {
    expect(summary('{"limit":3,"query":"giant   kelp\\ngrowth"}')).toBe('giant kelp growth')
    expect(summary('{"expression":"(12.5*7)^2"}')).toBe('(12.5*7)^2')
    expect(summary('{"zone":"Europe/Oslo"}')).toBe('Europe/Oslo')
    expect(summary('{}')).toBe('')
    expect(summary('plain words')).toBe('plain words')
  })

  test('says it also while only half of the input is there', () => {
    expect(summary('{"query": "tides in Fun')).toBe('tides in Fun')
    expect(summary('{"que')).toBe('')
  })

  test('cuts a long input', () => expect(summary(JSON.stringify({ text: 'x'.repeat(5000) })).length).toBeLessThan(200))

  test('names the tool readably', () => {
    expect(toolTitle('read_file')).toBe('Read file')
    expect(toolTitle('searchHelpPages')).toBe('Search Help Pages')
    expect(toolTitle('___')).toBe('___')
  })

  test('lays JSON out and leaves other text alone', () => {
    expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}')
    expect(readable('7656.25')).toBe('7656.25')
  })
})
