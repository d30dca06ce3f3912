/** Everything a person can do, put together from its parts, and the page's side of what the server says unasked. */
import type { MessageId, ThreadId } from '../../shared/ids.ts'
import type { FeedEvent } from '../../shared/protocol.ts'
import type { Finale, OwnerToken } from '../run/sink.ts'
import { emptyContent, liveRuns } from '../store/content.ts'
import type { Preferences } from '../store/preferences.ts'
import type { Actions } from '../store/state.ts'
import { changeThread } from '../store/threads.ts'
import type { ActionDeps, PartDeps } from './deps.ts'
import { createAttachments } from './attachments.ts'
import { createBranches } from './branches.ts'
import { createDrafts } from './drafts.ts'
import { createFollowings } from './followings.ts'
import { createList } from './list.ts'
import { adoptStarted, createQueue } from './queue.ts'
import { createLookUps, createSearch } from './search.ts'
import { createSettings } from './settings.ts'
import { createSending } from './sending.ts'
import { createToasts } from './toasts.ts'
import { createExplain, inBackground, isRefusal } from './trouble.ts'
import { createUploads } from './uploads.ts'
import { createView } from './view.ts'

/** What `main` connects to the browser and to the streams; no view calls these. */
export interface PageActions extends Actions {
  /** Loads what the page begins with; `thread` and `message` are those of the address. */
  start(thread: ThreadId | null, message?: MessageId | null): void
  /** Back or Forward. */
  moved(thread: ThreadId | null, message?: MessageId | null): void
  receiveFeed(event: FeedEvent): void
  feedStatus(status: 'connecting' | 'online' | 'offline' | 'logged-out'): void
  /** Following a run came to its end: `onFinal` of the sink. */
  runEnded(token: OwnerToken, finale: Finale): void
  /** A run turned out to be another thread's: `onForeign` of the sink. */
  runForeign(token: OwnerToken): void
  /** Shows a short text for a while. */
  notify(text: string): void
  /** Somebody may be looking again. */
  pageVisible(): void
}

/** Events of one page. */
const JOURNAL_PAGE = 1_000

export function createActions(page: ActionDeps): PageActions {
  const explain = createExplain(page.words)
  const deps: PartDeps = { ...page, explain }
  const { store, api, streams, navigate, savePreferences, mayNotify, words, visible, clock, log } = deps
  const toasts = createToasts(deps)
  const drafts = createDrafts(deps)
  const followings = createFollowings(deps)
  let restored = Promise.resolve()
  let beenTold = false
  const list = createList({ ...deps, toasts, open: openThread })
  const view = createView({ ...deps, followings, toasts, restored: () => restored, newsOf: list.newsOf })
  const uploads = createUploads({ ...deps, onStored: drafts.keepStored })
  const sending = createSending({ ...deps, followings, view, drafts, toasts, uploads, onNewThread: list.fetch })

  const branches = createBranches({ ...deps, view, toasts, open: (thread) => openThread(thread) })

  function show(thread: ThreadId | null, message?: MessageId | null): void {
    if (thread !== null) branches.recall(thread)
    view.show(thread)
    if (thread !== null && message !== null && message !== undefined) branches.reveal({ thread, message })
  }

  function openThread(thread: ThreadId | null, message?: MessageId): void {
    navigate(thread, message)
    show(thread, message)
  }

  function prefer(change: Partial<Preferences>): void {
    store.update((state) => ({ ...state, preferences: { ...state.preferences, ...change } }))
    savePreferences(store.getState().preferences)
  }

  function sendWaiting(): void {
    uploads.stir()
    sending.sendWaiting()
  }

  function loadAgents(): void {
    inBackground(log, 'loading the agents', async () => {
      const agents = await api.agents()
      store.update((state) => ({ ...state, agents }))
    })
  }

  return {
    ...sending,
    ...createAttachments({ ...deps, drafts, uploads }),
    queue: createQueue({ ...deps, toasts, newsOf: list.newsOf }),
    lookAt: branches.lookAt,
    fork: branches.fork,
    ...createSettings(deps),
    loadMoreThreads: list.loadMoreThreads,
    reloadThreads: list.reloadThreads,
    rename: list.rename,
    remove: list.remove,
    pin: list.pin,
    archive: list.archive,
    loadArchive: list.loadArchive,
    search: createSearch(deps),
    ...createLookUps(deps),
    importThreads: async (file) => (await import('./import.ts')).createImport({ ...deps, toasts, open: openThread })(file),
    openThread,
    reveal: branches.reveal,
    arrived: view.arrived,
    loadOlder: view.loadOlder,
    loadGap: view.loadGap,
    journal: (run, after) => api.events(run, { limit: JOURNAL_PAGE, ...(after === undefined ? {} : { after }) }),
    reloadThread: view.load,
    async answer(thread, run, approval, answer) {
      try {
        await api.answerApproval(run, approval, answer)
      } catch (error) {
        toasts.show(explain(error))
        if (isRefusal(error, 'other-input')) followings.anew(thread, run)
      }
    },
    setDraft: drafts.set,
    choose(agent, model) {
      const { current, threads } = store.getState()
      store.update((state) => ({ ...state, choice: { agent, model } }))
      if (current === null || threads.byId[current] === undefined) return
      store.update((state) => changeThread(state, current, (thread) => ({ ...thread, agent, model })))
      api.patchThread(current, { agent, model }).catch((error: unknown) => toasts.show(words().choiceNotKept(explain(error))))
    },
    prefer,
    async setNotifications(wanted) {
      const allowed = !wanted || (await mayNotify().catch(() => false))
      if (!allowed) return toasts.show(words().notificationsRefused)
      prefer({ notifications: wanted })
    },
    dismissToast: toasts.dismiss,

    start(thread, message) {
      restored = drafts.restore().then(sendWaiting, (error: unknown) => log('drafts were not brought back', { error: String(error) }))
      show(thread, message)
      loadAgents()
      inBackground(log, 'loading the list', list.reloadThreads)
    },
    moved: show,
    receiveFeed(event) {
      const { current } = store.getState()
      const deleted = event.type === 'thread.removed' && event.thread === current
      // Left first: what is in view is not let go of.
      if (deleted) openThread(null)
      store.update((state) => adoptStarted(state, event))
      list.receive(event)
      switch (event.type) {
        case 'run.changed':
          streams.hint(event.run.id)
          view.runChanged(event.run)
          break
        case 'thread.removed':
          if (deleted) toasts.show(words().deletedElsewhere)
          break
        case 'thread.changed':
          if (current !== null) view.joinActive(current)
          // An address that was opened before its chat was there.
          if (event.thread.id === current && store.getState().content[current]?.status === 'missing') view.load(current)
          break
        case 'snapshot':
          // What changed while the feed was away, or before it was there, only the server knows; and it may have been away too shortly for its status to tell.
          view.feedBegan(event.asOf)
          if (beenTold) inBackground(log, 'loading the list', list.reloadThreads)
          beenTold = true
          break
        case 'agents.changed':
          loadAgents()
          break
        default:
          event satisfies never
      }
      view.markSeen()
    },
    notify: (text) => toasts.show(text),
    feedStatus(status) {
      const before = store.getState().server
      if (before.kind === status) return
      store.update((state) => ({ ...state, server: status === 'offline' ? { kind: 'offline', sinceAt: clock.now() } : { kind: status } }))
      if (status !== 'online') return
      sendWaiting()
      const { current, content, threads, agents } = store.getState()
      if (agents === null) loadAgents()
      // What could not be loaded while the server was away need not wait for its own next try.
      if (threads.status === 'error') inBackground(log, 'loading the list', list.reloadThreads)
      if (current !== null && content[current]?.status === 'error') view.load(current)
      // A run stream that waits for its next try need not: the server is back.
      for (const live of current === null ? [] : liveRuns(content[current] ?? emptyContent)) streams.hint(live.token.run)
    },
    runEnded: view.ended,
    runForeign: view.foreign,
    pageVisible() {
      if (visible()) view.markSeen()
    },
  }
}
