/**
 * What changes in all threads, from `/api/feed`: one connection per browser, held by the tab that has the lock `holdfast-feed` and told
 * to the others over a BroadcastChannel.
 */
import { decodeFeedEvent } from '../../shared/protocol.ts'
import type { FeedEvent } from '../../shared/protocol.ts'
import type { Clock } from './clock.ts'
import { createFeedLink } from './feed-link.ts'
import type { FeedLink } from './feed-link.ts'
import { createFeedMemory } from './feed-memory.ts'
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

const statuses = ['connecting', 'online', 'offline', 'logged-out'] as const

/** `logged-out`: who stands before the server wants a login, and goes on being asked. */
export type FeedStatus = (typeof statuses)[number]

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
  /** The server answered elsewhere: a feed that waits for its next try looks at once. */
  hint(): void
  /** Whether this tab speaks for all tabs of the browser: it has the connection. */
  leads(): boolean
  close(): void
}

export const FEED_LOCK = 'holdfast-feed'

/** What tabs say to each other. Another tab may run another build: what is not understood is passed over. */
type Word =
  | { readonly v: 1; readonly from: string; readonly kind: 'hello' }
  | { readonly v: 1; readonly from: string; readonly kind: 'message'; readonly to: string | null; readonly type: string; readonly data: string }
  | { readonly v: 1; readonly from: string; readonly kind: 'status'; readonly status: FeedStatus }

const BEAT_MS = 5_000
/** A leader that is silent for so long may be frozen: then a tab that somebody looks at helps itself. */
const LEADER_SILENCE_MS = 30_000

export function createFeed(deps: FeedDeps): Feed {
  const { clock, log, lifecycle } = deps
  const name = `${clock.now()}.${deps.random()}`
  let seat: Seat | null = null

  function onMessage(type: string, data: string): void {
    try {
      const event = decodeFeedEvent(type, data)
      if (event !== null) deps.onEvent(event)
    } catch (error) {
      // One message less is mended by the next snapshot; the feed must not end for it.
      log.error('a feed message was not taken', { type, error: String(error) })
    }
  }

  function sit(): void {
    seat = takeSeat({ ...deps, name, onMessage, onStatus: onceEach(deps.onStatus) })
  }

  const unsubscribe = lifecycle.subscribe((signal) => {
    switch (signal.type) {
      case 'left':
        // A page that holds a lock or a channel is not kept for Back; another tab leads meanwhile.
        seat?.leave()
        seat = null
        return
      case 'returned':
        if (seat === null) sit()
        return
      case 'paused':
        return
      case 'resumed':
      case 'stirred':
        seat?.stir()
        return
      default:
        signal satisfies never
    }
  })
  sit()

  return {
    hint: () => seat?.hint(),
    leads: () => seat?.leads() === true,
    close() {
      unsubscribe()
      seat?.leave()
      seat = null
    },
  }
}

/** A tab's part in the sharing, from its coming to its going. */
interface Seat {
  leads(): boolean
  stir(): void
  hint(): void
  leave(): void
}

function takeSeat(deps: FeedDeps & { readonly name: string; onMessage(type: string, data: string): void }): Seat {
  const { clock, log, name } = deps
  const shares = deps.locks !== null && deps.openChannel !== null
  const channel = shares ? (deps.openChannel?.() ?? null) : null
  const leaving = new AbortController()
  const known = createFeedMemory()
  let role: 'follower' | 'leader' | 'alone' = 'follower'
  let link: FeedLink | null = null
  let resign: () => void = () => {}
  let status: FeedStatus = 'connecting'
  /** When a beat was last told (leader) or heard (follower). */
  let beatAt = clock.now()
  let cancelWatch: () => void = () => {}

  function post(word: Word): void {
    if (!leaving.signal.aborted) channel?.postMessage(word)
  }

  function setStatus(next: FeedStatus): void {
    status = next
    deps.onStatus(next)
    if (role === 'leader') beat()
  }

  function beat(): void {
    beatAt = clock.now()
    post({ v: 1, from: name, kind: 'status', status })
  }

  function connect(): void {
    link?.close()
    link = createFeedLink({
      ...deps,
      onStatus: setStatus,
      onHeard() {
        // Told when bytes come, not by a timer: those of a hidden tab are late.
        if (role === 'leader' && clock.now() - beatAt >= BEAT_MS) beat()
      },
      onMessage(type, data) {
        deps.onMessage(type, data)
        if (role !== 'leader') return
        known.take(type, data)
        post({ v: 1, from: name, kind: 'message', to: null, type, data })
      },
    })
  }

  function lead(): void {
    if (leaving.signal.aborted) return
    role = 'leader'
    cancelWatch()
    known.forget()
    connect()
  }

  /** Without waiting to be elected: this browser cannot share, or the leader is silent. */
  function goAlone(): void {
    role = 'alone'
    connect()
  }

  function follow(): void {
    role = 'follower'
    link?.close()
    link = null
    post({ v: 1, from: name, kind: 'hello' })
  }

  function watchLeader(): void {
    cancelWatch = clock.after(BEAT_MS, () => {
      const visible = !deps.lifecycle.pauses().includes('hidden')
      if (role === 'follower' && visible && clock.now() - beatAt >= LEADER_SILENCE_MS) goAlone()
      watchLeader()
    })
  }

  function onWord(word: Word): void {
    if (role === 'leader') {
      if (word.kind === 'hello') welcome(word.from)
      return
    }
    if (word.kind === 'hello') return
    beatAt = clock.now()
    if (role === 'alone') {
      if (word.kind === 'status' && word.status === 'online') follow()
      return
    }
    if (word.kind === 'status') setStatus(word.status)
    else if (word.to === null || word.to === name) deps.onMessage(word.type, word.data)
  }

  /** A newcomer is given what a fresh connection would give it. */
  function welcome(to: string): void {
    link?.hint()
    beat()
    const snapshot = known.snapshot()
    if (snapshot !== null) post({ v: 1, from: name, kind: 'message', to, type: 'snapshot', data: snapshot })
    else if (status === 'online' && known.lost()) link?.restart()
  }

  async function stand(locks: Pick<LockManager, 'request'>): Promise<void> {
    try {
      await locks.request(FEED_LOCK, { signal: leaving.signal }, () => new Promise<void>((resolve) => {
        resign = resolve
        lead()
      }))
    } catch (error) {
      if (leaving.signal.aborted) return // we left before it was our turn
      log.warn('locks do not work here; this tab has its own feed', { error: String(error) })
      goAlone()
    }
  }

  if (channel === null || deps.locks === null) goAlone()
  else {
    channel.onmessage = ({ data }) => {
      if (isWord(data)) onWord(data)
    }
    follow()
    watchLeader()
    void stand(deps.locks)
  }

  return {
    leads: () => role !== 'follower',
    hint() {
      if (role === 'follower') post({ v: 1, from: name, kind: 'hello' })
      else link?.hint()
    },
    stir() {
      if (role === 'follower') post({ v: 1, from: name, kind: 'hello' })
      else link?.restart()
    },
    leave() {
      leaving.abort()
      cancelWatch()
      link?.close()
      resign()
      if (channel !== null) {
        channel.onmessage = null
        channel.close()
      }
    },
  }
}

function isWord(value: unknown): value is Word {
  if (typeof value !== 'object' || value === null) return false
  const word = value as Partial<Record<string, unknown>>
  if (word['v'] !== 1 || typeof word['from'] !== 'string') return false
  switch (word['kind']) {
    case 'hello':
      return true
    case 'message':
      return typeof word['type'] === 'string' && typeof word['data'] === 'string' && (word['to'] === null || typeof word['to'] === 'string')
    case 'status':
      return (statuses as readonly unknown[]).includes(word['status'])
    default:
      return false
  }
}

function onceEach(tell: (status: FeedStatus) => void): (status: FeedStatus) => void {
  let told: FeedStatus = 'connecting'
  return (status) => {
    if (status === told) return
    told = status
    tell(status)
  }
}
