/** One connection to `/api/feed` that comes back by itself. Every connection begins with a snapshot, so there is nothing to resume. */
import { retryDelayMs } from '../run/backoff.ts'
import { SILENCE_MS } from '../run/step.ts'
import type { Clock } from './clock.ts'
import type { FeedStatus, FeedTransport } from './feed.ts'
import type { Closed, StreamLog } from './transport.ts'

export interface FeedLinkDeps {
  readonly transport: FeedTransport
  readonly clock: Clock
  readonly random: () => number
  readonly log: StreamLog
  onMessage(type: string, data: string): void
  onHeard(): void
  onStatus(status: FeedStatus): void
}

export interface FeedLink {
  /** Connects anew at once: what is open may be dead without a sign, or a fresh snapshot is wanted. */
  restart(): void
  /** The server was heard elsewhere: a link that waits for its next try does not wait any longer. */
  hint(): void
  close(): void
}

/** A feed that was heard for so long was a good one, even if nothing happened in any thread. */
const HEALTHY_MS = 5_000

export function createFeedLink(deps: FeedLinkDeps): FeedLink {
  const { clock, log } = deps
  let abort: (() => void) | null = null
  let cancelTimer: (() => void) | null = null
  let heardAt = 0
  let failures = 0

  function release(): void {
    abort?.()
    abort = null
    cancelTimer?.()
    cancelTimer = null
  }

  function connect(): void {
    release()
    let openedAt: number | null = null
    heardAt = clock.now()
    watch()
    abort = deps.transport.open({
      opened() {
        openedAt = heardAt = clock.now()
        deps.onStatus('online')
      },
      heard() {
        heardAt = clock.now()
        if (openedAt !== null && heardAt - openedAt >= HEALTHY_MS) failures = 0
        deps.onHeard()
      },
      message: deps.onMessage,
      closed: lost,
    })
  }

  /** Looks at the silence no more often than it may last. */
  function watch(): void {
    cancelTimer = clock.after(Math.max(0, heardAt + SILENCE_MS - clock.now()), () => {
      if (clock.now() - heardAt >= SILENCE_MS) lost({ kind: 'lost', reason: 'Nothing was heard from the server for 25 seconds.' })
      else watch()
    })
  }

  function lost(why: Closed): void {
    release()
    failures += 1
    log.debug('feed lost', { ...why, failures })
    deps.onStatus(why.kind === 'unauthorized' ? 'logged-out' : 'offline')
    cancelTimer = clock.after(retryDelayMs(failures, deps.random(), why.kind === 'lost' ? (why.retryAfterMs ?? 0) : 0), connect)
  }

  connect()
  return {
    restart: connect,
    hint() {
      if (abort === null && cancelTimer !== null) connect()
    },
    close: release,
  }
}
