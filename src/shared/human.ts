/** What a person sends, as the parts of a message: the same on the page that shows it at once and in the journal. */
import type { PartId } from './ids.ts'
import type { InputPart, Part, SaidPart } from './protocol.ts'

/** The words of it, without its files. */
export function wordsOf(parts: readonly (InputPart | Part)[]): string {
  return parts.flatMap((part) => (part.kind === 'text' && part.text !== '' ? [part.text] : [])).join('\n\n')
}

/** `h1`, `h2` … in the order given. `at`: ms; by the server's clock in the journal. */
export function humanParts(parts: readonly SaidPart[], at: number): Part[] {
  return parts.map((part, i) => ({ id: `h${i + 1}` as PartId, state: 'done', startedAt: at, endedAt: at, ...part }))
}
