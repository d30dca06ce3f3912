/** The least that can be done: no markdown at all, one div per line. */
import type { CreateRenderer } from '../renderer.ts'

export const create: CreateRenderer = (host) => {
  let waiting = ''
  let line: Text | null = null
  const open = (): Text => {
    const made = document.createElement('div')
    made.append(document.createTextNode(''))
    host.append(made)
    return made.firstChild as Text
  }
  return {
    push(delta) {
      waiting += delta
    },
    frame() {
      const [first = '', ...rest] = waiting.split('\n')
      waiting = ''
      line ??= open()
      if (first !== '') line.appendData(first)
      for (const text of rest) {
        line = open()
        if (text !== '') line.appendData(text)
      }
    },
    end() {},
  }
}
