/** How the readers of a growing text work together: `blocks.ts` and one `open-*.ts` for each kind of long block. */
import type { Token, Tokens } from 'marked'
import type { Definitions } from './definitions.ts'
import type { Footnote } from './extensions.ts'
import type { Live, Shape } from './live.ts'
import type { Shaping } from './shaping.ts'
import type { Lexed, Lexing, Run } from './syntax.ts'

/** What all readers of one text share. */
export interface Doc extends Shaping {
  readonly lexing: Lexing
  readonly definitions: Definitions
  readonly readers: Readers
  /** These footnotes stand in `owner`'s open end (in place of those named before), or are final. */
  readonly footnotesRead: (footnotes: readonly Footnote[], owner: object, final: boolean) => void
  /** This shape is final but for links that wait for their definition. */
  readonly settled: (shape: Shape) => void
  /** A final element changed because a definition came. */
  readonly completed: (live: Live) => void
  /** `redo` is called when a name that `run` asked for changes its meaning. */
  readonly waiting: (run: Run, redo: () => void) => void
  readonly blocks: (place: Place, sink: Sink) => Blocks
}

export interface Place {
  /** marked's own flag: false directly inside a list item. */
  readonly top: boolean
  readonly depth: number
  /** Level of a heading; with an outline, of one that has none above it. */
  readonly level: number
  /** Depths of the headings above that are still open; null where all headings have the same level. */
  readonly outline: readonly number[] | null
  /** The first text begins with a checkbox, which is not part of it. */
  readonly task: boolean
}

/** Where blocks go: final ones once, open ones anew at every step. */
export interface Sink {
  settle(shape: Shape): void
  open(shapes: readonly Shape[]): void
}

/** The inside of a growing element. */
export const sinkOf = (live: Live): Sink => ({
  settle: (shape) => void live.settled.push(shape),
  open: (shapes) => void (live.open = shapes),
})

export interface Blocks {
  push(text: string): void
  /** Hands on what is final and shows the rest; unless `exact`, what is half-typed is shown as if it were closed. */
  step(exact: boolean): void
  /** Nothing more comes: shows the end exactly, and what it defines is final. */
  finish(): void
  /** These blocks are read otherwise: what they provisionally defined is not defined. */
  abandon(): void
  /** True if a blank line stands between two of these blocks: that makes a list loose. */
  spaced(): boolean
  /** Tag of the first block, if there is one. */
  first(): string | undefined
}

/** A long block that is read as it comes. */
export interface OpenBlock {
  readonly live: Live
  /**
   * Takes what it can of the text that comes next. Answers how much of it was taken (of the rest it cannot tell yet); or that the block
   * ended (and is shown as it stays), with the text that follows it; or that it is lost, with the text of the whole block and what follows.
   */
  take(text: string): { readonly taken: number } | { readonly ended: string } | { readonly lost: string }
  /**
   * Shows what was taken and makes what it can of the rest. Answers what else the rest shows; or a text that is read by itself behind the block; or the
   * text of the block if it is lost.
   */
  show(rest: string, exact: boolean): readonly Shape[] | { readonly behind: string } | { readonly lost: string }
  /** Nothing more comes, or (`lost`) it is read otherwise: what it provisionally defined is final, or is not defined. */
  leave?(lost: boolean): void
}

/** An open block and the text behind what it began with. */
export interface Begun {
  readonly block: OpenBlock
  readonly rest: string
}

/** What a reader needs to begin with `token`, which `source` consists of. */
export interface Beginning {
  readonly doc: Doc
  readonly place: Place
  readonly token: Token
  readonly source: string
  /** The source is as much as marked is given at once, and more of the block may follow. */
  readonly cut: boolean
  /** Shapes of blocks that may follow. */
  readonly follow: (tokens: readonly Token[]) => Shape[]
}

/** What is needed of a text beyond marked: all that may grow (`growth.ts`), or only of one that is whole (`whole.ts`). */
export interface Readers {
  /** The reader that takes a block as it comes; null: it has none. */
  openBlock(beginning: Beginning): Begun | null
  /** The text without an end that nobody can tell yet. */
  holdBack(text: string): string
  /** Closes what is open at the end of these blocks. */
  healLexed(lexed: Lexed): void
}

export const itemsOf = (token: Token): readonly Tokens.ListItem[] => (token as Tokens.List).items
