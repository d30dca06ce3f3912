/** The list of threads: loading, renaming, deleting, and what the feed says of it. */
import type { ThreadId } from '../../shared/ids.ts'
import type { FeedEvent, Thread } from '../../shared/protocol.ts'
import type { Actions, State } from '../store/state.ts'
import { changeThread, dropThread, putThreads, receiveFeedEvent, receiveThreadPage } from '../store/threads.ts'
import type { PartDeps } from './deps.ts'
import { createRetry } from './retry.ts'
import type { Toasts } from './toasts.ts'
import { inBackground, isPassing, isStatus } from './trouble.ts'

export interface List extends Pick<Actions, 'loadMoreThreads' | 'reloadThreads' | 'rename' | 'remove' | 'pin' | 'archive' | 'loadArchive'> {
  receive(event: FeedEvent): void
  /** Looks up one thread that the list does not hold. */
  fetch(thread: ThreadId): void
  /** Counts what the feed said of a thread. */
  newsOf(thread: ThreadId): number
}

const PAGE = 50
const MOST_PINNED = 200
const LONGEST_TITLE = 200

export interface ListDeps extends Pick<PartDeps, 'store' | 'api' | 'clock' | 'log' | 'words' | 'explain'> {
  readonly toasts: Toasts
  readonly open: (thread: ThreadId | null) => void
}

export function createList({ store, api, clock, log, words, explain, toasts, open }: ListDeps): List {
  const news = new Map<ThreadId, number>()
  let everything = 0
  let loading = false
  const firstPage = createRetry(clock, () => inBackground(log, 'loading the list', () => loadPage(null)))
  const newsOf = (thread: ThreadId) => everything + (news.get(thread) ?? 0)

  /** Threads of an answer, without those that the feed spoke of while it was under way: the feed knows better. */
  async function withoutStale<T>(request: () => Promise<T>, threadsOf: (answer: T) => readonly Thread[]): Promise<{ answer: T; threads: Thread[] }> {
    const before = new Map(news)
    const all = everything
    const answer = await request()
    const fresh = (thread: Thread) => everything === all && news.get(thread.id) === before.get(thread.id)
    return { answer, threads: threadsOf(answer).map((thread) => (fresh(thread) ? thread : (store.getState().threads.byId[thread.id] ?? thread))) }
  }

  async function loadPage(cursor: string | null): Promise<void> {
    if (loading) return
    loading = true
    try {
      const { answer, threads } = await withoutStale(() => api.listThreads(cursor === null ? { limit: PAGE } : { cursor, limit: PAGE }), (page) => page.threads)
      store.update((state) => {
        const next = receiveThreadPage(state, { threads, cursor: answer.cursor })
        // The first page, come again: how far the list had been read does not change.
        const again = cursor === null && state.threads.status === 'ready'
        return again ? putThreads(next, [], { cursor: state.threads.cursor }) : next
      })
      firstPage.done()
    } catch (error) {
      if (cursor === null && isPassing(error)) firstPage.failed()
      if (store.getState().threads.status !== 'ready') store.update((state) => putThreads(state, [], { status: 'error', error: explain(error) }))
      else if (cursor !== null || !isPassing(error)) toasts.show(explain(error))
    } finally {
      loading = false
    }
  }

  /** Changes a thread here at once and at the server; takes it back here where the server refuses. */
  async function organise(thread: ThreadId, patch: { readonly pinned: boolean } | { readonly archived: boolean }): Promise<boolean> {
    const before = store.getState().threads.byId[thread]
    if (before === undefined) return false
    const undo = 'pinned' in patch ? { pinned: before.pinned } : { archived: before.archived }
    store.update((state) => changeThread(state, thread, (one) => ({ ...one, ...patch })))
    try {
      await api.patchThread(thread, patch)
      return true
    } catch (error) {
      store.update((state) => changeThread(state, thread, (one) => ({ ...one, ...undo })))
      toasts.show(words().notChanged(explain(error)))
      return false
    }
  }

  /** Pinned threads stand first, so they must be there however far back they are. */
  async function loadPinned(): Promise<void> {
    const { threads } = await withoutStale(() => api.listThreads({ pinned: true, limit: MOST_PINNED }), (page) => page.threads)
    store.update((state) => putThreads(state, threads))
  }

  async function restore(thread: ThreadId, wasInView: boolean): Promise<void> {
    try {
      const back = await api.restoreThread(thread)
      store.update((state) => putThreads(state, [back]))
      // Where the person was, unless they have gone elsewhere since.
      if (wasInView && store.getState().current === null) open(thread)
    } catch (error) {
      toasts.show(words().notBroughtBack(explain(error)))
    }
  }

  return {
    newsOf,
    async loadMoreThreads() {
      const { cursor } = store.getState().threads
      if (cursor !== null) await loadPage(cursor)
    },
    async reloadThreads() {
      if (store.getState().threads.status === 'error') store.update((state) => putThreads(state, [], { status: 'loading', error: null }))
      await loadPage(null)
      if (store.getState().threads.cursor !== null) await loadPinned().catch((error: unknown) => log('pinned chats were not loaded', { error: String(error) }))
    },
    async rename(thread, title) {
      const wanted = title.trim().slice(0, LONGEST_TITLE)
      const before = store.getState().threads.byId[thread]
      if (wanted === '' || before === undefined || before.title === wanted) return
      store.update((state) => changeThread(state, thread, (one) => ({ ...one, title: wanted })))
      try {
        const renamed = await api.patchThread(thread, { title: wanted })
        store.update((state) => changeThread(state, thread, (one) => ({ ...one, title: renamed.title })))
      } catch (error) {
        store.update((state) => changeThread(state, thread, (one) => (one.title === wanted ? { ...one, title: before.title } : one)))
        toasts.show(words().notRenamed(explain(error)))
      }
    },
    async pin(thread, pinned) {
      await organise(thread, { pinned })
    },
    async archive(thread, archived) {
      const title = store.getState().threads.byId[thread]?.title ?? ''
      const wasInView = store.getState().current === thread
      if (!(await organise(thread, { archived })) || !archived) return
      if (wasInView && store.getState().current === thread) open(null)
      toasts.show(words().archived(title), {
        label: words().undo,
        run: () => inBackground(log, 'Undo', async () => {
          if ((await organise(thread, { archived: false })) && wasInView && store.getState().current === null) open(thread)
        }),
      })
    },
    async loadArchive(more = false) {
      const { status, cursor } = store.getState().archive
      if (status === 'loading' || (more && cursor === null)) return
      const mark = (archive: Partial<State['archive']>) => store.update((state) => ({ ...state, archive: { ...state.archive, ...archive } }))
      if (status !== 'ready') mark({ status: 'loading', error: null })
      try {
        const { answer, threads } = await withoutStale(
          () => api.listThreads({ archived: true, limit: PAGE, ...(more && cursor !== null ? { cursor } : {}) }), (page) => page.threads)
        store.update((state) => putThreads(state, threads))
        mark({ status: 'ready', error: null, cursor: answer.cursor })
      } catch (error) {
        if (status === 'ready') toasts.show(explain(error))
        else mark({ status: 'error', error: explain(error) })
      }
    },
    async remove(thread) {
      const before = store.getState().threads.byId[thread]
      const wasInView = store.getState().current === thread
      if (wasInView) open(null)
      store.update((state) => dropThread(state, thread))
      try {
        await api.deleteThread(thread)
        toasts.show(words().deleted(before?.title ?? null), { label: words().undo, run: () => inBackground(log, 'Undo', () => restore(thread, wasInView)) })
      } catch (error) {
        if (isStatus(error, 404, 410)) return // gone already, which is what was asked for
        if (before !== undefined) store.update((state) => putThreads(state, [before]))
        toasts.show(words().notDeleted(explain(error)))
      }
    },
    receive(event) {
      const named = event.type === 'thread.changed' ? event.thread.id : event.type === 'thread.removed' ? event.thread : event.type === 'run.changed' ? event.run.thread : null
      if (named === null) everything++
      else news.set(named, (news.get(named) ?? 0) + 1)
      store.update((state) => receiveFeedEvent(state, event))
    },
    fetch(thread) {
      inBackground(log, 'looking up a chat', async () => {
        const { threads } = await withoutStale(() => api.getThread(thread), (found) => [found])
        store.update((state) => putThreads(state, threads))
      })
    },
  }
}
