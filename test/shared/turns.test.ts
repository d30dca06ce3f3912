import { describe, expect, it } from 'vitest'
import type { Message, Run } from '../../src/shared/protocol.ts'
import { turnsOf } from '../../src/shared/turns.ts'

const human = (id: string, after: string | null): Message =>
  ({ id, role: 'user', run: `r-${id}`, after, status: 'completed', at: 1, parts: [] }) as unknown as Message
const reply = (id: string, after: string, run: string): Message =>
  ({ id, role: 'assistant', run, after, status: 'completed', at: 1, parts: [] }) as unknown as Message
const run = (id: string, message: string): Run =>
  ({ id, thread: 't', message, status: 'completed', settled: true, waiting: false, outcome: 'completed', agent: 'demo', model: null, startedAt: 1, usage: {}, modelCalls: 1, toolCalls: 0, messages: 1, notices: [], lastSeq: 3, cursor: 'i.3' }) as unknown as Run

const told = (messages: Message[], runs: Run[]) =>
  turnsOf(messages, runs).map((turn) => [turn.message.id, turn.run.id, ...turn.replies.map((message) => message.id)].join(' '))

describe('the turns of a thread', () => {
  it('follow each other from the first message', () => {
    const messages = [human('u1', null), reply('a1', 'u1', 'r1'), reply('a2', 'a1', 'r1'), human('u2', 'a2'), reply('a3', 'u2', 'r2')]
    expect(told(messages, [run('r1', 'u1'), run('r2', 'u2')])).toEqual(['u1 r1 a1 a2', 'u2 r2 a3'])
  })

  it('show a message that got no reply, for the run has something to say', () => {
    expect(told([human('u1', null)], [run('r1', 'u1')])).toEqual(['u1 r1'])
    expect(told([human('u1', null), human('u2', 'u1'), reply('a2', 'u2', 'r2')], [run('r1', 'u1'), run('r2', 'u2')])).toEqual(['u1 r1', 'u2 r2 a2'])
  })

  it('show the newest run of a message that was tried again', () => {
    const messages = [human('u1', null), reply('a1', 'u1', 'r1'), reply('a2', 'u1', 'r2')]
    expect(told(messages, [run('r1', 'u1'), run('r2', 'u1')])).toEqual(['u1 r2 a2'])
  })

  it('leave out what followed an answer that was replaced', () => {
    const messages = [human('u1', null), reply('a1', 'u1', 'r1'), human('u2', 'a1'), reply('a2', 'u2', 'r2'), reply('b1', 'u1', 'r3')]
    expect(told(messages, [run('r1', 'u1'), run('r2', 'u2'), run('r3', 'u1')])).toEqual(['u1 r3 b1'])
  })

  it('take the newest sibling at a fork, with what follows it', () => {
    const messages = [human('u1', null), reply('a1', 'u1', 'r1'), human('u2', 'a1'), reply('a2', 'u2', 'r2'), human('v2', 'a1'), reply('b2', 'v2', 'r3'), human('v3', 'b2')]
    expect(told(messages, [run('r1', 'u1'), run('r2', 'u2'), run('r3', 'v2'), run('r4', 'v3')])).toEqual(['u1 r1 a1', 'v2 r3 b2', 'v3 r4'])
  })

  it('take an edited first message', () => {
    const messages = [human('u1', null), reply('a1', 'u1', 'r1'), human('v1', null), reply('b1', 'v1', 'r2')]
    expect(told(messages, [run('r1', 'u1'), run('r2', 'v1')])).toEqual(['v1 r2 b1'])
  })

  it('begin in the middle where a page does', () => {
    const messages = [human('u5', 'a4'), reply('a5', 'u5', 'r5'), human('u6', 'a5')]
    expect(told(messages, [run('r5', 'u5'), run('r6', 'u6')])).toEqual(['u5 r5 a5', 'u6 r6'])
  })

  it('cost what they are, not their square: ten thousand are told at once', () => {
    const COUNT = 10_000
    const messages = Array.from({ length: COUNT }, (_, i) => [human(`u${i}`, i === 0 ? null : `a${i - 1}`), reply(`a${i}`, `u${i}`, `r${i}`)]).flat()
    const runs = Array.from({ length: COUNT }, (_, i) => run(`r${i}`, `u${i}`))
    let looks = 0
    const counted = messages.map((message) => new Proxy(message, { get: (held, name) => { looks++; return Reflect.get(held, name) as unknown } }))
    expect(turnsOf(counted, runs)).toHaveLength(COUNT)
    expect(looks).toBeLessThan(20 * COUNT)
  })

  it('are none where there are no messages', () => {
    expect(turnsOf([], [])).toEqual([])
  })
})
