/** A quote whose every line has its mark; what is behind the marks is a text of its own. */
import { LONGEST_LINE, LONGEST_READ } from './bounds.ts'
import { createLive } from './live.ts'
import { isUndecided } from './heal.ts'
import { sinkOf } from './reading.ts'
import type { Begun, Beginning } from './reading.ts'
import { alertTitle, sideOf } from './shape.ts'
import { alertOf } from './syntax.ts'

const mark = /^ {0,3}>/

export function openQuote({ doc, place, token, source }: Beginning): Begun | null {
  if (source.split('\n').some((line, index, all) => index < all.length - 1 && (!mark.test(line) || line.includes('>\t')))) return null
  const firstEnd = source.indexOf('\n') + 1
  const alert = 'alert' in token ? alertOf(source.slice(0, firstEnd).replace(/^ {0,3}> ?/, '')) : undefined
  if ('alert' in token && alert === undefined) return null
  const live = createLive('blockquote', alert === undefined ? sideOf(place.depth) : { 'data-alert': alert.kind, ...sideOf(place.depth) }, alert === undefined ? [] : [alertTitle(alert.kind, doc.words)])
  const child = doc.blocks(
    { top: true, depth: place.depth + 1, level: place.level + 1, outline: null, task: false },
    sinkOf(live),
  )
  let raw = alert === undefined ? '' : source.slice(0, firstEnd)
  let begun = false
  let insideLine = false

  const close = (behind: string) => {
    child.finish()
    return { ended: behind }
  }
  /** A line that only marked can tell: behind a long quote it is none of it. */
  const lose = (behind: string) => (raw.length > LONGEST_READ ? close(behind) : { lost: raw + behind })

  return {
    block: {
      live,
      take(text) {
        let at = 0
        while (at < text.length) {
          const newline = text.indexOf('\n', at)
          const end = newline < 0 ? text.length : newline
          const line = text.slice(at, end)
          if (insideLine) child.push(line)
          else {
            const marked = mark.exec(line)?.[0]
            if (marked === undefined) {
              if (newline < 0 && line.length <= LONGEST_LINE) break
              const blank = /^[ \t]*$/.test(line.slice(0, LONGEST_LINE))
              return blank ? close(`\n${text.slice(at)}`) : lose(text.slice(at))
            }
            if (newline < 0 && line.length === marked.length) break
            const space = line.charAt(marked.length)
            if (space === '\t') return lose(text.slice(at))
            child.push((begun ? '\n' : '') + line.slice(marked.length + (space === ' ' ? 1 : 0)))
            begun = true
          }
          insideLine = newline < 0
          raw += text.slice(at, newline < 0 ? end : end + 1)
          at = newline < 0 ? end : end + 1
        }
        return { taken: at }
      },
      show(rest, exact) {
        const behind = rest !== '' && (exact || !isUndecided(rest))
        if (behind && raw.length <= LONGEST_READ) return { lost: raw }
        child.step(exact)
        return behind ? { behind: rest } : []
      },
      leave: (lost) => (lost ? child.abandon() : child.finish()),
    },
    rest: alert === undefined ? source : source.slice(firstEnd),
  }
}
