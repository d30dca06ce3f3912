/** The page's streams: which runs are followed, by which controller, with which right. */
import type { RunId, ThreadId } from '../../shared/ids.ts'
import type { Api } from '../api/api.ts'
import type { LiveView, OwnerToken, StreamSink } from '../run/sink.ts'
import type { Clock } from './clock.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { RunCache } from './run-cache.ts'
import type { StreamLog, Transport } from './transport.ts'

export interface StreamsDeps {
  readonly transport: Transport
  readonly api: Pick<Api, 'getRun' | 'messages' | 'cancelRun'>
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

export type CreateStreams = (deps: StreamsDeps) => Streams
