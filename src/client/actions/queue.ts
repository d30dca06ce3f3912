/** What a person does with messages that wait. The server decides; what it answers is what the page shows. */
import type { ThreadId } from '../../shared/ids.ts'
import { wordsOf } from '../../shared/human.ts'
import type { FeedEvent, Thread } from '../../shared/protocol.ts'
import { filesOf, outgoingParts, toInput } from '../store/files.ts'
import { changeContent, putOutgoing } from '../store/content.ts'
import type { QueueActions, State } from '../store/state.ts'
import { changeThread, putThreads } from '../store/threads.ts'
import type { PartDeps } from './deps.ts'
import type { Toasts } from './toasts.ts'
import { isStatus } from './trouble.ts'

export interface QueueDeps extends Pick<PartDeps, 'store' | 'api' | 'explain'> {
  readonly toasts: Toasts
  /** Counts what the feed said of each thread, so that an older answer does not undo it. */
  readonly newsOf: (thread: ThreadId) => number
}

export function createQueue({ store, api, explain, toasts, newsOf }: QueueDeps): QueueActions {
  async function ask(thread: ThreadId, request: () => Promise<Thread>, meanwhile: (queue: Thread['queue']) => Thread['queue'] = (queue) => queue): Promise<void> {
    const news = newsOf(thread)
    store.update((state) => changeThread(state, thread, (one) => ({ ...one, queue: meanwhile(one.queue) })))
    try {
      const told = await request()
      if (newsOf(thread) === news) store.update((state) => putThreads(state, [told]))
    } catch (error) {
      // It has started, or was removed in another tab: what is there now says so.
      if (!isStatus(error, 404)) toasts.show(explain(error))
      const now = await api.getThread(thread).catch(() => null)
      if (now !== null) store.update((state) => putThreads(state, [now]))
    }
  }
  return {
    // Other words; its files stay.
    edit(thread, id, text) {
      const parts = outgoingParts({ text, files: filesOf(store.getState().threads.byId[thread]?.queue.messages.find((message) => message.id === id)?.parts ?? []) })
      return ask(thread, () => api.patchQueued(thread, id, { parts: parts.map(toInput) }), (queue) => ({
        ...queue, messages: queue.messages.map((message) => (message.id === id ? { ...message, parts } : message)),
      }))
    },
    move: (thread, id, before) => ask(thread, () => api.patchQueued(thread, id, { before }), (queue) => {
      const moved = queue.messages.find((message) => message.id === id)
      const others = queue.messages.filter((message) => message.id !== id)
      const place = others.findIndex((message) => message.id === before)
      return moved === undefined ? queue : { ...queue, messages: others.toSpliced(place < 0 ? others.length : place, 0, moved) }
    }),
    remove: (thread, id) => ask(thread, () => api.removeQueued(thread, id), (queue) => ({ ...queue, messages: queue.messages.filter((message) => message.id !== id) })),
    sendNow: (thread, id) => ask(thread, () => api.sendQueuedNow(thread, id)),
    steer: (thread, id) => ask(thread, () => api.steerQueued(thread, id)),
    resume: (thread) => ask(thread, () => api.resumeQueue(thread)),
  }
}

/** A message that leaves the queue because its run begins stands among the turns at once, and not first when its stream has come. */
export function adoptStarted(state: State, event: FeedEvent): State {
  if (event.type !== 'thread.changed' || event.thread.id !== state.current) return state
  const { id: thread, activeRun: run, queue } = event.thread
  const begun = state.threads.byId[thread]?.queue.messages.find((message) => message.id === run?.message && !queue.messages.some((other) => other.id === message.id))
  if (run === null || begun === undefined || (state.content[thread]?.branch ?? null) !== null) return state
  return changeContent(state, thread, (content) => putOutgoing(content, {
    id: begun.id, text: wordsOf(begun.parts), files: filesOf(begun.parts), status: 'sending', error: null, at: begun.at, run: run.id, startedAt: run.startedAt,
  }))
}
