import { describe, expect, it } from 'vitest'
import { toModelMessages } from '../../../../src/server/agents/openai/conversation.ts'
import type { Message, Part, ToolPart } from '../../../../src/shared/protocol.ts'
import type { MessageId, PartId, RunId } from '../../../../src/shared/ids.ts'
import { humanMessage } from '../conformance.ts'

const base = { startedAt: 0, endedAt: 1, state: 'done' as const }
const text = (words: string): Part => ({ ...base, id: 'p-t' as PartId, kind: 'text', text: words })
const thinking = (words: string): Part => ({ ...base, id: 'p-k' as PartId, kind: 'thinking', text: words })
const tool = (rest: Partial<ToolPart> = {}): Part => ({ ...base, id: 'p-c' as PartId, kind: 'tool', name: 'calculator', call: 'c1', input: '{"expression":"1+1"}', output: '2', ...rest })
const answer = (parts: Part[], rest: Partial<Message> = {}): Message =>
  ({ id: 'm-a' as MessageId, role: 'assistant', run: 'r-1' as RunId, after: null, status: 'completed', at: 0, parts, ...rest })

const call = (toolCallId = 'c1', input: unknown = { expression: '1+1' }) => ({ type: 'tool-call', toolCallId, toolName: 'calculator', input })
const result = (output: object, toolCallId = 'c1') => ({ type: 'tool-result', toolCallId, toolName: 'calculator', output })

describe('a conversation, as a model is given it', () => {
  it('has what was said, and not what was thought', () => {
    expect(toModelMessages([humanMessage('Hi'), answer([thinking('Hm'), text('Hello')]), humanMessage('Go on')])).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
      { role: 'user', content: 'Go on' },
    ])
  })

  it('has tool calls with their results, round by round', () => {
    expect(toModelMessages([answer([text('Let me see'), tool(), tool({ call: 'c2' }), text('2'), tool({ call: 'c3' })])])).toEqual([
      { role: 'assistant', content: [{ type: 'text', text: 'Let me see' }, call(), call('c2')] },
      { role: 'tool', content: [result({ type: 'text', value: '2' }), result({ type: 'text', value: '2' }, 'c2')] },
      { role: 'assistant', content: [{ type: 'text', text: '2' }, call('c3')] },
      { role: 'tool', content: [result({ type: 'text', value: '2' }, 'c3')] },
    ])
  })

  it.each<[string, Partial<ToolPart>, string]>([
    ['failed', { state: 'failed', output: '', error: 'Division by zero' }, 'Division by zero'],
    ['was denied', { state: 'denied', output: '' }, 'A person denied this call; it did not run.'],
    ['never returned', { state: 'stopped', output: '' }, 'Outcome unknown: the run ended before this call returned. It may or may not have taken effect.'],
    ['is still open', { state: 'open', output: '' }, 'Outcome unknown: the run ended before this call returned. It may or may not have taken effect.'],
  ])('says so of a call that %s', (_title, part, value) => {
    expect(toModelMessages([answer([tool(part)])]).at(-1)).toEqual({ role: 'tool', content: [result({ type: 'error-text', value })] })
  })

  it('passes on what a person said when they denied', () => {
    const approval = { id: 'a1' as never, question: '?', input: '{}', options: ['approve', 'deny'], state: 'answered' as const, requestedAt: 0, decision: 'deny', note: 'not today' }
    expect(JSON.stringify(toModelMessages([answer([tool({ state: 'denied', approval })])]))).toContain('They said: not today')
  })

  it.each([['', {}], ['{"expr', { unfinished: '{"expr' }], ['[1]', { value: [1] }], ['"x"', { value: 'x' }]])('makes an object of the input %j', (input, expected) => {
    expect(toModelMessages([answer([tool({ input, state: 'stopped' })])])[0]).toEqual({ role: 'assistant', content: [call('c1', expected)] })
  })

  it('gives every call its own id, even if the provider did not', () => {
    const messages = toModelMessages([answer([tool()]), answer([tool(), tool({ call: '' })])])
    expect(JSON.stringify(messages).match(/"toolCallId":"[^"]*"/g)).toEqual(['c1', 'c1', 'c1-2', 'p-c', 'c1-2', 'p-c'].map((id) => `"toolCallId":"${id}"`))
  })

  it('leaves out what is empty, and what sub-agents said among themselves', () => {
    expect(toModelMessages([answer([]), answer([text('')]), answer([text('inner')], { parent: 'p-c' as PartId })])).toEqual([])
  })
})
