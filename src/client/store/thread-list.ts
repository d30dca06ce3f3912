/** The threads as lists show them, and what goes on in them. */
import type { ThreadId } from '../../shared/ids.ts'
import type { Thread } from '../../shared/protocol.ts'
import { remember } from './remember.ts'
import type { State } from './state.ts'

const lists = new WeakMap<State['threads'], readonly Thread[]>()

/** Threads that are not archived, newest activity first. */
export function selectThreadList(state: State): readonly Thread[] {
  return remember(lists, state.threads, ({ byId, order }) =>
    order.flatMap((id) => {
      const thread = byId[id]
      return thread === undefined || thread.archived ? [] : [thread]
    }))
}

const archives = new WeakMap<State['threads'], readonly Thread[]>()

/** Threads that were put away, as far as they are loaded, newest activity first. */
export function selectArchive(state: State): readonly Thread[] {
  return remember(archives, state.threads, ({ byId, order }) =>
    order.flatMap((id) => {
      const thread = byId[id]
      return thread?.archived === true ? [thread] : []
    }))
}

export function selectThread(state: State, thread: ThreadId | null): Thread | null {
  return thread === null ? null : (state.threads.byId[thread] ?? null)
}

/** What goes on in all threads that nobody looks at. */
export interface Attention {
  /** The most pressing of it. */
  readonly mark: 'waiting' | 'unread' | 'running' | null
  /** Threads that wait for somebody or have an unseen answer. */
  readonly count: number
}

const attentions = new WeakMap<State['threads'], Attention>()

export function selectAttention(state: State): Attention {
  return remember(attentions, state.threads, ({ byId }) => {
    const threads = Object.values(byId)
    const waiting = threads.filter((thread) => thread.activeRun?.waiting === true)
    const unread = threads.filter((thread) => thread.unread && thread.activeRun?.waiting !== true)
    const running = threads.some((thread) => thread.activeRun !== null)
    return { mark: waiting.length > 0 ? 'waiting' : unread.length > 0 ? 'unread' : running ? 'running' : null, count: waiting.length + unread.length }
  })
}

export interface ThreadGroup {
  readonly kind: 'pinned' | 'today' | 'yesterday' | 'week' | 'month'
  /** For a month: an instant in it, by which a view may name it. */
  readonly at: number | null
  readonly threads: readonly Thread[]
}

/** Groups a list that is newest first: pinned, today, yesterday, the seven days before today, then by month. Days are those of the page's time zone. */
export function groupThreads(threads: readonly Thread[], now: number): ThreadGroup[] {
  const date = new Date(now)
  const midnight = (daysAgo: number) => new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysAgo).getTime()
  const today = midnight(0)
  const yesterday = midnight(1)
  const week = midnight(7)
  const groups = new Map<string, { kind: ThreadGroup['kind']; at: number | null; threads: Thread[] }>()
  const put = (key: string, kind: ThreadGroup['kind'], at: number | null, thread: Thread) => {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { kind, at, threads: [thread] })
    else group.threads.push(thread)
  }
  for (const thread of threads.filter((one) => one.pinned)) put('pinned', 'pinned', null, thread)
  for (const thread of threads.filter((one) => !one.pinned)) {
    const at = thread.updatedAt
    if (at >= today) put('today', 'today', null, thread)
    else if (at >= yesterday) put('yesterday', 'yesterday', null, thread)
    else if (at >= week) put('week', 'week', null, thread)
    else put(`month ${new Date(at).getFullYear()} ${new Date(at).getMonth()}`, 'month', at, thread)
  }
  return [...groups.values()]
}
