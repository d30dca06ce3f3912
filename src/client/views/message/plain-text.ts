import type { ShownMessage } from '../../store/turns.ts'

/** What Copy takes of a message: its text parts as they were written, without thinking and tools. */
export function plainText(message: Pick<ShownMessage, 'parts'>): string {
  return message.parts.flatMap((part) => (part.kind === 'text' && part.text !== '' ? [part.text] : [])).join('\n\n')
}
