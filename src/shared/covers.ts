/** What a message says, and whether what is saved holds all that is shown. Apart from the fold, which a page needs only while a run goes on. */
import type { Message, Part } from './protocol.ts'

/** The text that `stream_end` vouches for by length and hash: a tool's input then output, else the text. */
export function content(part: Part): string {
  switch (part.kind) {
    case 'text':
    case 'thinking':
      return part.text
    case 'tool':
      return part.input + part.output
    case 'file':
    case 'source':
      return ''
    default:
      return part satisfies never
  }
}

/** True if `settled` holds at least every character of `shown`, message by message and part by part. */
export function covers(settled: readonly Message[], shown: readonly Message[]): boolean {
  return shown.every((message) => {
    const saved = settled.find((candidate) => candidate.id === message.id)
    if (saved === undefined) return false
    return message.parts.every((part) => {
      const other = saved.parts.find((candidate) => candidate.id === part.id)
      if (other === undefined || other.kind !== part.kind) return false
      if (part.kind === 'tool' && other.kind === 'tool') return other.input.startsWith(part.input) && other.output.startsWith(part.output)
      return content(other).startsWith(content(part))
    })
  })
}
