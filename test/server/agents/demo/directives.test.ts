import { describe, expect, it } from 'vitest'
import { readDirectives } from '../../../../src/server/agents/demo/directives.ts'

describe('what a message asks of the demo agent', () => {
  it.each([
    ['help', ['help']],
    ['Hello!', ['help']],
    ['what can I try?', ['help']],
    ['Who are you?', ['help']],
    ['think', ['think']],
    ['markdown', ['markdown']],
    ['Please show me the tools and some markdown, slowly', ['tools', 'markdown']],
    ['ask for approval', ['approval']],
    ['long 50', ['long']],
    ['output 50', ['output']],
    ['fail', ['fail']],
    ['hello from the other side', []],
    ['belong', []],
    ['How are you?', []],
  ])('%j asks for %j', (message, topics) => {
    expect(readDirectives(message).topics).toEqual(topics)
  })

  it.each([
    ['hi', null],
    ['slow', 8],
    ['markdown, slowly', 8],
    ['fast', 600],
    ['rate 20', 20],
    ['Rate: 5 slow', 5],
    ['rate 0', 1],
    ['rate 99999999', 100_000],
  ])('%j asks for a pace of %j', (message, rate) => {
    expect(readDirectives(message).rate).toBe(rate)
  })

  it.each([['long', 1_000_000], ['long 50', 50_000], ['long 0', 1000], ['long 99999999', 20_000_000], ['output', 1_000_000], ['output 10000', 10_000_000]])('%j is %d characters', (message, chars) => {
    expect(readDirectives(message).longChars).toBe(chars)
  })

  it.each([
    ['what is 12*7?', '12*7'],
    ['What is 12 * 7', '12 * 7'],
    ["what's (3+4)*2 - 1?", '(3+4)*2 - 1'],
    ['how much is 2^10, please?', '2^10'],
    ['sqrt(16)', 'sqrt(16)'],
    ['√16', '√16'],
    ['5!', '5!'],
    ['7 ÷ 2 × 3', '7 ÷ 2 × 3'],
    ['max(3, 4) + 1', 'max(3, 4) + 1'],
    ['1 / 0', '1 / 0'],
    ['is 2026-11-20 a Friday?', null],
    ['call 555-12-34', null],
    ['I have 3 cats', null],
    ['what happens at 10.30?', null],
    ['rate 20', null],
    ['tell me about C++', null],
    ['- one\n- two', null],
  ])('%j holds the calculation %j', (message, expression) => {
    expect(readDirectives(message).expression).toBe(expression)
  })

  it.each([['what time is it?', true], ['What day is today?', true], ['tell me the time', true], ['what is 1+1 today?', false], ['sometimes', false]])('%j asks for the time: %j', (message, asks) => {
    expect(readDirectives(message).asksTime).toBe(asks)
  })

  it('reads only the beginning of a pasted page, and quickly', () => {
    const wish = readDirectives(`Look at this: ${'1+('.repeat(300_000)} fail`)
    expect(wish.topics).toEqual([])
    expect(wish.question.length).toBeLessThanOrEqual(2000)
  })
})
