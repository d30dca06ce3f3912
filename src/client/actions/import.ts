/** Takes in chats from a file that an export wrote. */
import type { ThreadId } from '../../shared/ids.ts'
import { putThreads } from '../store/threads.ts'
import type { PartDeps } from './deps.ts'
import type { Toasts } from './toasts.ts'
import { isPassing } from './trouble.ts'

export interface ImportDeps extends Pick<PartDeps, 'store' | 'api' | 'newId' | 'words' | 'explain'> {
  readonly toasts: Toasts
  readonly open: (thread: ThreadId) => void
}

export function createImport({ store, api, newId, words, explain, toasts, open }: ImportDeps) {
  return async (file: Blob): Promise<void> => {
    const text = await readable(file)
    if (text === null) return toasts.show(words().importUnreadable)
    const chats = chatsIn(text)
    if (chats === null) return toasts.show(words().noExport)
    let done = 0
    let left: { readonly title: string; readonly cause: string } | null = null
    for (const chat of chats) {
      try {
        const thread = await api.importThread(newId() as ThreadId, chat)
        store.update((state) => putThreads(state, [thread]))
        if (++done === 1) open(thread.id)
      } catch (error) {
        if (isPassing(error)) return toasts.show(words().importCut(done, chats.length, explain(error)))
        // One that is too large, or damaged, keeps none of the others out.
        left ??= { title: titleOf(chat), cause: explain(error) }
      }
    }
    toasts.show(left === null ? words().imported(done) : words().importLeft(done, chats.length, left.title, left.cause))
  }
}

/** Null: it is larger than a browser makes one text of (about 500 MB), or cannot be read. */
async function readable(file: Blob): Promise<string | null> {
  try {
    return await file.text()
  } catch (error) {
    if (error instanceof DOMException || error instanceof RangeError) return null
    throw error
  }
}

function titleOf(chat: unknown): string {
  const title = (chat as { thread?: { title?: unknown } } | null)?.thread?.title
  return typeof title === 'string' ? title.slice(0, 80) : ''
}

/** The chats in a file, each as it was exported; null where it is something else. The server checks them. */
function chatsIn(text: string): readonly unknown[] | null {
  try {
    const whole = JSON.parse(text) as { format?: unknown; threads?: unknown } | null
    if (whole?.format === 'holdfast-thread') return [whole]
    return whole?.format === 'holdfast-export' && Array.isArray(whole.threads) ? (whole.threads as unknown[]) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
