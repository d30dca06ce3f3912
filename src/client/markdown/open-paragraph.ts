/** A paragraph that grows. Its inline text is read again only from the last point at which no construct can be open. */
import type { Tokens } from 'marked'
import { LONGEST_LINE, LONGEST_READ, plain } from './bounds.ts'
import { checkpoint } from './checkpoint.ts'
import { createCut } from './cut.ts'
import type { Cut } from './cut.ts'
import { healInline, isUndecided } from './heal.ts'
import { createLive, freeze } from './live.ts'
import type { Shape } from './live.ts'
import { readableAtOnce } from './long-inline.ts'
import type { Begun, Beginning } from './reading.ts'
import { pieceShape, pieces } from './shape-inline.ts'
import type { InlineRead } from './syntax.ts'

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

  /** The piece that grows: the paragraph itself, until it is cut. */
  let piece = live
  let cut = createCut()

  const read = (part: string, from: Cut, { tokens, run } = doc.lexing.inline(part)): Shape[][] => {
    for (const name of run?.depends ?? []) if (!depends.has(name)) {
      depends.add(name)
      doc.waiting({ source: part, depends: new Set([name]) }, redo)
    }
    return pieces(tokens, doc, place.depth, from)
  }
  const settleText = (part: string, known?: InlineRead) => {
    const [first = [], ...more] = read(part, cut, known)
    piece.settled.push(...first)
    for (const shapes of more) {
      if (piece !== live) live.settled.push(piece)
      piece.open = []
      piece = createLive('span', { 'data-piece': '' }, shapes)
    }
  }
  /** The end that is open, as it is shown. */
  let shown = ''
  let state: 'open' | 'closed' | 'lost' = 'open'
  const showOpen = (part: string) => {
    shown = part
    const [first = [], ...more] = read(part, cut.copy())
    const behind = more.map(pieceShape)
    piece.open = first
    live.open = [...(piece === live ? first : [piece]), ...behind]
  }
  /** A definition came: from the beginning. */
  const redo = () => {
    if (state === 'lost') return
    live.restarted = true
    live.settled = []
    live.open = []
    piece = live
    cut = createCut()
    // What could not be cut without the definition may now.
    const all = text.slice(0, done) + shown
    done = 0
    settle()
    showOpen(all.slice(done))
    if (state === 'open') return
    freeze(live)
    doc.completed(live)
  }

  /** What `line` behind this paragraph's last line is: more of it, word for word; a block of its own; or what makes something else of it all. */
  const told = (line: string, whole: boolean): 'more' | 'behind' | 'else' => {
    const context = `x\n${previous.slice(0, LONGEST_READ)}`
    const all = `${context}\n${line}`
    const { tokens } = doc.lexing.probe(whole ? `${all}\n` : all, place.top, place.depth)
    const first = tokens[0] as Tokens.Generic | undefined
    if ((first?.type !== 'paragraph' && first?.type !== 'text') || first.tokens === undefined) return 'else'
    if (tokens.length === 1) return first['text'] === all ? 'more' : 'else'
    return first['text'] === context && first.raw === `${context}\n` ? 'behind' : 'else'
  }
  const close = (): void => {
    state = 'closed'
    showOpen(text.slice(done))
  }

  const settle = () => {
    for (;;) {
      const open = text.slice(done)
      const limit = readableAtOnce(open)
      if (limit === null && open.length < enough) return
      const source = open.slice(0, limit ?? open.length)
      const known = doc.lexing.inline(source)
      const safe = checkpoint(known.tokens, source)
      enough = safe === 0 ? source.length * 1.25 : SHORT
      const at = safe === 0 ? (limit ?? 0) : safe
      if (at === 0) return
      settleText(open.slice(0, at), at === source.length ? known : undefined)
      done += at
    }
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
            const known = newline >= 0 && line.length <= LONGEST_LINE
            const head = line.slice(0, LONGEST_LINE)
            if ((known || line.length > LONGEST_LINE) && /^[ \t]*$/.test(head)) {
              close()
              return { ended: `\n${next.slice(at)}` }
            }
            if (!plain.test(line)) {
              if (!known && line.length <= LONGEST_LINE) break
              const is = told(head, known)
              if (is === 'behind' || (is === 'else' && raw.length > LONGEST_READ)) {
                close()
                return { ended: next.slice(at) }
              }
              if (is === 'else') return { lost: raw + next.slice(at) }
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
        const is = held === '' ? 'more' : told(held, false)
        if (is === 'else' && raw.length <= LONGEST_READ) return { lost: raw }
        const open = text.slice(done) + (held === '' || is !== 'more' ? '' : `\n${held}`)
        showOpen(exact || is !== 'more' ? open : healInline(open))
        return is === 'more' ? [] : { behind: held }
      },
      leave(lost) {
        state = lost ? 'lost' : 'closed'
      },
    },
    rest: '',
  }
}

const lastLine = (text: string): string => text.slice(text.lastIndexOf('\n') + 1)
