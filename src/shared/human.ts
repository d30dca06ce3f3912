/** What a person sends, as the parts of a message: the same on the page that shows it at once and in the journal. */
import type { PartId } from './ids.ts'
import type { InputPart, Part } from './protocol.ts'

/** `h1`, `h2` … in the order given. `at`: ms; by the server's clock in the journal. */
export function humanParts(parts: readonly InputPart[], at: number): Part[] {
  return parts.map((part, i) => ({ id: `h${i + 1}` as PartId, kind: 'text', state: 'done', startedAt: at, endedAt: at, text: part.text }))
}
