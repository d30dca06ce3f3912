/** What a growing text needs beyond a whole one: the blocks that grow long have a reader of their own, and what is half-typed is made presentable. */
import type { Tokens } from 'marked'
import { healLexed, holdBack } from './heal.ts'
import { openFence } from './open-fence.ts'
import { openIndented } from './open-indented.ts'
import { openList } from './open-list.ts'
import { openParagraph } from './open-paragraph.ts'
import { openQuote } from './open-quote.ts'
import { openTable } from './open-table.ts'
import type { Begun, Beginning, Readers } from './reading.ts'

export const growth: Readers = { openBlock, holdBack, healLexed }

function openBlock(beginning: Beginning): Begun | null {
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
