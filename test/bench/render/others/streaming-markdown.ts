import { default_renderer, parser, parser_end, parser_write } from 'streaming-markdown'
import type { CreateRenderer } from '../renderer.ts'

export const create: CreateRenderer = (host) => {
  const at = parser(default_renderer(host))
  let waiting = ''
  return {
    push(delta) {
      waiting += delta
    },
    frame() {
      if (waiting !== '') parser_write(at, waiting)
      waiting = ''
    },
    end: () => parser_end(at),
  }
}
