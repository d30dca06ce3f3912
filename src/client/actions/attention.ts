/** Tells of finished answers and of waiting questions while nobody looks: once per event, whichever of a browser's tabs it is. */
import type { ThreadId } from '../../shared/ids.ts'
import type { Thread } from '../../shared/protocol.ts'
import type { State } from '../store/state.ts'
import type { Log } from './deps.ts'

export interface Notice {
  readonly kind: 'done' | 'waiting'
  readonly thread: Thread
}

/** How a notice is shown; `main` names the browser's way. */
export interface Notices {
  /** Asks the person, after a click of theirs, whether this browser may. */
  ask(): Promise<boolean>
  show(notice: Notice, onOpen: () => void): void
}

export interface AttentionDeps {
  readonly notices: Notices
  /** Whether this tab is the one that speaks for all of them. */
  readonly leads: () => boolean
  /** Whether somebody may be looking at any tab of the browser. */
  readonly anyVisible: () => Promise<boolean>
  readonly open: (thread: ThreadId) => void
  readonly log: Log
}

/** What has come up between two states. A thread that was not known before brings no news: that is the page loading. */
export function news(before: State, after: State): Notice[] {
  if (before.threads.byId === after.threads.byId) return []
  return Object.values(after.threads.byId).flatMap((thread): Notice[] => {
    const was = before.threads.byId[thread.id]
    if (was === undefined || was === thread) return []
    if (thread.activeRun?.waiting === true && was.activeRun?.waiting !== true) return [{ kind: 'waiting', thread }]
    return thread.unread && !was.unread ? [{ kind: 'done', thread }] : []
  })
}

/** The listener of the store: tells what is new, if it is wanted, nobody looks and this tab speaks. */
export function createAttention({ notices, leads, anyVisible, open, log }: AttentionDeps): (after: State, before: State) => void {
  return (after, before) => {
    if (!after.preferences.notifications || !leads()) return
    const found = news(before, after)
    if (found.length === 0) return
    anyVisible().then(
      (seen) => {
        if (!seen) for (const notice of found) notices.show(notice, () => open(notice.thread.id))
      },
      (error: unknown) => log('could not tell whether a tab is visible', { error: String(error) }),
    )
  }
}
