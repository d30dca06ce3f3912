/** Which runs this page follows now: those of the thread in view. */
import type { RunId, ThreadId } from '../../shared/ids.ts'
import type { LiveView, OwnerToken } from '../run/sink.ts'
import { changeContent, claimRun, findLive } from '../store/content.ts'
import type { ActionDeps } from './deps.ts'

export interface Followings {
  /** Follows the run from what the page shows of it. Does nothing if it is followed already. */
  follow(thread: ThreadId, run: RunId): void
  /** Follows the run from a snapshot: what the page shows of it is not what the journal says. What is shown stays until that has come. */
  anew(thread: ThreadId, run: RunId): void
  has(run: RunId): boolean
  /** The thread goes out of view: its connections are closed, what they brought stays. */
  release(thread: ThreadId): void
  /** The stream of this token is done. */
  ended(token: OwnerToken): void
}

export function createFollowings({ store, streams }: Pick<ActionDeps, 'store' | 'streams'>): Followings {
  const tokens = new Map<RunId, OwnerToken>()

  function begin(thread: ThreadId, run: RunId, start: LiveView | null): void {
    const token = streams.follow(thread, run, start)
    tokens.set(run, token)
    // The store must know the token before the stream speaks, which it does only after this.
    store.update((state) => changeContent(state, thread, (content) => claimRun(content, token)))
  }

  return {
    follow(thread, run) {
      if (!tokens.has(run)) begin(thread, run, findLive(store.getState(), thread, run)?.view ?? null)
    },
    anew(thread, run) {
      if (!tokens.has(run)) return
      streams.leave(run)
      begin(thread, run, null)
    },
    has: (run) => tokens.has(run),
    release(thread) {
      for (const [run, token] of tokens) if (token.thread === thread) tokens.delete(run)
      streams.release(thread)
    },
    ended(token) {
      if (tokens.get(token.run)?.generation === token.generation) tokens.delete(token.run)
    },
  }
}
