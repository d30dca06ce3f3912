/** The page's streams: which runs are followed, by whom, with which right. */
import type { RunId, ThreadId } from '../../shared/ids.ts'
import type { Api } from '../api/api.ts'
import type { LiveView, OwnerToken, StreamSink } from '../run/sink.ts'
import type { RunState } from '../run/state.ts'
import type { Clock } from './clock.ts'
import type { CreateFollower, Follower } from './following.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { RunCache } from './run-cache.ts'
import type { StreamLog } from './transport.ts'

export interface StreamsDeps {
  readonly createFollower: CreateFollower
  readonly api: Pick<Api, 'cancelRun'>
  readonly sink: StreamSink
  readonly clock: Clock
  /** 0 ≤ random() < 1 */
  readonly random: () => number
  readonly cache: RunCache
  readonly lifecycle: Lifecycle
  readonly log: StreamLog
}

export interface Streams {
  /**
   * Follows a run of the thread in view, from `start` where the page still shows something of it. Streams of other threads are released:
   * at most one connection is open per page. A run that is followed already goes on and its token comes back.
   * An older run of the same thread that has not been saved yet keeps its token and goes on to its `finalize` without a connection, so
   * that its text must stay shown beside the new run's until then. The sink is never called before `follow` has returned.
   */
  follow(thread: ThreadId, run: RunId, start: LiveView | null): OwnerToken
  /** Leaves a thread: closes and forgets all that belongs to it; its tokens hear nothing more. */
  release(thread: ThreadId): void
  /** Leaves one run: closes and forgets what belongs to it; its token hears nothing more. */
  leave(run: RunId): void
  /**
   * Asks the server to stop a run, followed or not. One request however often it is called while that is under way or accepted;
   * rejects with ApiError when it did not get through, and then the next call asks again.
   */
  stop(run: RunId): Promise<void>
  /** The server said elsewhere (feed) that a run changed: whoever waits for it looks at once. */
  hint(run: RunId): void
  /** After a login: streams that were refused for lack of one go on at the same cursor. */
  loggedIn(): void
  /** Releases everything. */
  dispose(): void
}

export function createStreams(deps: StreamsDeps): Streams {
  const { api, cache, lifecycle, log } = deps
  /** By run. At most one of them has or wants a connection; the others wait for their record to be saved. */
  const followed = new Map<RunId, { readonly token: OwnerToken; readonly follower: Follower }>()
  /** Requests to stop runs that are not followed, while they are under way. */
  const stopping = new Map<RunId, Promise<void>>()
  let generation = 0

  function drop(run: RunId): void {
    followed.get(run)?.follower.dispose()
    followed.delete(run)
  }

  function makeWay(thread: ThreadId): void {
    for (const { token, follower } of [...followed.values()]) {
      if (token.thread === thread) follower.signal({ type: 'displaced' })
      else drop(token.run)
    }
  }

  function onOver(token: OwnerToken, state: RunState): void {
    if (followed.get(token.run)?.token === token) followed.delete(token.run)
    // A broken protocol may be a page older than its server: after a reload the run is worth joining again.
    if (state.kind !== 'failed' || state.reason === 'refused') cache.forget(token.thread, token.run)
  }

  async function stopUnfollowed(run: RunId): Promise<void> {
    try {
      await api.cancelRun(run)
    } finally {
      stopping.delete(run)
    }
  }

  const unsubscribe = lifecycle.subscribe((signal) => {
    if (signal.type === 'left' || signal.type === 'returned') return // said to the feed; for a stream `paused` and `stirred` say it
    for (const { follower } of [...followed.values()]) follower.signal(signal)
  })

  return {
    follow(thread, run, start) {
      const known = followed.get(run)
      if (known !== undefined && known.token.thread === thread) return known.token
      drop(run)
      makeWay(thread)
      const token: OwnerToken = { thread, run, generation: ++generation }
      cache.set(thread, run)
      const follower = deps.createFollower({
        token, start, log,
        pauses: lifecycle.pauses(),
        clock: deps.clock,
        random: deps.random,
        sink: deps.sink,
        cancel: () => api.cancelRun(run),
        onOver: (state) => onOver(token, state),
      })
      followed.set(run, { token, follower })
      return token
    },
    release(thread) {
      for (const { token } of [...followed.values()]) if (token.thread === thread) drop(token.run)
    },
    leave: drop,
    stop(run) {
      const follower = followed.get(run)?.follower
      if (follower !== undefined) return follower.stop()
      const request = stopping.get(run) ?? stopUnfollowed(run)
      stopping.set(run, request)
      return request
    },
    hint: (run) => followed.get(run)?.follower.signal({ type: 'hinted' }),
    loggedIn() {
      for (const { follower } of [...followed.values()]) follower.signal({ type: 'logged-in' })
    },
    dispose() {
      unsubscribe()
      for (const run of [...followed.keys()]) drop(run)
    },
  }
}
