import { expect, it } from 'vitest'
import { decodeRows, encodeBatch } from '../../../src/server/storage/journal-codec.ts'
import { StorageError } from '../../../src/server/storage/storage.ts'
import type { PartId } from '../../../src/shared/ids.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'

const delta = (seq: number, part: string, text: string, field: 'text' | 'input' = 'text'): RunEvent => ({ type: 'part.delta', seq, at: 1_000 + seq, part: part as PartId, field, off: 7, text })
const rowsOf = (events: readonly RunEvent[]) => {
  const { at, kind, payload } = encodeBatch(events)
  return payload.map((text, i) => [(at[i] ?? 0) - 1_000, kind[i] ?? 0, text] as const)
}

it('reads back what it wrote, whatever a part is called and whatever the text is', () => {
  const parts = ['p1', 'p12', 'p0', 'p01', 'p', 'P1', 'p1x', '1', 'p1234567890']
  const texts = ['plain', '"],["', '\u0000', '\ud83d', ']', '', '{}', 'p1,2']
  const events = parts.flatMap((part) => texts.map((text) => ({ part, text }))).map(({ part, text }, i) => delta(i + 5, part, text, i % 2 === 0 ? 'text' : 'input'))
  expect(decodeRows(5, 1_000, rowsOf(events))).toEqual(events)
})

it('names a damaged event among whole ones', () => {
  const rows = rowsOf([delta(1, 'p1', 'a'), delta(2, 'p1', 'b'), delta(3, 'p1', 'c')])
  for (const damage of ['', '[1,7,"b"', '1],[1', 'nonsense']) {
    expect(() => decodeRows(1, 1_000, rows.map((row, i) => (i === 1 ? [row[0], row[1], damage] : row)))).toThrow(StorageError)
  }
})
