/** A table, row by row: rows know nothing of each other, so marked reads each behind the head alone. */
import type { Tokens } from 'marked'
import { LONGEST_READ } from './bounds.ts'
import { healLexed, isUndecided } from './heal.ts'
import { createLive, element } from './live.ts'
import type { Live } from './live.ts'
import type { Begun, Beginning } from './reading.ts'
import { CHUNK_ROWS, row, tableAttributes } from './shape.ts'
import type { Lexed } from './syntax.ts'

const longRow = new RegExp(`[^\\n]{${LONGEST_READ + 1}}`)

export function openTable({ doc, place, source }: Beginning): Begun | null {
  const head = /^[^\n]*\n[^\n]*\n/.exec(source)?.[0]
  if (head === undefined) return null
  const lex = (rows: string) => doc.lexing.probe(head + rows, place.top, place.depth)
  const bare = lex('')
  const heading = tableOf(bare)
  if (heading === null) return null
  doc.lexing.inlines(bare.queue)
  const thead = element('thead', {}, [row('th', heading.header, doc, place.depth)])
  doc.settled(thead)
  const table = createLive('table', {}, [thead])
  const first = [heading.header]
  const live = createLive('div', tableAttributes(doc.words, place.depth))
  live.open = [table]

  let raw = head
  let body: Live | null = null
  let rows = 0

  const showBodies = () => {
    if (body !== null) body.open = []
    table.open = body === null ? [] : [body]
  }
  /** A chunk is full, and another begins. */
  const becomeLong = () => {
    if (body !== null) live.attributes = tableAttributes(doc.words, place.depth, first)
  }
  const settle = (cells: Tokens.TableCell[]) => {
    if (first.length <= CHUNK_ROWS) first.push(cells)
    if (body === null || rows === CHUNK_ROWS) {
      becomeLong()
      if (body !== null) {
        body.open = []
        table.settled.push(body)
      }
      body = createLive('tbody')
      rows = 0
    }
    const shape = row('td', cells, doc, place.depth)
    doc.settled(shape)
    body.settled.push(shape)
    rows++
  }

  const end = (behind: string) => {
    showBodies()
    return { ended: behind }
  }
  /** What only marked can tell: behind a long table it is none of it. */
  const lose = (behind: string) => (raw.length > LONGEST_READ ? end(behind) : { lost: raw + behind })

  return {
    block: {
      live,
      take(text) {
        const long = text.length > LONGEST_READ ? longRow.exec(text)?.index : undefined
        const lines = text.slice(0, long ?? text.lastIndexOf('\n') + 1)
        if (/^\n*$/.test(lines)) return long === undefined ? { taken: 0 } : end(text)
        // marked drops a last row of nothing but tabs.
        if (/^[ \t]*\t[ \t]*$/m.test(lines)) return lose(text)
        const lexed = lex(lines)
        const found = tableOf(lexed)
        if (found === null) return lose(text)
        doc.lexing.inlines(lexed.queue)
        let at = 0
        for (const cells of found.rows) {
          settle(cells)
          at = text.indexOf('\n', at) + 1
        }
        raw += text.slice(0, at)
        const behind = text.slice(at)
        // It may only have been the last line so far.
        if (long === undefined && (at === lines.length || /^\n*$/.test(behind))) return { taken: at }
        // A blank line behind it is none of it.
        return end(/^[ \t]*\n/.test(behind) ? `\n${behind}` : behind)
      },
      show(rest, exact) {
        showBodies()
        const held = exact || !isUndecided(rest) ? rest : ''
        const lost = raw.length > LONGEST_READ ? { behind: held } : { lost: raw }
        if (held.trim() === '') return exact && held.includes('\t') ? lost : []
        const lexed = lex(held)
        const found = tableOf(lexed)
        if (found === null || lexed.tokens.length > 1 || found.rows.length !== 1) return lost
        if (!exact) healLexed(lexed)
        doc.lexing.inlines(lexed.queue)
        const last = row('td', found.rows[0] ?? [], doc, place.depth)
        if (body !== null && rows < CHUNK_ROWS) body.open = [last]
        else {
          becomeLong()
          table.open = [...table.open, element('tbody', {}, [last])]
        }
        return []
      },
    },
    rest: source.slice(head.length),
  }
}

function tableOf(lexed: Lexed): Tokens.Table | null {
  const first = lexed.tokens[0]
  return first?.type === 'table' ? (first as Tokens.Table) : null
}
