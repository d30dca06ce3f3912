/** Markdown that grows, drawn into an element. Knows nothing of React; views, benchmarks and embedding pages use the same door. */
import { createMarkdownDocument } from './document.ts'
import { growth } from './growth.ts'
import { createNodes } from './nodes.ts'
import type { Rich } from './rich.ts'
import type { MarkdownWords } from './shaping.ts'

export type { MarkdownWords } from './shaping.ts'

export interface MountOptions {
  readonly words: MarkdownWords
  /** What is added to finished blocks. */
  readonly rich?: Rich
}

export interface Mounted {
  /** Takes what came; it is drawn with the next animation frame. */
  push(delta: string): void
  /** Nothing more comes: draws the end exactly as it stands. */
  end(): void
  /** Empties the element, for another text. */
  reset(): void
  /** Draws now what was pushed. */
  flush(): void
}

/** Draws a text that grows into `el`, whose inside is the renderer's alone from now on. */
export function mount(el: HTMLElement, options: MountOptions): Mounted {
  const begin = () => ({ text: createMarkdownDocument(options.words, growth), nodes: createNodes(el.ownerDocument, options.rich), ended: false })
  let now = begin()
  let frame: number | null = null

  const unschedule = () => {
    if (frame !== null) cancelAnimationFrame(frame)
    frame = null
  }
  const draw = () => {
    now.nodes.draw(el, now.text.root)
    for (const shape of now.text.completed()) now.nodes.complete(shape)
  }
  const flush = () => {
    unschedule()
    if (now.ended) return
    now.text.step(false)
    draw()
  }

  return {
    push(delta) {
      if (now.ended) throw new Error('The text has ended; call reset() before another one is pushed.')
      now.text.push(delta)
      frame ??= requestAnimationFrame(flush)
    },
    end() {
      unschedule()
      if (now.ended) return
      now.text.end()
      draw()
      now.ended = true
    },
    reset() {
      unschedule()
      el.replaceChildren()
      now = begin()
    },
    flush,
  }
}
