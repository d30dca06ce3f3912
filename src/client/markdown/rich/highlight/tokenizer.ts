/** Code in, coloured ranges out. Runs in the worker; knows nothing of it. */
import { codeToTokensBase, createShikiPrimitive, getLastGrammarState } from '@shikijs/primitive'
import type { CodeToTokensBaseOptions } from '@shikijs/primitive'
import { createJavaScriptRegexEngine } from '@shikijs/engine-javascript'
import { kindNumber, kindTheme } from './kinds.ts'
import { loadLanguage } from './languages.ts'
import type { LanguageName } from './languages.ts'

export interface Tokenizer {
  /**
   * Ranges of the next chunk of a block as [start, length, kind] one after the other, in UTF-16 units of `text`; what is plain is left out.
   * The chunks of a block must come in order. Rejects if the language cannot be loaded.
   */
  tokenize(block: number, language: LanguageName, text: string): Promise<Uint32Array<ArrayBuffer>>
}

/** A longer line is no code that anyone reads by its colours. */
const LONGEST_LINE = 2_000
/** Blocks whose state is kept; one that was not heard of for so long begins anew. */
const REMEMBERED_BLOCKS = 200

export function createTokenizer(): Tokenizer {
  // JavaScript's own regular expressions: the page's policy allows no WebAssembly. What they cannot say (few patterns) does not match.
  const shiki = createShikiPrimitive({ engine: createJavaScriptRegexEngine({ forgiving: true }), themes: [kindTheme], langs: [] })
  const loaded = new Map<LanguageName, Promise<void>>()
  const states = new Map<number, NonNullable<CodeToTokensBaseOptions['grammarState']>>()

  const load = (language: LanguageName): Promise<void> => {
    const before = loaded.get(language)
    if (before !== undefined) return before
    const loading = loadLanguage(language).then((registrations) => shiki.loadLanguageSync([...registrations]))
    loaded.set(language, loading)
    // A load that failed is tried again with the next block.
    loading.catch(() => loaded.delete(language))
    return loading
  }

  return {
    async tokenize(block, language, text) {
      await load(language)
      const state = states.get(block)
      states.delete(block)
      // A newline at the edge belongs to the neighbouring line: as a line of its own it would end what an empty line ends.
      const from = state !== undefined && text.startsWith('\n') ? 1 : 0
      const code = text.slice(from, text.endsWith('\n') ? -1 : undefined)
      const lines = codeToTokensBase(shiki, code, {
        lang: language, theme: kindTheme.name, tokenizeMaxLineLength: LONGEST_LINE, tokenizeTimeLimit: 0,
        ...(state === undefined ? {} : { grammarState: state }),
      })
      const after = getLastGrammarState(shiki, lines)
      if (after !== undefined) {
        states.set(block, after)
        const oldest = states.size > REMEMBERED_BLOCKS ? states.keys().next().value : undefined
        if (oldest !== undefined) states.delete(oldest)
      }
      const ranges: number[] = []
      for (const line of lines) {
        let open = -1
        for (const { content, offset, color } of line) {
          const kind = kindNumber(color)
          const start = offset + from
          // Neighbours of one kind are one range.
          if (open >= 0 && ranges[open + 2] === kind && (ranges[open] ?? 0) + (ranges[open + 1] ?? 0) === start) ranges[open + 1] = (ranges[open + 1] ?? 0) + content.length
          else if (kind !== 0 && content.trim() !== '') open = ranges.push(start, content.length, kind) - 3
          else open = -1
        }
      }
      return new Uint32Array(ranges)
    },
  }
}
