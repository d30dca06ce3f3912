/** What is being written in each thread and what is not accepted yet, in the store at once and in the browser's storage right after. */
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
  /** Whether another tab of this browser has dropped a message that this one had kept: it was sent from there, or deleted. */
  droppedElsewhere(id: MessageId): Promise<boolean>
  forgetOutgoing(id: MessageId): void
}

export function createDrafts({ store, drafts: storage, log }: Pick<ActionDeps, 'store' | 'drafts' | 'log'>): Drafts {
  const unsaved = new Set<string>()
  /** Messages that are known to lie in the browser's storage, unless another tab took them out. */
  const kept = new Set<MessageId>()
  let saving = false

  /**
   * Begins with the first change and goes on until nothing has changed meanwhile: a fast typist costs a write at a time, and no timer holds
   * back what a reload would then lose.
   */
  async function save(): Promise<void> {
    if (saving) return
    saving = true
    try {
      for (let key = first(unsaved); key !== undefined; key = first(unsaved)) {
        unsaved.delete(key)
        await storage.saveDraft(key, store.getState().drafts[key] ?? '')
      }
    } finally {
      saving = false
    }
  }

  return {
    async restore() {
      const found = await storage.load()
      for (const { outgoing } of found.outbox) kept.add(outgoing.id)
      store.update((state) => found.outbox.reduce(
        (so, { thread, outgoing }) => restoreOutgoing(so, thread, outgoing),
        { ...state, drafts: { ...found.drafts, ...state.drafts } },
      ))
    },
    set(thread, text) {
      const key = thread ?? ''
      if ((store.getState().drafts[key] ?? '') === text) return
      store.update((state) => ({ ...state, drafts: { ...state.drafts, [key]: text } }))
      unsaved.add(key)
      inBackground(log, 'keeping a draft', save)
    },
    keepOutgoing: (thread, outgoing) => inBackground(log, 'keeping a message', async () => {
      if (await storage.saveOutgoing(thread, outgoing)) kept.add(outgoing.id)
    }),
    droppedElsewhere: async (id) => kept.has(id) && !(await storage.holdsOutgoing(id)),
    forgetOutgoing(id) {
      kept.delete(id)
      inBackground(log, 'forgetting a sent message', () => storage.dropOutgoing(id))
    },
  }
}

function first(keys: ReadonlySet<string>): string | undefined {
  return keys.values().next().value
}

function restoreOutgoing(state: State, thread: ThreadId, outgoing: Outgoing): State {
  if (state.content[thread]?.outgoing.some((one) => one.id === outgoing.id) === true) return state
  return changeContent(state, thread, (content) => putOutgoing(content, { ...outgoing, status: 'waiting', error: null }))
}
