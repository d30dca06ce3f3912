/**
 * What search means, once for every backend: text as words, a query as terms, and the place of a match to show. A backend's index only has to find
 * whole words, beginnings of words and neighbours among the words that `indexWords` gives, so both halves always cut and fold alike.
 *
 * Letters are compared without case, accents and width. Scripts that are written without spaces are cut into single characters, and
 * a run of them is searched for as neighbours: so any part of such a text can be found, however short.
 */
import type { Message, SearchHit } from '../../shared/protocol.ts'
import { shownParts } from '../../shared/shown-text.ts'

interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** `prefix`: a word that begins so. `phrase`: these words, one right behind the other. */
export type Term = { readonly kind: 'prefix'; readonly word: string } | { readonly kind: 'phrase'; readonly words: readonly string[] }

export type Mark = readonly [start: number, end: number]

const run = /[\p{L}\p{N}\p{M}]+/gu
const unspaced = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u
const MOST_TERMS = 16

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}+/gu, '').normalize('NFC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** The words of a text where they stand, folded. */
function words(text: string): Word[] {
  const found: Word[] = []
  const put = (start: number, end: number) => {
    const folded = fold(text.slice(start, end))
    if (folded !== '') found.push({ text: folded, start, end })
  }
  for (const { 0: whole, index } of text.matchAll(run)) {
    let from = 0
    let at = 0
    for (const char of whole) {
      if (unspaced.test(char) && !/\p{M}/u.test(char)) {
        put(index + from, index + at)
        put(index + at, index + at + char.length)
        from = at + char.length
      }
      at += char.length
    }
    put(index + from, index + whole.length)
  }
  return found
}

/** The words of a text as an index takes them: with a space between each two. */
export function indexWords(text: string): string {
  return words(text).map((word) => word.text).join(' ')
}

/** What a query looks for; all of it must be found in one title or one message. Empty for a query without letters or digits. */
export function queryTerms(query: string): readonly Term[] {
  const terms: Term[] = []
  let phrase: string[] = []
  let end = -1
  const close = () => {
    if (phrase.length > 0) terms.push({ kind: 'phrase', words: phrase })
    phrase = []
  }
  for (const word of words(query)) {
    if (unspaced.test(word.text)) {
      if (word.start !== end) close()
      phrase.push(word.text)
    } else {
      close()
      terms.push({ kind: 'prefix', word: word.text })
    }
    end = word.end
  }
  close()
  return terms.slice(0, MOST_TERMS)
}

/** Text of a message that can be found: what is shown of it, so that marks within a word part it in no two, and an address behind a link is no word of it. */
export const searchableText = (message: Pick<Message, 'role' | 'parts'>): string => shownParts(message).join('\n')

/** Whether all terms are in the text. */
export function matches(text: string, terms: readonly Term[]): boolean {
  const all = words(text)
  return terms.length > 0 && terms.every((term) => all.some((_, i) => endOf(all, i, term) !== null))
}

/** Where any of the terms is found, in order, none within another. */
export function marksIn(text: string, terms: readonly Term[]): Mark[] {
  const all = words(text)
  const marks: Mark[] = []
  for (let i = 0; i < all.length; i++) {
    const ends = terms.flatMap((term) => endOf(all, i, term) ?? [])
    if (ends.length === 0) continue
    const last = Math.max(...ends)
    marks.push([all[i]?.start ?? 0, all[last]?.end ?? 0])
    i = last
  }
  return marks
}

/** Index of the last word of `term` where it begins at word `i`; null where it does not. */
function endOf(all: readonly Word[], i: number, term: Term): number | null {
  if (term.kind === 'prefix') return all[i]?.text.startsWith(term.word) === true ? i : null
  return term.words.every((word, n) => all[i + n]?.text === word) ? i + term.words.length - 1 : null
}

const SNIPPET = 140
const BEFORE = 36

/** A piece of the text around its richest place, on one line, with the matches in it marked. */
export function snippet(text: string, terms: readonly Term[]): SearchHit['snippet'] {
  const marks = marksIn(text, terms)
  let best = 0
  let most = 0
  for (const [i, [start]] of marks.entries()) {
    let count = 0
    while ((marks[i + count]?.[1] ?? Infinity) <= start + SNIPPET - BEFORE) count++
    if (count > most) [best, most] = [i, count]
  }
  const start = beginning(text, Math.max(0, (marks[best]?.[0] ?? 0) - BEFORE))
  const end = Math.min(text.length, wholeChars(text, start + SNIPPET))
  const head = start > 0 ? '…' : ''
  const shift = head.length - start
  return {
    text: head + text.slice(start, end).replace(/\s/g, ' ') + (end < text.length ? '…' : ''),
    marks: marks.filter(([from, to]) => from >= start && to <= end).map(([from, to]) => [from + shift, to + shift]),
  }
}

/** The next beginning of a word at or behind `at`, where there is one near; else `at`, never within a character. */
function beginning(text: string, at: number): number {
  if (at === 0) return 0
  const space = text.slice(at, at + BEFORE / 2).search(/\s\S/)
  return space < 0 ? wholeChars(text, at) : at + space + 1
}

function wholeChars(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : at
}
