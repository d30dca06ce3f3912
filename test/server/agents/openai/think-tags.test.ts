import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createThinkSplitter } from '../../../../src/server/agents/openai/think-tags.ts'

function split(...pieces: string[]): { thinking: string; text: string; order: string } {
  const splitter = createThinkSplitter()
  const segments = [...pieces.flatMap((piece) => splitter.take(piece)), ...splitter.flush()]
  const join = (kind: string) => segments.filter((segment) => segment.kind === kind).map((segment) => segment.text).join('')
  return { thinking: join('thinking'), text: join('text'), order: segments.map((segment) => segment.kind).filter((kind, i, all) => kind !== all[i - 1]).join(' ') }
}

describe('think tags', () => {
  it.each([
    ['<think>Hm.</think>Yes', 'Hm.', 'Yes'],
    ['\n<think>\nHm.\n</think>\n\nYes\n', 'Hm.', 'Yes\n'],
    ['<thinking>a < b</thinking>c', 'a < b', 'c'],
    ['<think></think>Yes', '', 'Yes'],
    ['<think>cut off', 'cut off', ''],
    ['<think>cut off</thi', 'cut off</thi', ''],
    ['No tags', '', 'No tags'],
    ['  <b>bold</b>', '', '  <b>bold</b>'],
    ['<thin', '', '<thin'],
    ['The tag <think> stays</think>', '', 'The tag <think> stays</think>'],
    ['<think>a</think>b<think>c</think>', 'a', 'b<think>c</think>'],
    ['ends with <', '', 'ends with <'],
  ])('in %j are thought %j and text %j', (whole, thinking, text) => {
    expect(split(whole)).toMatchObject({ thinking, text })
    expect(split(...whole)).toMatchObject({ thinking, text })
  })

  it('are found wherever the stream is cut', () => {
    const piece = fc.constantFrom('<think>', '</think>', '<', '>', '/', 'think', ' ', '\n', 'a', '<b>', '😀')
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(40), { maxLength: 8 }), (pieces, cuts) => {
      const whole = `${pieces.length % 3 === 0 ? '' : '<think>'}${pieces.join('')}`
      const at = [...new Set(cuts.map((cut) => Math.min(cut, whole.length)))].sort((a, b) => a - b)
      const cut = [0, ...at].map((from, i) => whole.slice(from, at[i] ?? whole.length))
      expect(split(...cut)).toEqual(split(whole))
      expect(split(...whole)).toEqual(split(whole))
    }))
  })

  it('that never open lose nothing', () => {
    fc.assert(fc.property(fc.array(fc.string({ maxLength: 5 }), { maxLength: 10 }), (pieces) => {
      const whole = pieces.join('')
      fc.pre(!/^\s*<(?:think|thinking|thought)>/.test(whole))
      expect(split(...pieces)).toMatchObject({ text: whole, thinking: '' })
    }))
  })
})
