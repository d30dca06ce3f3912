import { Lexer } from 'marked'
import type { Links, Token } from 'marked'

/** marked's tokens of a text, and the link definitions found in it. A text nested deeper than the call stack is one plain block. */
export function lex(source: string): { readonly tokens: readonly Token[]; readonly links: Links } {
  try {
    const tokens = Lexer.lex(source)
    return { tokens, links: tokens.links }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { tokens: [{ type: 'text', raw: source, text: source }], links: {} }
  }
}
