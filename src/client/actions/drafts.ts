/** What is being written in each thread and what is not accepted yet, in the store at once and in the browser's storage soon. */
import type { MessageId, ThreadId } from '../../shared/ids.ts'
import { changeContent, putOutgoing } from '../store/content.ts'
import type { Outgoing, State } from '../store/state.ts'
import type { ActionDeps } from './deps.ts'
import { inBackground } from './trouble.ts'

export interface Drafts {
  /** Brings back what was kept; what was typed meanwhile stays. */
  restore(): Promise<void>
  set(thread: ThreadId | null, text: string): void
  keepOutgoing(thread: ThreadId, outgoing: Outgoing): void
  forgetOutgoing(id: MessageId): void
  /** Writes at once what waits to be written: the page may be gone in a moment. */
  flush(): void
}

const SAVE_AFTER_MS = 250
const CUT_OFF = 'This page was closed before the server answered. Press Retry: a message that did arrive is not sent twice.'

export function createDrafts({ store, drafts: storage, clock, log }: Pick<ActionDeps, 'store' | 'drafts' | 'clock' | 'log'>): Drafts {
  const unsaved = new Set<string>()
  let cancelSave: (() => void) | null = null

  function flush(): void {
    cancelSave?.()
    cancelSave = null
    for (const key of unsaved) inBackground(log, 'keeping a draft', () => storage.saveDraft(key, store.getState().drafts[key] ?? ''))
    unsaved.clear()
  }

  return {
    async restore() {
      const kept = await storage.load()
      store.update((state) => kept.outbox.reduce(
        (so, { thread, outgoing }) => restoreOutgoing(so, thread, outgoing),
        { ...state, drafts: { ...kept.drafts, ...state.drafts } },
      ))
    },
    set(thread, text) {
      const key = thread ?? ''
      if ((store.getState().drafts[key] ?? '') === text) return
      store.update((state) => ({ ...state, drafts: { ...state.drafts, [key]: text } }))
      unsaved.add(key)
      cancelSave ??= clock.after(SAVE_AFTER_MS, flush)
    },
    keepOutgoing: (thread, outgoing) => inBackground(log, 'keeping a message', () => storage.saveOutgoing(thread, outgoing)),
    forgetOutgoing: (id) => inBackground(log, 'forgetting a sent message', () => storage.dropOutgoing(id)),
    flush,
  }
}

function restoreOutgoing(state: State, thread: ThreadId, outgoing: Outgoing): State {
  if (state.content[thread]?.outgoing.some((one) => one.id === outgoing.id) === true) return state
  return changeContent(state, thread, (content) => putOutgoing(content, { ...outgoing, status: 'failed', error: CUT_OFF }))
}
