/**
 * Watches what a page shows of its answers, at every frame that follows a change, from before its first script: shown text may only grow.
 * Runs in the page (`watchShown`) and tells the test of each change, so that reloads and restarts do not interrupt the record.
 */
export interface Shown {
  readonly thread: string
  /** Message id and part id. */
  readonly key: string
  readonly text: string
}

declare global {
  interface Window {
    reportShown?: (shown: Shown) => Promise<void>
  }
}

/** For `addInitScript`: self-contained. */
export function watchShown(): void {
  const last = new Map<string, { thread: string; text: string; over: boolean }>()
  const look = () => {
    const thread = document.querySelector<HTMLElement>('[data-thread]')?.dataset['thread']
    if (thread !== undefined) {
      const present = new Set<string>()
      for (const part of document.querySelectorAll<HTMLElement>('article [data-part][data-kind=text]')) {
        // A replay goes through what was shown; it is no part of the conversation.
        if (part.closest('[data-replay]') !== null) continue
        const message = part.closest<HTMLElement>('[data-message]')
        // A human message has one text; what it is called until the server has named it is no matter here.
        const key = `${message?.dataset['message']} ${message?.dataset['role'] === 'user' ? '' : part.dataset['part']}`
        const text = part.textContent
        present.add(key)
        if (last.get(key)?.text !== text) {
          last.set(key, { thread, text, over: message?.dataset['status'] !== 'streaming' })
          void window.reportShown?.({ thread, key, text })
        }
      }
      // A part that was shown in this thread and is gone while the thread is still there: that is a text that left the screen.
      // But for what is saved and far from where somebody reads: there a space stands for it.
      const spaced = document.querySelector('[data-space]') !== null
      for (const [key, before] of last) {
        if (before.thread === thread && before.text !== '' && !present.has(key)) {
          if (spaced && before.over) {
            last.delete(key)
            continue
          }
          last.set(key, { thread, text: '', over: true })
          void window.reportShown?.({ thread, key, text: '' })
        }
      }
    }
  }
  // Only a page that changed shows something else; looking at each frame of one that stands still is a good part of a slow machine's time.
  let due = false
  const soon = () => {
    if (due) return
    due = true
    requestAnimationFrame(() => {
      due = false
      look()
    })
  }
  new MutationObserver(soon).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['data-thread', 'data-message', 'data-part', 'data-kind', 'data-status', 'data-space'] })
  soon()
}

export interface ShownRecord {
  add(shown: Shown): void
  /** What was wrong so far, for people. */
  violations(): readonly string[]
  /** From now on a text may leave the page whole: the test itself looks at another branch, or edits. It still may not shrink. */
  mayLeave(): void
  /** From now on a text may begin anew: the test itself removes or replaces it. */
  forget(): void
}

export function createShownRecord(): ShownRecord {
  const longest = new Map<string, string>()
  const wrong: string[] = []
  let leaving = false
  return {
    add({ key, text }) {
      if (leaving && text === '') {
        longest.delete(key)
        return
      }
      const before = longest.get(key) ?? ''
      if (!text.startsWith(before)) wrong.push(`part ${key} showed ${JSON.stringify(before.slice(-80))} and then ${JSON.stringify(text.slice(-80))}`)
      if (text.length >= before.length) longest.set(key, text)
    },
    violations: () => wrong,
    mayLeave: () => { leaving = true },
    forget: () => longest.clear(),
  }
}
