/** Finds words in one thread, of which the page holds only a part: the server looks at what is saved, the page at what still grows. Lives without React. */
import type { FindPage, Message } from '../../../shared/protocol.ts'
import { placeOfWords, shownInMessage } from '../../../shared/shown-text.ts'
import type { Tried } from '../../store/state.ts'

export interface Finding {
  /** What is looked for; `''`: nothing. */
  readonly words: string
  /** Ids of the messages that hold it, oldest first. */
  readonly found: readonly string[]
  /** The one that is looked at; null: none. */
  readonly at: string | null
  /** More may be found yet. */
  readonly busy: boolean
  /** There is more than is looked through. */
  readonly cut: boolean
  /** Why it could not be looked for. */
  readonly error: string | null
}

export interface Finder {
  get(): Finding
  subscribe(listener: () => void): () => void
  /** Looks for other words. `near` chooses where to begin, of the newest messages that were found, oldest first. */
  look(words: string, near: (found: readonly string[]) => string | null): Promise<void>
  /** Goes to the message after (1) or before (-1) the one that is looked at, round from one end to the other. Answers with it. */
  step(by: 1 | -1): string | null
}

export interface FinderDeps {
  /** A page of hits, newest first. */
  readonly ask: (words: string, before?: string) => Promise<Tried<FindPage>>
  /** Messages that the server has not saved yet, oldest first. */
  readonly unsaved: () => readonly Pick<Message, 'id' | 'role' | 'parts'>[]
}

const MOST = 2_000
const nothing: Finding = { words: '', found: [], at: null, busy: false, cut: false, error: null }

export function createFinder({ ask, unsaved }: FinderDeps): Finder {
  const listeners = new Set<() => void>()
  let now = nothing
  let asked = 0
  const set = (next: Partial<Finding>) => {
    now = { ...now, ...next }
    for (const listener of listeners) listener()
  }

  return {
    get: () => now,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async look(words, near) {
      const turn = ++asked
      const wanted = words.trim()
      if (wanted === '') return set(nothing)
      set({ words: wanted, busy: true, error: null, cut: false })
      const growing = unsaved().filter((message) => placeOfWords(shownInMessage(message), wanted, message.role !== 'user') >= 0).map((message) => message.id as string)
      let saved: string[] = []
      let before: string | undefined
      do {
        const page = await ask(wanted, before)
        if (turn !== asked) return
        if (!page.ok) return set({ found: [], at: null, busy: false, error: page.message })
        saved = [...page.value.hits.map((hit) => hit.message as string).toReversed(), ...saved]
        before = page.value.before ?? undefined
        const found = [...saved, ...growing.filter((id) => !saved.includes(id))]
        // Who goes on writing a word stays where it is still found.
        const begun = now.at !== null && found.includes(now.at) ? now.at : near(found)
        set({ found, at: begun ?? found.at(-1) ?? null })
      } while (before !== undefined && saved.length < MOST)
      set({ busy: false, cut: before !== undefined })
    },
    step(by) {
      const { found, at } = now
      if (found.length === 0) return null
      const index = at === null ? -1 : found.indexOf(at)
      const next = found[(index + by + found.length) % found.length] ?? null
      set({ at: next })
      return next
    },
  }
}
