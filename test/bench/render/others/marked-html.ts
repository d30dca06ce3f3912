import { marked } from 'marked'
import type { CreateRenderer } from '../renderer.ts'

export const create: CreateRenderer = (host) => {
  let text = ''
  let drawn = ''
  const draw = () => {
    if (text === drawn) return
    drawn = text
    host.innerHTML = marked.parse(text, { async: false })
  }
  return {
    push(delta) {
      text += delta
    },
    frame: draw,
    end: draw,
  }
}
