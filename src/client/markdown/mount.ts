/** Markdown that grows, drawn into an element. Knows nothing of React; views, benchmarks and embedding pages use the same door. */
import { mountMarkdown } from './render.ts'
import type { Rich } from './rich.ts'
import type { MarkdownWords } from './shape.ts'

export interface MountOptions {
  readonly words?: MarkdownWords
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

/** Draws a text that grows into `el`, which is the renderer's alone from now on. */
export function mount(el: HTMLElement, options: MountOptions = {}): Mounted {
  const start = () => mountMarkdown(el, options.words ?? plainWords, () => Promise.resolve(false))
  let view = start()
  let text = ''
  let frame: number | null = null
  const draw = (open: boolean) => {
    if (frame !== null) cancelAnimationFrame(frame)
    frame = null
    view.update(text, open)
  }
  return {
    push(delta) {
      text += delta
      frame ??= requestAnimationFrame(() => draw(true))
    },
    end: () => draw(false),
    reset() {
      if (frame !== null) cancelAnimationFrame(frame)
      frame = null
      text = ''
      view.destroy()
      view = start()
    },
    flush: () => draw(true),
  }
}

/** Draws a text that is whole. */
export function renderWhole(el: HTMLElement, text: string, options: MountOptions = {}): Mounted {
  const mounted = mount(el, options)
  mounted.push(text)
  mounted.end()
  return mounted
}

/** Where no catalogue is at hand. */
const plainWords: MarkdownWords = {
  copy: 'Copy', copied: 'Copied', copyLabel: 'Copy code', plainCode: 'text', table: 'Table',
  goesTo: (host) => host,
  image: (alt, host) => (host === null ? alt : `${alt} (${host})`),
}
