/** What whoever makes shapes of tokens has to know beside them. */
import type { Lexing } from './syntax.ts'

/** What the renderer itself says; everything else comes from the text. */
export interface MarkdownWords {
  readonly copy: string
  readonly copied: string
  readonly copyLabel: string
  /** Label of code without a language. */
  readonly plainCode: string
  readonly table: string
  readonly goesTo: (host: string) => string
  readonly image: (alt: string, host: string | null) => string
  /** Title of an alert: `note`, `tip`, `important`, `warning` or `caution`. */
  readonly alert: (kind: string) => string
  readonly footnotes: string
  readonly footnote: (number: string) => string
  /** From a footnote to where it is referred to. */
  readonly footnoteBack: string
}

/** What shaping needs to know of the whole text. */
export interface Shaping {
  readonly words: MarkdownWords
  readonly runOf: Lexing['runOf']
  /** The number of a footnote; undefined while it has none. */
  readonly footnote: (label: string) => number | undefined
}

/** Deeper nesting than anyone writes, and than the call stack should carry, is shown as text. */
export const DEEPEST = 24
