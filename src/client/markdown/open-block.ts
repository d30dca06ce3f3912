/** Which long blocks have a reader of their own. */
import type { Tokens } from 'marked'
import { openFence } from './open-fence.ts'
import { openIndented } from './open-indented.ts'
import { openList } from './open-list.ts'
import { openParagraph } from './open-paragraph.ts'
import { openQuote } from './open-quote.ts'
import { openTable } from './open-table.ts'
import type { Begun, Beginning } from './reading.ts'

export function openBlock(beginning: Beginning): Begun | null {
  const token = beginning.token as Tokens.Generic
  switch (token.type) {
    case 'code':
      return token['codeBlockStyle'] === 'indented' ? openIndented(beginning) : openFence(beginning)
    case 'paragraph':
    case 'text':
      return openParagraph(beginning)
    case 'list':
      return openList(beginning)
    case 'blockquote':
      return openQuote(beginning)
    case 'table':
      return openTable(beginning)
    default:
      return null
  }
}
