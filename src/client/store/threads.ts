/** The list of threads: pages of it, and what the feed says has changed. All pure. */
import type { ThreadId } from '../../shared/ids.ts'
import type { FeedEvent, Outcome, Run, RunStatus, Thread, ThreadPage } from '../../shared/protocol.ts'
import { outcomes } from '../../shared/protocol.ts'
import { reuse } from './reuse.ts'
import type { State, ThreadsSlice } from './state.ts'

/** True while the agent may still say something: Stop makes sense and another send would be refused. */
export function isRunning(run: Pick<Run, 'status'> | null): boolean {
  return run !== null && run.status !== 'settling' && !isOutcome(run.status)
}

function isOutcome(status: RunStatus): status is Outcome {
  return (outcomes as readonly string[]).includes(status)
}

/** The list with these threads new or changed. */
export function putThreads(state: State, threads: readonly Thread[], rest: Partial<ThreadsSlice> = {}): State {
  const byId = { ...state.threads.byId }
  for (const thread of threads) byId[thread.id] = reuse(byId[thread.id], thread)
  return withThreads(state, byId, rest)
}

/** A page of the list. The first page after a reload does not drop what later pages brought: those threads still exist. */
export function receiveThreadPage(state: State, page: ThreadPage): State {
  return putThreads(state, page.threads, { status: 'ready', error: null, cursor: page.cursor })
}

/** The thread is gone, and with it what was loaded of it, unless somebody looks at it or has words of their own on the way to it. */
export function dropThread(state: State, thread: ThreadId): State {
  const { [thread]: _gone, ...byId } = state.threads.byId
  const { [thread]: held, ...content } = state.content
  const needed = held === undefined || state.current === thread || held.outgoing.length > 0
  return withThreads(needed ? state : { ...state, content }, byId, {})
}

export function changeThread(state: State, id: ThreadId, change: (thread: Thread) => Thread): State {
  const thread = state.threads.byId[id]
  return thread === undefined ? state : putThreads(state, [change(thread)])
}

/** What the feed says of the list. */
export function receiveFeedEvent(state: State, event: FeedEvent): State {
  switch (event.type) {
    case 'snapshot': {
      // It holds every thread that is active or unread: whatever else was so, is no more.
      const named = new Set(event.threads.map((thread) => thread.id))
      const calmed = Object.values(state.threads.byId)
        .filter((thread) => !named.has(thread.id) && (thread.activeRun !== null || thread.unread))
        .map((thread) => ({ ...thread, activeRun: null, unread: false }))
      return putThreads(state, [...calmed, ...event.threads])
    }
    case 'thread.changed':
      return putThreads(state, [event.thread])
    case 'thread.removed':
      return dropThread(state, event.thread)
    case 'run.changed':
      return receiveRun(state, event.run)
    case 'agents.changed': // no thread changes by it
      return state
    default:
      return event satisfies never
  }
}

/** A run's news as its thread shows it: active until it has an outcome and is settled. */
export function receiveRun(state: State, run: Run): State {
  return changeThread(state, run.thread, (thread) => {
    if (!run.settled && !isOutcome(run.status)) return { ...thread, activeRun: run }
    return thread.activeRun?.id === run.id ? { ...thread, activeRun: null } : thread
  })
}

function withThreads(state: State, byId: ThreadsSlice['byId'], rest: Partial<ThreadsSlice>): State {
  const order = Object.values(byId)
    .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1))
    .map((thread) => thread.id)
  const threads: ThreadsSlice = { ...state.threads, ...rest, byId: reuse(state.threads.byId, byId), order: reuse(state.threads.order, order) }
  const same = (Object.keys(threads) as (keyof ThreadsSlice)[]).every((key) => threads[key] === state.threads[key])
  return same ? state : { ...state, threads }
}
