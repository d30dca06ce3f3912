/**
 * What changes in all threads, from `/api/feed`: one connection per browser, held by the tab that has the lock `holdfast-feed` and told
 * to the others over a BroadcastChannel.
 */
import type { FeedEvent } from '../../shared/protocol.ts'
import type { Clock } from './clock.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Closed, StreamLog } from './transport.ts'

/** Opens one connection to `/api/feed`; the rules of `Transport.open` hold. */
export interface FeedTransport {
  open(handlers: FeedHandlers): () => void
}
export interface FeedHandlers {
  opened(): void
  heard(): void
  /** One SSE message as it came, so that it can be handed to other tabs as it is. */
  message(type: string, data: string): void
  closed(why: Closed): void
}

export type FeedStatus = 'connecting' | 'online' | 'offline'

export interface FeedDeps {
  readonly transport: FeedTransport
  /** `navigator.locks`; null where there are none: then every tab has its own connection. */
  readonly locks: Pick<LockManager, 'request'> | null
  /** Opens the channel; null where there is none. */
  readonly openChannel: (() => FeedChannel) | null
  readonly clock: Clock
  readonly random: () => number
  readonly lifecycle: Lifecycle
  readonly log: StreamLog
  /**
   * A `snapshot` comes first, and again after every reconnect and change of leader. It is the full truth for `activeRun` and `unread`:
   * a thread that is not in it has no active run and is not unread.
   */
  onEvent(event: FeedEvent): void
  /** Told on every change; before the first it is `connecting`. */
  onStatus(status: FeedStatus): void
}

/** What is needed of a BroadcastChannel. */
export interface FeedChannel {
  postMessage(message: unknown): void
  onmessage: ((event: MessageEvent) => void) | null
  close(): void
}

export interface Feed {
  close(): void
}

export type CreateFeed = (deps: FeedDeps) => Feed
