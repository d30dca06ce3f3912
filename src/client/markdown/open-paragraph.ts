/** A paragraph that grows. Its inline text is read again only from the last point at which no construct can be open. */
import type { Tokens } from 'marked'
import { checkpoint } from './checkpoint.ts'
import { healInline, isUndecided } from './heal.ts'
import { createLive } from './live.ts'
import type { Shape } from './live.ts'
import type { Begun, Beginning } from './reading.ts'
import { inline } from './shape.ts'

/** A line that begins like this goes on with a paragraph or begins one, whatever else is in it. */
export const plain = /^ {0,3}[^\s#>\-+*_=`~<|:[\]$\\\d]/
/** An open end that is shorter is not worth looking for a checkpoint in. */
const SHORT = 240

export function openParagraph({ doc, place, token, source }: Beginning): Begun | null {
  if ((token as Tokens.Generic).tokens === undefined || token.raw.trimEnd() !== source.trimEnd() || /\n[ \t]*\n/.test(source)) return null
  const begin = String((token as Tokens.Generic)['text'])
  // May be the head of a table.
  if (begin.startsWith('|') && !begin.includes('\n')) return null
  const live = createLive('p')
  let raw = source
  let text = begin
  let done = 0
  /** Looking in vain grows dearer with the open end, so it is done more seldom. */
  let enough = SHORT
  let insideLine = !source.endsWith('\n')
  let previous = lastLine(insideLine ? source : source.slice(0, -1))
  const depends = new Set<string>()

  const read = (part: string): Shape[] => {
    const { tokens, run } = doc.lexing.inline(part)
    for (const name of run?.depends ?? []) if (!depends.has(name)) {
      depends.add(name)
      doc.waiting({ source: part, depends: new Set([name]) }, redo)
    }
    return inline(tokens, doc, place.depth)
  }
  /** The end that is open, as it is shown. */
  let shown = ''
  let state: 'open' | 'closed' | 'lost' = 'open'
  const showOpen = (part: string) => {
    shown = part
    live.open = read(part)
  }
  /** A definition came: from the beginning. */
  const redo = () => {
    if (state === 'lost') return
    live.restarted = true
    live.settled = state === 'closed' ? read(text.slice(0, done) + shown) : read(text.slice(0, done))
    if (state === 'open') live.open = read(shown)
    else doc.completed(live)
  }

  /** Whether `line` behind this paragraph's last line goes on with it, word for word. */
  const goesOn = (line: string, whole: boolean): boolean => {
    const context = `x\n${previous}\n${line}`
    const { tokens } = doc.lexing.probe(whole ? `${context}\n` : context, place.top, place.depth)
    const only = tokens[0] as Tokens.Generic | undefined
    return tokens.length === 1 && (only?.type === 'paragraph' || only?.type === 'text') && only['text'] === context && only.tokens !== undefined
  }

  const settle = () => {
    const open = text.slice(done)
    if (open.length < enough) return
    const at = checkpoint(doc.lexing.inline(open).tokens, open)
    enough = SHORT
    if (at === 0) {
      enough = open.length * 1.25
      return
    }
    live.settled.push(...read(open.slice(0, at)))
    done += at
  }

  return {
    block: {
      live,
      take(next) {
        let at = 0
        while (at < next.length) {
          const newline = next.indexOf('\n', at)
          const line = next.slice(at, newline < 0 ? next.length : newline)
          if (insideLine) {
            text += line
            previous += line
          } else {
            if (newline >= 0 && /^[ \t]*$/.test(line)) {
              state = 'closed'
              showOpen(text.slice(done))
              return { ended: `\n${next.slice(at)}` }
            }
            if (!plain.test(line)) {
              if (newline < 0) break
              if (!goesOn(line, true)) return { lost: raw + next.slice(at) }
            }
            text += `\n${line}`
            previous = line
          }
          insideLine = newline < 0
          raw += next.slice(at, newline < 0 ? next.length : newline + 1)
          at = newline < 0 ? next.length : newline + 1
        }
        settle()
        return { taken: at }
      },
      show(rest, exact) {
        const held = exact || !isUndecided(rest) ? rest : ''
        if (held !== '' && !goesOn(held, false)) return { lost: raw }
        const open = text.slice(done) + (held === '' ? '' : `\n${held}`)
        showOpen(exact ? open : healInline(open))
        return []
      },
      leave(lost) {
        state = lost ? 'lost' : 'closed'
      },
    },
    rest: '',
  }
}

const lastLine = (text: string): string => text.slice(text.lastIndexOf('\n') + 1)
