/** A component that is given the whole text so far, once per frame. */
import type { ReactNode } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import type { CreateRenderer } from '../renderer.ts'

export function inReact(draw: (text: string, live: boolean) => ReactNode): CreateRenderer {
  return (host) => {
    const root = createRoot(host)
    let text = ''
    let drawn: string | null = null
    const show = (live: boolean) => flushSync(() => root.render(draw(text, live)))
    return {
      push(delta) {
        text += delta
      },
      frame() {
        if (text === drawn) return
        drawn = text
        show(true)
      },
      end: () => show(false),
    }
  }
}
