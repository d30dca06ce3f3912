import type { Rich } from '../rich.ts'
import type { Sight } from './sight.ts'

export interface LazyRichDeps {
  readonly load: () => Promise<Rich>
  readonly sight: Sight
  /** Calls back when the page has nothing else to do: what is shown and can be used comes first. */
  readonly whenIdle: (run: () => void) => void
  readonly onFailure: (error: unknown) => void
}

/**
 * A `Rich` that hands on what comes near the screen, the real one being loaded with the first of it. What comes near meanwhile follows in order
 * once it is there; what never comes near costs nothing.
 */
export function lazyRich({ load, sight, whenIdle, onFailure }: LazyRichDeps): Rich {
  let there: Rich | null = null
  let waiting: ((rich: Rich) => void)[] | null = null
  const begin = (calls: ((rich: Rich) => void)[]) => {
    load().then((rich) => {
      there = rich
      for (const each of calls) each(rich)
    }, (error: unknown) => {
      // What waited stays plain; the next block tries again.
      waiting = null
      onFailure(error)
    })
  }
  const hand = (call: (rich: Rich) => void) => {
    if (there !== null) call(there)
    else if (waiting !== null) waiting.push(call)
    else {
      const calls = [call]
      waiting = calls
      whenIdle(() => begin(calls))
    }
  }
  return {
    chunk: (chunk, code, language) => sight.watch(chunk, () => hand((rich) => rich.chunk(chunk, code, language))),
    closed: (figure, language, source) => sight.watch(figure, () => hand((rich) => rich.closed(figure, language, source))),
    maths: (host, source, display) => sight.watch(host, () => hand((rich) => rich.maths(host, source, display))),
  }
}

/** After what was asked of the page before; where the browser cannot tell, after a moment. */
export function whenIdle(run: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(run, { timeout: 2_000 })
  else setTimeout(run, 200)
}
