/**
 * The language: GitHub's markdown as marked reads it, with formulas, footnotes and alerts. The only file that calls marked; what it
 * makes of a whole text (`lexWhole`) is what the incremental layers above must arrive at.
 */
import { Lexer, Tokenizer } from 'marked'
import type { MarkedOptions, Token, Tokens } from 'marked'
import type { Definitions } from './definitions.ts'
import { beginsFootnote, footnoteBlock, footnoteMark, inlineMaths, maskMaths, mathsAt, mathsBlock, mathsStart } from './extensions.ts'
import { readInPieces } from './long-inline.ts'

/** Text waiting to be read as inline markup into `tokens`. */
export interface Waiting {
  src: string
  readonly tokens: Token[]
}

export interface Lexed {
  readonly tokens: Token[]
  readonly queue: readonly Waiting[]
}

/** Which names (of links and footnotes) an inline text asked for that were not settled when it was read. */
export interface Run {
  readonly source: string
  readonly depends: ReadonlySet<string>
}

/** Containers deeper than this are shown as text; marked would follow them to the end of the call stack. */
const DEEPEST_CONTAINER = 30

const MOST_COLUMNS = 100

class Grammar extends Tokenizer {
  depth = 0

  override blockquote(src: string): Tokens.Blockquote | undefined {
    // marked reads a list in a quote again as if it stood behind what stands in front of the quote, finds none there, and fails.
    const { state } = this.lexer
    const { lastToken } = state
    delete state.lastToken
    const quote = this.deeper(() => super.blockquote(src))
    if (lastToken !== undefined) state.lastToken = lastToken
    const alert = quote === undefined ? undefined : alertOf(quote.text)
    if (quote === undefined || alert === undefined) return quote
    const { top } = this.lexer.state
    this.lexer.state.top = true
    const tokens = this.deeper(() => this.lexer.blockTokens(quote.text.slice(alert.mark.length), [])) ?? []
    this.lexer.state.top = top
    return Object.assign(quote, { tokens, alert: alert.kind })
  }

  override list(src: string): Tokens.List | undefined {
    return this.deeper(() => super.list(src))
  }

  /** Each row has as many cells as the head: with a long head, a short text would be a table of any size. */
  override table(src: string): Tokens.Table | undefined {
    const end = src.indexOf('\n')
    return end < 0 || (src.slice(0, end).match(/\|/g)?.length ?? 0) > MOST_COLUMNS ? undefined : super.table(src)
  }

  /** A formula interrupts a paragraph, and in an item so does a definition: a line of `=` below makes no heading of what stands above. */
  override lheading(src: string): Tokens.Heading | undefined {
    // marked's rule for it is the largest: it is asked only where an underline stands before the first blank line.
    if (!/[-=]/.test(/\n {0,3}(?:=+|-+)[ \t]*(?:\n|$)|\n\s*?\n/.exec(src)?.[0] ?? '')) return undefined
    const heading = super.lheading(src)
    if (heading === undefined || !/\n {0,3}(?:\$\$|\\?\[)/.test(heading.raw)) return heading
    for (const { index } of heading.raw.matchAll(/\n(?= {0,3}(?:\$\$|\\?\[))/g)) {
      const line = src.slice(index + 1)
      if (mathsAt(line) === undefined && (this.lexer.state.top || (!beginsFootnote(line) && !this.rules.block.def.test(line)))) continue
      this.lexer.inlineQueue.pop()
      return undefined
    }
    return heading
  }

  /** Raw HTML is text to us: it neither turns off autolinks nor character references behind it. */
  override tag(src: string): Tokens.Tag | undefined {
    const { inLink, inRawBlock } = this.lexer.state
    const token = super.tag(src)
    Object.assign(this.lexer.state, { inLink, inRawBlock })
    return token
  }

  /** The label of a link holds brackets two deep, so of a row of them all but the last three are text, and need not be looked at one by one. */
  override inlineText(src: string): Tokens.Text | undefined {
    const token = super.inlineText(src)
    if (token?.raw === '[') token.raw = token.text = /^\[+(?=\[{3})/.exec(src)?.[0] ?? '['
    return token
  }

  private deeper<T>(read: () => T): T | undefined {
    if (this.depth >= DEEPEST_CONTAINER) return undefined
    this.depth++
    try {
      return read()
    } finally {
      this.depth--
    }
  }
}

/** `[!NOTE]` and its kin, alone on the first line of a quote. */
export function alertOf(text: string): { readonly kind: string; readonly mark: string } | undefined {
  const found = /^\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|$)/i.exec(text)
  return found?.[1] === undefined ? undefined : { kind: found[1].toLowerCase(), mark: found[0] }
}

export interface InlineRead {
  readonly tokens: Token[]
  readonly run: Run | undefined
}

export interface Lexing {
  /** The blocks of a piece of text, their inline texts still waiting. `top` is false inside a list item (marked's own rule). */
  blocks(source: string, top: boolean, depth: number): Lexed
  /** The same, defining nothing. */
  probe(source: string, top: boolean, depth: number): Lexed
  /** Reads the waiting inline texts. */
  inlines(queue: readonly Waiting[]): void
  /** Reads one inline text. */
  inline(source: string): InlineRead
  /** The run behind inline tokens that may change when a definition comes. */
  runOf(tokens: Token[] | undefined): Run | undefined
  readonly rules: Tokenizer['rules']
}

const optionsWith = (tokenizer: Grammar): MarkedOptions => ({
  gfm: true,
  tokenizer,
  // Only the mask is used; the type asks for the whole class.
  hooks: { emStrongMask: maskMaths } as unknown as NonNullable<MarkedOptions['hooks']>,
  extensions: { renderers: {}, childTokens: {}, block: [mathsBlock, footnoteBlock], inline: [inlineMaths, footnoteMark], startBlock: [mathsStart], startInline: [(src) => src.indexOf('$')] },
})

/** marked's tokens of a whole text. */
export function lexWhole(source: string): Token[] {
  const tokens: Token[] = []
  const lexer = new Lexer(optionsWith(new Grammar()))
  guarded(source, tokens, () => lexer.blockTokens(source.replaceAll(/\r\n?/g, '\n'), tokens))
  for (const { src, tokens: into } of lexer.inlineQueue) readInline(lexer, src, into)
  return tokens
}

function readInline(lexer: Lexer, source: string, into: Token[]): void {
  Object.assign(lexer.state, { inLink: false, inRawBlock: false })
  guarded(source, into, () => readInPieces(source, into, (piece) => lexer.inlineTokens(piece)))
}

export function createLexing(definitions: Definitions): Lexing {
  const grammar = new Grammar()
  const lexer = new Lexer(optionsWith(grammar))
  lexer.tokens.links = definitions.links
  const runs = new WeakMap<Token[], Run>()

  const inline = (source: string, into: Token[]) => {
    definitions.watch()
    readInline(lexer, source, into)
    const depends = definitions.asked()
    if (depends === undefined) return undefined
    const run = { source, depends }
    runs.set(into, run)
    return run
  }

  const blocks = (source: string, top: boolean, depth: number): Lexed => {
    lexer.inlineQueue = []
    lexer.state.top = top
    grammar.depth = depth
    const tokens: Token[] = []
    guarded(source, tokens, () => lexer.blockTokens(source, tokens))
    return { tokens, queue: lexer.inlineQueue }
  }

  return {
    blocks,
    probe(source, top, depth) {
      const probing = {}
      definitions.begin(probing)
      const lexed = blocks(source, top, depth)
      definitions.begin(probing)
      return lexed
    },
    inlines: (queue) => queue.forEach(({ src, tokens }) => inline(src, tokens)),
    inline(source) {
      const tokens: Token[] = []
      return { tokens, run: inline(source, tokens) }
    },
    runOf: (tokens) => (tokens === undefined ? undefined : runs.get(tokens)),
    rules: grammar.rules,
  }
}

/** A text nested deeper than the call stack is one plain piece. */
function guarded(source: string, tokens: Token[], read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    tokens.splice(0, tokens.length, { type: 'text', raw: source, text: source })
  }
}
