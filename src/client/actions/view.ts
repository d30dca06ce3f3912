/** The thread in view: what is loaded of it, which runs are followed, and when it counts as seen. */
import type { RunId, ThreadId } from '../../shared/ids.ts'
import type { MessagePage, Run } from '../../shared/protocol.ts'
import type { Finale, OwnerToken } from '../run/sink.ts'
import {
  activeRunOf, changeContent, changeLive, emptyContent, findLive, holdsMessage, isSettled, liveRuns, receiveNewestPage, receiveOlderPage, receivePast, receivePastPage,
} from '../store/content.ts'
import type { State, Target, ThreadContent } from '../store/state.ts'
import { changeThread, dropThread, receiveRun } from '../store/threads.ts'
import type { PartDeps } from './deps.ts'
import type { Followings } from './followings.ts'
import { createRetry } from './retry.ts'
import type { Retry } from './retry.ts'
import type { Toasts } from './toasts.ts'
import { inBackground, isPassing, isStatus } from './trouble.ts'

export interface View {
  /** Brings a thread into view; null: a new chat. */
  show(thread: ThreadId | null): void
  /** Brings a thread into view that was made here and that the server does not know yet. */
  showNew(thread: ThreadId): void
  load(thread: ThreadId): void
  loadOlder(thread: ThreadId): Promise<void>
  loadGap(thread: ThreadId, from: 'above' | 'below'): Promise<void>
  /** Takes the reader to a message of the thread in view. Settles when it is held, or cannot be had. */
  reveal(target: Target): Promise<void>
  arrived(target: Target): void
  /** A snapshot of the feed has come: what the thread in view may have missed before it is loaded. */
  feedBegan(asOf: string | undefined): void
  /** Follows the run that the server calls active, if the thread is in view and it is not followed yet. */
  joinActive(thread: ThreadId): void
  /** Somebody looks at the thread: clears its mark in all tabs. */
  markSeen(): void
  /** News of a run, from the feed. */
  runChanged(run: Run): void
  /** The following of a run came to its end. */
  ended(token: OwnerToken, finale: Finale): void
  /** A remembered run turned out to be another thread's. */
  foreign(token: OwnerToken): void
}

export interface ViewDeps extends Pick<PartDeps, 'store' | 'api' | 'runCache' | 'clock' | 'visible' | 'log' | 'explain'> {
  readonly followings: Followings
  readonly toasts: Toasts
  /** Settles when what was kept in this browser is in the store. */
  readonly restored: () => Promise<void>
  /** Counts what the feed said of each thread, so that an older answer does not undo it. */
  readonly newsOf: (thread: ThreadId) => number
}

const PAGE = 60
/** Threads whose messages stay in memory once they are out of view. */
const KEPT = 6

export function createView({ store, api, runCache, clock, visible, log, explain, followings, toasts, restored, newsOf }: ViewDeps): View {
  /** The newest load of each thread; an older one that answers later changes nothing. */
  const loads = new Map<ThreadId, number>()
  /** By thread. What is not in view is loaded when somebody opens it. */
  const retries = new Map<ThreadId, Retry>()
  /** As of when the newest messages of a thread were read. */
  const readAsOf = new Map<ThreadId, string | undefined>()
  /** Of the newest snapshot. */
  let feedSince: { readonly asOf: string | undefined } | null = null
  /** Pages under way, by thread and cursor. */
  const asked = new Set<string>()
  /** Newest first. */
  let recent: readonly ThreadId[] = []
  /** Runs whose stream the server refused: asked for again only when somebody opens the thread again. */
  const refused = new Set<RunId>()
  const inView = (thread: ThreadId) => store.getState().current === thread

  function bringIn(thread: ThreadId | null, change: (state: State) => State): void {
    const before = store.getState().current
    if (before !== null && before !== thread) followings.release(before)
    store.update((state) => change({ ...state, current: thread, target: null, choice: before === thread ? state.choice : { agent: null, model: null } }))
  }

  function rejoin(thread: ThreadId): void {
    const content = store.getState().content[thread]
    const kept = content === undefined ? [] : liveRuns(content).filter((live) => live.connection.kind !== 'failed')
    for (const live of kept) followings.follow(thread, live.token.run)
    const cached = runCache.get(thread)
    if (kept.length === 0 && cached !== null && !isSettled(store.getState(), thread, cached)) followings.follow(thread, cached)
  }

  function reload(thread: ThreadId): void {
    store.update((state) => changeContent(state, thread, (content) => (content.status === 'ready' ? content : { ...content, status: 'loading', error: null })))
    loadNow(thread)
  }

  async function load(thread: ThreadId): Promise<void> {
    const turn = (loads.get(thread) ?? 0) + 1
    loads.set(thread, turn)
    const news = newsOf(thread)
    const since = feedSince
    try {
      const page = await api.messages(thread, { limit: PAGE })
      if (loads.get(thread) !== turn) return
      readAsOf.set(thread, page.asOf)
      store.update((state) => {
        const filled = changeContent(state, thread, (content) => receiveNewestPage(content, page))
        if (newsOf(thread) !== news) return filled // the feed spoke while the page was under way and knows better
        return page.activeRun === null ? changeThread(filled, thread, (known) => ({ ...known, activeRun: null })) : receiveRun(filled, page.activeRun)
      })
      if (newsOf(thread) === news && page.activeRun !== null) join(page.activeRun)
      joinActive(thread)
      // It was under way when the page was read, is not any more by what the feed has said since, and nobody has followed it.
      const ended = page.activeRun !== null && !followings.has(page.activeRun.id) && activeRunOf(store.getState(), thread)?.id !== page.activeRun.id
      if (ended && inView(thread) && !isSettled(store.getState(), thread, page.activeRun?.id as RunId)) loadNow(thread)
      if (feedSince !== since) catchUp(thread)
      retries.get(thread)?.done()
      retries.delete(thread)
    } catch (error) {
      await restored()
      if (loads.get(thread) !== turn) return
      refuse(thread, error)
      if (isPassing(error)) retryOf(thread).failed()
    }
  }

  /** What was read as of the snapshot has missed nothing; what was read as of another moment may have, and the feed does not tell what came before its snapshot. */
  function catchUp(thread: ThreadId): void {
    const asOf = feedSince?.asOf
    if (inView(thread) && (asOf === undefined || readAsOf.get(thread) !== asOf)) loadNow(thread)
  }

  function retryOf(thread: ThreadId): Retry {
    const retry = retries.get(thread) ?? createRetry(clock, () => { if (inView(thread)) loadNow(thread) })
    retries.set(thread, retry)
    return retry
  }

  function refuse(thread: ThreadId, error: unknown): void {
    const content = store.getState().content[thread] ?? emptyContent
    if (isStatus(error, 404, 410)) {
      // A thread made here whose first message did not get through is not missing: it is still to be sent.
      const ours = content.outgoing.length > 0 || liveRuns(content).some((live) => live.view !== null)
      store.update((state) => dropIf(!ours, changeContent(state, thread, (held) => ({ ...held, status: ours ? 'ready' : 'missing', error: null })), thread))
    } else if (content.status === 'ready') {
      log('could not look for newer messages', { thread, error: String(error) })
    } else {
      store.update((state) => changeContent(state, thread, (held) => ({ ...held, status: 'error', error: explain(error) })))
    }
  }

  function join(run: Run): void {
    if (!refused.has(run.id) && !run.settled && inView(run.thread) && !isSettled(store.getState(), run.thread, run.id)) followings.follow(run.thread, run.id)
  }

  function joinActive(thread: ThreadId): void {
    const active = activeRunOf(store.getState(), thread)
    if (active !== null) join(active)
  }

  function markSeen(): void {
    const { current, threads } = store.getState()
    if (current === null || !visible() || threads.byId[current]?.unread !== true) return
    store.update((state) => changeThread(state, current, (thread) => ({ ...thread, unread: false })))
    api.patchThread(current, { seen: true }).catch((error: unknown) => log('could not mark the chat as seen', { thread: current, error: String(error) }))
  }

  function loadNow(thread: ThreadId): void {
    inBackground(log, 'loading a chat', () => load(thread))
  }

  /** A page that is to be put where `cursor` points; nothing where what it belongs to has gone meanwhile. */
  async function loadPage(thread: ThreadId, query: { before: string } | { after: string }, cursorOf: (content: ThreadContent) => string | null | undefined, put: (content: ThreadContent, page: MessagePage) => ThreadContent): Promise<void> {
    const cursor = Object.values(query)[0] as string
    const key = `${thread} ${Object.keys(query)[0]} ${cursor}`
    if (asked.has(key)) return
    asked.add(key)
    try {
      const page = await api.messages(thread, { ...query, limit: PAGE })
      // Another page may have taken the place of what this one belongs to.
      store.update((state) => changeContent(state, thread, (content) => (cursorOf(content) === cursor ? put(content, page) : content)))
    } catch (error) {
      toasts.show(explain(error))
    } finally {
      asked.delete(key)
    }
  }

  async function fetchAround(target: Target): Promise<void> {
    const { thread, message } = target
    try {
      const page = await api.messages(thread, { around: message, limit: PAGE })
      store.update((state) => changeContent(state, thread, (content) => receivePast(content, page)))
    } catch (error) {
      store.update((state) => (state.target === target ? { ...state, target: null } : state))
      // A place to read on that is gone is no news; a message that was asked for is.
      if (target.offset === undefined && store.getState().content[thread]?.status !== 'missing') toasts.show(explain(error))
    }
  }

  async function reveal(target: Target): Promise<void> {
    store.update((state) => ({ ...state, target }))
    if (!holdsMessage(store.getState().content[target.thread], target.message)) await fetchAround(target)
  }

  /** Lets go of what was loaded of threads that nobody has looked at for long. */
  function keepRecent(thread: ThreadId): void {
    recent = [thread, ...recent.filter((one) => one !== thread)].slice(0, KEPT)
    const idle = (content: ThreadContent) => liveRuns(content).length === 0 && content.outgoing.length === 0
    store.update((state) => {
      const kept = Object.entries(state.content).filter(([one, content]) => recent.includes(one as ThreadId) || !idle(content))
      return kept.length === Object.keys(state.content).length ? state : { ...state, content: Object.fromEntries(kept) }
    })
  }

  return {
    show(thread) {
      bringIn(thread, (state) => (thread === null ? state : changeContent(state, thread, (content) => (content.status === 'ready' ? content : { ...content, status: 'loading', error: null }))))
      if (thread === null) return
      keepRecent(thread)
      refused.clear()
      // Asked first: reading what is remembered takes its time, the first time in a tab.
      loadNow(thread)
      rejoin(thread)
      markSeen()
    },
    showNew(thread) {
      bringIn(thread, (state) => changeContent(state, thread, (content) => ({ ...content, status: 'ready' })))
      keepRecent(thread)
    },
    load: reload,
    async loadOlder(thread) {
      const content = store.getState().content[thread]
      const past = content?.past?.before
      if (typeof past === 'string') return loadPage(thread, { before: past }, (held) => held.past?.before, (held, page) => receivePastPage(held, page, 'older'))
      if (content?.past === null && content.before !== null) await loadPage(thread, { before: content.before }, (held) => held.before, receiveOlderPage)
    },
    async loadGap(thread, from) {
      const content = store.getState().content[thread]
      const after = content?.past?.after
      if (content === undefined || typeof after !== 'string') return
      if (from === 'above') await loadPage(thread, { after }, (held) => held.past?.after, (held, page) => receivePastPage(held, page, 'newer'))
      else if (content.before !== null) await loadPage(thread, { before: content.before }, (held) => held.before, receiveOlderPage)
    },
    reveal,
    arrived(target) {
      store.update((state) => (state.target === target ? { ...state, target: null } : state))
    },
    feedBegan(asOf) {
      feedSince = { asOf }
      const { current, content } = store.getState()
      if (current === null) return
      joinActive(current)
      // One that is under way looks at its end whether it is new enough.
      if (content[current]?.status === 'ready') catchUp(current)
      else if (content[current]?.status !== 'loading') reload(current)
    },
    joinActive,
    markSeen,
    runChanged(run) {
      join(run)
      const missed = inView(run.thread) && run.settled && !followings.has(run.id) && !isSettled(store.getState(), run.thread, run.id)
      if (missed) loadNow(run.thread)
    },
    ended(token, finale) {
      const { thread, run } = token
      followings.ended(token)
      if (finale.kind === 'failed') refused.add(run)
      if (finale.kind === 'failed' && findLive(store.getState(), thread, run)?.view === null) {
        // Nothing of it was ever shown: a remembered run that is no more, or one that was lost before it began.
        store.update((state) => changeContent(state, thread, (content) => ({
          ...changeLive(content, run, () => null),
          outgoing: content.outgoing.map((one) => (one.run === run ? { ...one, run: undefined, startedAt: undefined, status: 'failed', error: finale.message } : one)),
        })))
      }
      if (!inView(thread)) return
      if (finale.kind === 'settled') joinActive(thread)
      else loadNow(thread)
      markSeen()
    },
    foreign({ thread, run }) {
      runCache.forget(thread, run)
      followings.release(thread)
      if (!inView(thread)) return
      rejoin(thread)
      joinActive(thread)
    },
  }
}

function dropIf(gone: boolean, state: State, thread: ThreadId): State {
  return gone ? dropThread(state, thread) : state
}
