/** Takes in chats from a file that an export wrote. */
import type { ThreadId } from '../../shared/ids.ts'
import { putThreads } from '../store/threads.ts'
import type { PartDeps } from './deps.ts'
import type { Toasts } from './toasts.ts'

export interface ImportDeps extends Pick<PartDeps, 'store' | 'api' | 'newId' | 'words' | 'explain'> {
  readonly toasts: Toasts
  readonly open: (thread: ThreadId) => void
}

export function createImport({ store, api, newId, words, explain, toasts, open }: ImportDeps) {
  return async (file: Blob): Promise<void> => {
    const chats = chatsIn(await file.text())
    if (chats === null) {
      toasts.show(words().noExport)
      return
    }
    let done = 0
    for (const chat of chats) {
      try {
        const thread = await api.importThread(newId() as ThreadId, chat)
        store.update((state) => putThreads(state, [thread]))
        if (++done === 1) open(thread.id)
      } catch (error) {
        toasts.show(words().importCut(done, chats.length, explain(error)))
        return
      }
    }
    toasts.show(words().imported(done))
  }
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
