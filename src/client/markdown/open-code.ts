/** The element of code that grows: its lines in chunks, which freeze when they are full. */
import { createLive, element } from './live.ts'
import type { Live, Shape } from './live.ts'
import { CHUNK_LINES, codeHead } from './shape.ts'
import type { MarkdownWords } from './shaping.ts'

export interface OpenCode {
  readonly live: Live
  /** Appends what is final. */
  write(text: string): void
  /** Shows `tail` behind what is final. */
  show(tail: string): readonly Shape[]
}

export function createCode(language: string, words: MarkdownWords): OpenCode {
  const code = createLive('code')
  const pre = createLive('pre', { tabindex: '0' })
  const live = createLive('figure', { 'data-code': language }, [codeHead(language, words)])
  pre.open = [code]
  live.open = [pre]
  let chunk: Live | null = null
  let lineEnds = 0
  return {
    live,
    write(text) {
      for (let at = 0; at < text.length; ) {
        if (chunk === null || lineEnds === CHUNK_LINES) {
          if (chunk !== null) code.settled.push(chunk)
          chunk = createLive('span', { 'data-chunk': '' })
          lineEnds = 0
        }
        let end = at
        while (end < text.length && lineEnds < CHUNK_LINES) {
          const newline = text.indexOf('\n', end)
          if (newline < 0) end = text.length
          else {
            end = newline + 1
            lineEnds++
          }
        }
        chunk.settled.push(text.slice(at, end))
        at = end
      }
    },
    show(tail) {
      const full = chunk === null || lineEnds === CHUNK_LINES
      if (chunk !== null) chunk.open = full || tail === '' ? [] : [tail]
      code.open = [...(chunk === null ? [] : [chunk]), ...(full && tail !== '' ? [element('span', { 'data-chunk': '' }, [tail])] : [])]
      return []
    },
  }
}
