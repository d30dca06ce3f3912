/** Fenced code, line by line and inside a line. */
import type { Tokens } from 'marked'
import { LONGEST_LINE } from './bounds.ts'
import type { Shape } from './live.ts'
import { createCode } from './open-code.ts'
import type { Begun, Beginning } from './reading.ts'
import { languageOf } from './shape.ts'

export function openFence({ doc, token, source }: Beginning): Begun | null {
  const opening = /^( {0,3})(`{3,}|~{3,})[^\n]*\n/.exec(source)
  if (opening?.[1] === undefined || opening[2] === undefined) return null
  const mark = opening[2].charAt(0)
  // marked takes the fence's own indentation off the lines, for backticks only.
  const indent = mark === '`' ? opening[1].length : 0
  const closing = new RegExp(`^(?=.{0,${LONGEST_LINE}}$) {0,3}${mark}{${opening[2].length},} *$`)
  const maybeClosing = new RegExp(`^(?=.{0,${LONGEST_LINE}}$) {0,3}${mark}* *$`)
  const language = languageOf((token as Tokens.Code).lang)

  const code = createCode(language, doc.words)
  let begun = false
  let insideLine = false
  let lastIsBlank = false

  const dedent = (line: string) => (indent === 0 ? line : line.slice(Math.min(indent, /^\s*/.exec(line)?.[0].length ?? 0)))
  const beginLine = (line: string) => {
    const content = dedent(line)
    code.write((begun ? '\n' : '') + content)
    begun = true
    lastIsBlank = content === ''
  }

  const read = (text: string): { readonly taken: number } | { readonly ended: string } => {
    let at = 0
    for (;;) {
      const newline = text.indexOf('\n', at)
      const line = text.slice(at, newline < 0 ? text.length : newline)
      if (insideLine) {
        code.write(line)
        if (line !== '') lastIsBlank = false
      } else if (newline >= 0 && closing.test(line)) {
        showTail(null)
        return { ended: text.slice(newline) }
      }
      else if (newline < 0 && (maybeClosing.test(line) || (line.length <= LONGEST_LINE && line.trim() === ''))) return { taken: at }
      else beginLine(line)
      insideLine = newline < 0
      if (newline < 0) return { taken: text.length }
      at = newline + 1
    }
  }

  /** marked ends code with a line end if its last line is blank. */
  const showTail = (line: string | null): readonly Shape[] => {
    const content = line === null ? '' : dedent(line)
    const tail = line === null ? (begun && lastIsBlank ? '\n' : '') : (begun ? '\n' : '') + content + (content === '' ? '\n' : '')
    return code.show(tail)
  }

  return {
    block: {
      live: code.live,
      take: read,
      show: (rest, exact) => showTail(exact && rest !== '' && !closing.test(rest) ? rest : null),
    },
    rest: source.slice(opening[0].length),
  }
}
