/**
 * Diagrams: a closed fence gets its final height before its picture is drawn, so that nothing moves when that comes. The source stays in the page: it
 * is what is copied, and it is shown on request or when there is no picture.
 */
import type { Drawing, Drawn, Reason } from './frame-link.ts'
import { DiagramProblem } from './frame-link.ts'
import type { DiagramTheme } from './theme.ts'

export interface DiagramWords {
  readonly diagram: (kind: string) => string
  readonly showSource: string
  readonly showDiagram: string
  readonly larger: string
  readonly smaller: string
  /** `said`: what Mermaid found, where `reason` is a mistake. */
  readonly diagramFailed: (reason: Reason, said: string) => string
}

export interface DiagramDeps {
  readonly drawing: Drawing
  readonly theme: DiagramTheme
  readonly words: () => DiagramWords
}

export interface Diagrams {
  /** A figure that somebody may see now, and that will not change any more. */
  closed(figure: HTMLElement, source: string): void
}

/** Pictures kept for diagrams that are shown again, each about 20 KB. */
const MOST_KEPT = 40
const LEAST_PX = 160
const MOST_PX = 440

/** What a diagram may take up, told by its source alone, so that it is known before anything is drawn. */
export function diagramHeight(source: string): number {
  const lines = source.split('\n').filter((line) => line.trim() !== '').length
  return Math.min(MOST_PX, Math.max(LEAST_PX, 60 + 38 * lines))
}

export function createDiagrams({ drawing, theme, words }: DiagramDeps): Diagrams {
  const kept = new Map<string, Drawn>()
  const sources = new WeakMap<Element, string>()

  const draw = async (source: string): Promise<Drawn> => {
    const { name, ...order } = theme.now()
    const key = `${name}\n${source}`
    const drawn = kept.get(key) ?? await drawing.draw({ source, ...order })
    kept.delete(key)
    kept.set(key, drawn)
    const oldest = kept.size > MOST_KEPT ? kept.keys().next().value : undefined
    if (oldest !== undefined) kept.delete(oldest)
    return drawn
  }
  const show = async (figure: HTMLElement) => {
    const source = sources.get(figure) ?? ''
    try {
      const drawn = await draw(source)
      if (figure.isConnected) picture(figure, drawn, words().diagram(kindOf(source)))
    } catch (error) {
      const { reason, message } = error instanceof DiagramProblem ? error : new DiagramProblem('mistake', String(error))
      figure.setAttribute('data-diagram', 'failed')
      figure.setAttribute('data-diagram-problem', words().diagramFailed(reason, firstLine(message)))
    }
  }
  theme.onChange(() => {
    for (const figure of document.querySelectorAll<HTMLElement>('figure[data-diagram=drawn]')) void show(figure)
  })

  return {
    closed(figure, source) {
      if (source.trim() === '') return
      sources.set(figure, source)
      figure.setAttribute('data-diagram', 'waiting')
      figure.style.setProperty('--diagram-height', `${diagramHeight(source)}px`)
      const copy = figure.querySelector('[data-act=copy-code]')
      copy?.before(button(figure, 'diagram-size', words().larger, words().smaller), button(figure, 'diagram-source', words().showSource, words().showDiagram))
      void show(figure)
    },
  }
}

/** As a picture: a browser runs and loads nothing in it. */
function picture(figure: HTMLElement, { svg, width, height }: Drawn, label: string): void {
  let view = figure.querySelector<HTMLElement>('[data-diagram-view]')
  if (view === null) {
    view = figure.ownerDocument.createElement('div')
    view.setAttribute('data-diagram-view', '')
    view.append(figure.ownerDocument.createElement('img'))
    figure.append(view)
  }
  const image = view.querySelector('img')
  if (image === null) return
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  image.onload = () => {
    URL.revokeObjectURL(url)
    figure.setAttribute('data-diagram', 'drawn')
  }
  image.onerror = () => URL.revokeObjectURL(url)
  image.width = width
  image.height = height
  image.alt = label
  image.src = url
}

/** A button without text of its own: the text of the message is the agent's. */
function button(figure: HTMLElement, act: string, label: string, pressedLabel: string): HTMLButtonElement {
  const made = figure.ownerDocument.createElement('button')
  made.type = 'button'
  made.setAttribute('data-act', act)
  made.setAttribute('aria-label', label)
  made.setAttribute('data-label', label)
  made.setAttribute('data-label-pressed', pressedLabel)
  made.title = label
  return made
}

/** `flowchart`, `sequenceDiagram` …: the first word of the source behind its comments and front matter. */
function kindOf(source: string): string {
  const text = source.replace(/^\s*---\n[\s\S]*?\n---\n/, '').replaceAll(/^\s*%%.*$/gm, '')
  return /[a-z]+/i.exec(text)?.[0] ?? ''
}

const firstLine = (message: string): string => message.split('\n')[0]?.slice(0, 160) ?? ''
