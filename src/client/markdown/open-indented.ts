/** Indented code, line by line: blank lines belong to it if more of it comes. */
import { LONGEST_LINE } from './bounds.ts'
import { createCode } from './open-code.ts'
import type { Begun, Beginning } from './reading.ts'

const indented = /^(?: {4}| {0,3}\t)[^\n]/
const continues = (line: string): boolean => indented.test(line) || /^[ \t]*$/.test(line)
const isBlank = (line: string): boolean => line.length <= LONGEST_LINE && /^[ \t]*$/.test(line)

export function openIndented({ doc, source }: Beginning): Begun | null {
  const code = createCode('', doc.words)
  const dedented = (line: string): string => line.replace(doc.lexing.rules.other.codeRemoveIndent, '')
  let begun = false
  let insideLine = false
  /** Blank lines behind its last line. */
  let blank: string[] = []
  /** marked gives it the line end behind it, or none of several. */
  const close = () => void code.show(blank.length === 0 && !insideLine ? '\n' : '')

  return {
    block: {
      live: code.live,
      take(text) {
        let at = 0
        while (at < text.length) {
          const newline = text.indexOf('\n', at)
          const end = newline < 0 ? text.length : newline
          const line = text.slice(at, end)
          if (insideLine) code.write(line)
          else {
            if (newline < 0 && isBlank(line)) break
            if (!continues(line)) {
              close()
              return { ended: blank.length === 0 ? text.slice(at) : `\n${blank.join('\n')}\n${text.slice(at)}` }
            }
            if (isBlank(line)) blank.push(line)
            else {
              code.write([...(begun ? [''] : []), ...blank.map(dedented), dedented(line)].join('\n'))
              blank = []
              begun = true
            }
          }
          insideLine = newline < 0
          at = newline < 0 ? end : end + 1
        }
        return { taken: at }
      },
      show(rest, exact) {
        if (!exact) code.show('')
        else if (rest === '' || blank.length > 0) close()
        else code.show(`\n${dedented(rest)}`)
        return []
      },
    },
    rest: source,
  }
}
