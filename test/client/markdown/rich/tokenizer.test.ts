import { beforeAll, describe, expect, test } from 'vitest'
import { answerRequests } from '../../../../src/client/markdown/rich/highlight/answer.ts'
import type { Line } from '../../../../src/client/markdown/rich/highlight/answer.ts'
import { kinds } from '../../../../src/client/markdown/rich/highlight/kinds.ts'
import { knownLanguage } from '../../../../src/client/markdown/rich/highlight/language-names.ts'
import { languageNames } from '../../../../src/client/markdown/rich/highlight/languages.ts'
import type { LanguageName } from '../../../../src/client/markdown/rich/highlight/languages.ts'
import type { TokenReply, TokenRequest } from '../../../../src/client/markdown/rich/highlight/port.ts'
import { createTokenizer } from '../../../../src/client/markdown/rich/highlight/tokenizer.ts'
import type { Tokenizer } from '../../../../src/client/markdown/rich/highlight/tokenizer.ts'
import { until } from '../../../support/until.ts'

let tokenizer: Tokenizer
let blocks = 0
beforeAll(() => {
  tokenizer = createTokenizer()
})

interface Range {
  readonly start: number
  readonly text: string
  readonly kind: string
}

function rangesOf(text: string, numbers: Uint32Array): Range[] {
  return Array.from({ length: numbers.length / 3 }, (_, i) => {
    const [start = 0, length = 0, kind = 0] = numbers.subarray(i * 3)
    return { start, text: text.slice(start, start + length), kind: kinds[kind] ?? '?' }
  })
}

async function colours(language: LanguageName, text: string): Promise<string[]> {
  return rangesOf(text, await tokenizer.tokenize(++blocks, language, text)).map((range) => `${range.kind} ${range.text.trim()}`)
}

describe('languages', () => {
  test('are known by the names that answers give them', () => {
    const said: Readonly<Record<string, LanguageName | null>> = {
      ts: 'typescript', TypeScript: 'typescript', 'c++': 'cpp', 'C#': 'csharp', py: 'python', bash: 'shellscript', console: 'shellscript', yml: 'yaml', 'language-js': 'javascript',
      'ts{1,3}': 'typescript', 'rust,ignore': 'rust', Dockerfile: 'docker', golang: 'go', psql: 'sql', tf: 'hcl', jsonc: 'jsonc', text: null, mermaid: null, '': null, ' ': null, constructor: null, __proto__: null,
    }
    for (const [label, language] of Object.entries(said)) expect([label, knownLanguage(label)]).toEqual([label, language])
    for (const name of languageNames) expect(knownLanguage(name)).toBe(name)
  })
})

describe('tokens', () => {
  test('say what is a comment, a keyword, a string, a number and a name', async () => {
    expect(await colours('javascript', 'const a = f("x", 1) // why')).toEqual(['keyword const', 'constant a', 'function f', 'string "x"', 'constant 1', 'comment // why'])
    expect(await colours('json', '{"a": [1, true, "s"]}')).toEqual(['property a', 'constant 1', 'constant true', 'string "s"'])
    expect(await colours('diff', '-old\n+new\n same')).toEqual(['deleted -old', 'inserted +new'])
  })

  test('go on from chunk to chunk where the block was: cut at any line, the colours are the same', async () => {
    const text = 'const a = `one\n${b /* two\nthree */}` // four\n\nfunction f() {\n  return /* five\n*/ 6\n}\n'
    const whole = rangesOf(text, await tokenizer.tokenize(++blocks, 'javascript', text))
    const letters = (ranges: readonly Range[]) => ranges.flatMap(({ start, text: piece, kind }) => Array.from(piece, (char, i) => (/\s/.test(char) ? '' : `${start + i} ${kind}`)).filter(Boolean))
    for (let cut = text.indexOf('\n') + 1; cut > 0 && cut < text.length; cut = text.indexOf('\n', cut) + 1) {
      const block = ++blocks
      const parts = [text.slice(0, cut), text.slice(cut)]
      const got: Range[] = []
      let from = 0
      for (const part of parts) {
        for (const range of rangesOf(part, await tokenizer.tokenize(block, 'javascript', part))) got.push({ ...range, start: range.start + from })
        from += part.length
      }
      expect({ cut, letters: letters(got) }).toEqual({ cut, letters: letters(whole) })
    }
  })

  test('leave a line plain that nobody reads by its colours, and colour the next', async () => {
    expect(await colours('json', `{"a": "${'x'.repeat(3_000)}",\n"b": 1}`)).toEqual(['string "b"', 'constant 1'])
  })
})

describe('the worker', () => {
  test('answers in order, and a chunk that fails is told apart from the next one', async () => {
    const { port1, port2 } = new MessageChannel()
    const replies: TokenReply[] = []
    port1.onmessage = ({ data }: MessageEvent<TokenReply>) => replies.push(data)
    const line: Line = { onmessage: null, postMessage: (reply, transfer) => port2.postMessage(reply, transfer) }
    port2.onmessage = (message: MessageEvent<TokenRequest>) => line.onmessage?.(message)
    answerRequests(line, {
      tokenize: (block, language, text) => (text === 'bad' ? Promise.reject(new Error('no such grammar')) : tokenizer.tokenize(block, language, text)),
    })
    try {
      for (const [id, text] of ['1', 'bad', '{"a": 2}'].entries()) port1.postMessage({ id, block: 1_000_000 + id, language: 'json', text } satisfies TokenRequest)
      await until('three replies', () => replies.length === 3)
      expect(replies.map(({ id, ranges, reason }) => [id, ranges === null ? null : [...ranges], reason])).toEqual([[0, [0, 1, kinds.indexOf('constant')], undefined], [1, null, 'Error: no such grammar'], [2, expect.any(Array), undefined]])
    } finally {
      port1.close()
      port2.close()
    }
  })
})
