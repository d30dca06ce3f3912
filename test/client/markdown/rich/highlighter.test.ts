// @vitest-environment happy-dom
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHighlighter } from '../../../../src/client/markdown/rich/highlight/highlighter.ts'
import { kinds } from '../../../../src/client/markdown/rich/highlight/kinds.ts'
import { paint } from '../../../../src/client/markdown/rich/highlight/paint.ts'
import type { TokenReply, TokenRequest } from '../../../../src/client/markdown/rich/highlight/port.ts'
import { showHidden } from '../../../../src/client/markdown/rich/visible.ts'
import { seedOf } from '../../../support/seed.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  document.body.replaceChildren()
})

function scene() {
  const asked: TokenRequest[] = []
  const logged: string[] = []
  const ports: { reply: (reply: TokenReply) => void; die: (reason: string) => void; closed: boolean }[] = []
  let held: (() => void) | null = null
  let hold = false
  const highlighter = createHighlighter({
    openPort() {
      const port = { reply: (_: TokenReply) => {}, die: (_: string) => {}, closed: false }
      ports.push(port)
      return {
        ask: (request) => asked.push(request),
        onReply: (take) => { port.reply = take },
        onDeath: (take) => { port.die = take },
        close: () => { port.closed = true },
      }
    },
    whenNotHeld(_chunk, paint) {
      if (hold) held = paint
      else paint()
    },
    log: (message) => logged.push(message),
  })
  const languages = new Map<Element, string>()
  const block = (language: string, ...texts: string[]) => {
    const code = document.createElement('code')
    languages.set(code, language)
    document.body.append(code)
    return texts.map((text) => {
      const chunk = document.createElement('span')
      chunk.textContent = text
      code.append(chunk)
      return chunk
    })
  }
  const last = () => {
    const request = asked.at(-1)
    if (request === undefined) throw new Error('Nothing was asked.')
    return request
  }
  return {
    asked, logged, ports, block,
    see(chunk: HTMLElement | undefined) {
      const code = chunk?.parentElement
      if (chunk !== undefined && code !== null && code !== undefined) highlighter.chunk(chunk, code, languages.get(code) ?? '')
    },
    /** Answers the last request: its first character is a keyword. */
    answer: () => ports.at(-1)?.reply({ id: last().id, ranges: new Uint32Array([0, 1, kinds.indexOf('keyword')]) }),
    refuse: () => ports.at(-1)?.reply({ id: last().id, ranges: null, reason: 'because' }),
    hold(on: boolean) {
      hold = on
      if (!on) held?.()
    },
  }
}

const coloured = (chunk: Element | undefined) => chunk?.querySelector('.code-keyword')?.textContent ?? null

describe('what is coloured', () => {
  test('the chunks up to the one that is seen, one after the other; those in between are shown when they are seen', () => {
    const { block, see, asked, answer } = scene()
    const [first, second, third] = block('ts', 'a\n', 'b\n', 'c\n')
    see(second)
    expect(asked.map(({ text }) => text)).toEqual(['a\n'])
    answer()
    answer()
    expect(asked.map(({ text, language }) => [text, language])).toEqual([['a\n', 'typescript'], ['b\n', 'typescript']])
    expect([coloured(first), coloured(second), coloured(third)]).toEqual([null, 'b', null])
    see(first)
    expect(coloured(first)).toBe('a')
    expect(asked.length).toBe(2)
  })

  test('the block that was seen last first', () => {
    const { block, see, asked, answer } = scene()
    const [a] = block('ts', 'a')
    const [b] = block('ts', 'b')
    const [c] = block('ts', 'c')
    see(a)
    see(b)
    see(c)
    answer()
    answer()
    expect(asked.map(({ text }) => text)).toEqual(['a', 'c', 'b'])
  })

  test('no language that is not known, no chunk that is huge, nothing that was removed', () => {
    const { block, see, asked } = scene()
    see(block('brainfog', 'a')[0])
    see(block('', 'a')[0])
    see(block('ts', 'x'.repeat(100_000))[0])
    const [gone] = block('ts', 'gone')
    gone?.parentElement?.remove()
    see(gone)
    expect(asked).toEqual([])
  })

  test('no chunk in which somebody selects, until they have done', () => {
    const { block, see, answer, hold } = scene()
    const [chunk] = block('ts', 'abc')
    hold(true)
    see(chunk)
    answer()
    expect(coloured(chunk)).toBeNull()
    hold(false)
    expect(coloured(chunk)).toBe('a')
  })
})

describe('what goes wrong leaves the text plain', () => {
  test('a chunk that could not be coloured ends its block, not the others', () => {
    const { block, see, asked, refuse, answer, logged } = scene()
    const [, second] = block('ts', 'a', 'b')
    const [other] = block('ts', 'c')
    see(second)
    see(other)
    refuse()
    answer()
    expect(asked.map(({ text }) => text)).toEqual(['a', 'c'])
    expect([coloured(second), coloured(other)]).toEqual([null, 'c'])
    expect(logged.length).toBe(1)
  })

  test('a worker that dies is replaced, but not for ever', () => {
    const { block, see, ports, asked } = scene()
    for (const text of ['a', 'b', 'c', 'd']) see(block('ts', text)[0])
    for (let i = 0; i < 3; i++) ports.at(-1)?.die('crashed')
    expect(ports.map(({ closed }) => closed)).toEqual([true, true, true])
    expect(asked.map(({ text }) => text)).toEqual(['a', 'd', 'c'])
    expect(document.body.textContent).toBe('abcd')
  })

  test('a worker that does not answer is given up, and a late answer is for nobody', () => {
    const { block, see, ports, asked } = scene()
    const [slow] = block('ts', 'slow')
    see(slow)
    const late = asked[0]?.id ?? 0
    vi.advanceTimersByTime(31_000)
    expect(ports[0]?.closed).toBe(true)
    ports[0]?.reply({ id: late, ranges: new Uint32Array([0, 1, 2]) })
    expect(coloured(slow)).toBeNull()
  })
})

test('painting changes no text, whatever the ranges and wherever the text is already cut by marks', () => {
  const text = fc.array(fc.constantFrom('a', 'bc', ' ', '\n', '\u202e', 'x\u200by', '👩‍🚀'), { maxLength: 30 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, fc.array(fc.tuple(fc.nat(6), fc.nat(6), fc.nat(kinds.length - 1))), (source, steps) => {
      const chunk = document.createElement('span')
      chunk.textContent = source
      showHidden(chunk)
      const ranges: number[] = []
      let at = 0
      for (const [gap, length, kind] of steps) {
        if (length > 0) ranges.push(at + gap, length, kind)
        at += gap + length
      }
      paint(chunk, new Uint32Array(ranges))
      expect(chunk.textContent).toBe(source)
      const marked = [...chunk.querySelectorAll('[class^=code-]')].map((span) => span.textContent).join('')
      const wanted = ranges.flatMap((start, i) => (i % 3 === 0 ? [source.slice(start, start + (ranges[i + 1] ?? 0))] : [])).join('')
      expect(marked).toBe(wanted)
    }),
    { seed: seedOf('painting') },
  )
})
