/** All that is added to finished blocks, put together: loaded when the first of them comes near the screen. */
import type { Rich } from '../rich.ts'
import diagramPage from 'virtual:diagram-page'
import { copyAsWritten } from './copying.ts'
import { createDiagrams } from './diagram/diagrams.ts'
import type { DiagramWords } from './diagram/diagrams.ts'
import { createDrawing } from './diagram/frame-link.ts'
import { pageTheme } from './diagram/theme.ts'
import { whenNotHeld } from './held.ts'
import { createHighlighter } from './highlight/highlighter.ts'
import { openHighlightPort } from './highlight/port.ts'
import { createMathsDrawer } from './maths.ts'
import type { MathsWords } from './maths.ts'
import { showHidden } from './visible.ts'
import './rich.css'

export interface RichWords extends DiagramWords, MathsWords {
  readonly wrap: string
}

export interface RichDeps {
  /** Asked for when something is drawn: the language may have changed since. */
  readonly words: () => RichWords
  readonly log: (message: string, details: object) => void
}

/** From here on a line may not fit beside a sidebar, or on a phone. */
const LONG_LINE = /[^\n]{56}/

export function createRich({ words, log }: RichDeps): Rich {
  const highlighter = createHighlighter({ openPort: openHighlightPort, whenNotHeld, log })
  const diagrams = createDiagrams({ drawing: createDrawing(diagramPage, document.body), theme: pageTheme(document.documentElement), words })
  const maths = createMathsDrawer({
    load: async () => (await import('./katex.ts')).createKatex(),
    words, log, now: () => performance.now(), nextFrame: (run) => void requestAnimationFrame(run),
  })
  copyAsWritten(document)
  return {
    chunk(chunk, code, language) {
      whenNotHeld(chunk, () => showHidden(chunk))
      highlighter.chunk(chunk, code, language)
    },
    closed(figure, language, source) {
      if (language.toLowerCase() === 'mermaid') diagrams.closed(figure, source)
      else if (LONG_LINE.test(source)) addWrapButton(figure, words().wrap)
    },
    maths: maths.draw,
  }
}

/** It has no text of its own: the text of a message is the agent's. `controls.ts` hears the press. */
function addWrapButton(figure: HTMLElement, label: string): void {
  const button = document.createElement('button')
  button.type = 'button'
  button.setAttribute('data-act', 'wrap')
  button.setAttribute('aria-label', label)
  button.title = label
  figure.querySelector('[data-act=copy-code]')?.before(button)
}
