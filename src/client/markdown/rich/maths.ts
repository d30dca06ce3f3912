/**
 * Draws formulas with KaTeX, which is loaded with the first one. The formula stands in a shadow root: the element's own text stays the source, so
 * that copying, searching the transcript and comparing a live answer with a reopened one see the text that was written.
 */
import type { Katex } from './katex.ts'

export interface MathsWords {
  readonly copyMaths: string
}

export interface MathsDeps {
  readonly load: () => Promise<Katex>
  readonly words: () => MathsWords
  readonly now: () => number
  readonly nextFrame: (run: () => void) => void
  readonly log: (message: string, details: object) => void
}

export interface MathsDrawer {
  draw(host: HTMLElement, source: string, display: boolean): void
}

interface Formula {
  readonly host: HTMLElement
  readonly source: string
  readonly display: boolean
}

/** Time of a frame that formulas may take; the others wait for the next. */
const SLICE_MS = 6
/** Longer is no formula that anyone reads. */
const LONGEST = 5_000

export function createMathsDrawer({ load, words, now, nextFrame, log }: MathsDeps): MathsDrawer {
  let katex: Katex | null = null
  let loading = false
  let scheduled = false
  let frameBegan = Number.NEGATIVE_INFINITY
  const waiting: Formula[] = []

  const drain = () => {
    scheduled = false
    frameBegan = now()
    while (katex !== null && waiting.length > 0 && now() - frameBegan < SLICE_MS) {
      const formula = waiting.shift()
      if (formula?.host.isConnected === true) drawOne(katex, formula)
    }
    schedule()
  }
  const schedule = () => {
    if (scheduled || waiting.length === 0 || katex === null) return
    scheduled = true
    nextFrame(drain)
  }
  const drawOne = (with_: Katex, { host, source, display }: Formula) => {
    try {
      with_.draw(host, source, display, words().copyMaths)
      host.setAttribute('data-drawn', '')
    } catch (error) {
      // Not a formula that KaTeX knows: its source says more than an error would.
      host.setAttribute('data-failed', '')
      host.title = error instanceof Error ? error.message : String(error)
    }
  }

  return {
    draw(host, source, display) {
      if (source.length > LONGEST || host.shadowRoot !== null) return
      waiting.push({ host, source, display })
      if (katex !== null) schedule()
      else if (!loading) {
        loading = true
        load().then((loaded) => {
          // Its fonts have the browser lay out all of the page anew: that is a frame of its own, and the formulas come with the next.
          nextFrame(() => {
            katex = loaded
            schedule()
          })
        }, (error: unknown) => {
          loading = false
          waiting.length = 0
          log('formulas stay as they are written: KaTeX could not be loaded', { error: String(error) })
        })
      }
    },
  }
}
