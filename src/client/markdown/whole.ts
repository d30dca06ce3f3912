/**
 * A text that is whole, drawn without what only a growing one needs: that is fetched later. By the same code, so that both look the same
 * (`test/client/markdown/whole.test.ts`).
 */
import type { Tokens } from 'marked'
import { plain } from './bounds.ts'
import { createMarkdownDocument } from './document.ts'
import { createNodes } from './nodes.ts'
import { openFence } from './open-fence.ts'
import type { Beginning, Readers } from './reading.ts'
import type { Rich } from './rich.ts'
import type { MarkdownWords } from './shaping.ts'

const tooLong = new Error('A block of this text is longer than marked reads at once.')

/** Code may be of any length; else marked is given no more than it reads at once, and no line that is judged by its beginning. */
const readers: Readers = {
  openBlock(beginning: Beginning) {
    const { source, cut } = beginning
    const token = beginning.token as Tokens.Generic
    if (token.type === 'code' && token['codeBlockStyle'] !== 'indented') return openFence(beginning)
    if (cut || (!source.endsWith('\n') && !plain.test(source))) throw tooLong
    return null
  },
  holdBack: (text) => text,
  healLexed: () => undefined,
}

/** The document of a whole text; null where a block of it is so long that it has to be read as growing ones are. */
export function readWhole(text: string, words: MarkdownWords): ReturnType<typeof createMarkdownDocument> | null {
  const document = createMarkdownDocument(words, readers)
  document.push(text)
  try {
    document.end()
  } catch (error) {
    if (error !== tooLong) throw error
    return null
  }
  return document
}

/** Draws a whole text into `el`; false, and nothing is drawn, where a block of it has to be read as growing ones are. */
export function drawWhole(el: HTMLElement, text: string, { words, rich }: { readonly words: MarkdownWords; readonly rich?: Rich }): boolean {
  const read = readWhole(text, words)
  if (read === null) return false
  const nodes = createNodes(el.ownerDocument, rich)
  nodes.draw(el, read.root)
  for (const shape of read.completed()) nodes.complete(shape)
  return true
}
