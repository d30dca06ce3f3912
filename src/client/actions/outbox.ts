/**
 * Tries again, by itself, to send what the server did not get: after a while, and at once when the server is heard of. A message keeps its id,
 * so however often and from however many tabs it is sent, it makes one turn.
 */
import type { MessageId, ThreadId } from '../../shared/ids.ts'
import type { Outgoing, State } from '../store/state.ts'
import type { ActionDeps } from './deps.ts'
import { inBackground } from './trouble.ts'

export interface Outbox {
  /** Something waits to be sent: tries again after a while, longer each time. */
  wait(): void
  /** Something got through: the next trouble begins anew. */
  reached(): void
  /** The server may be there (again): tries all that waits now. */
  stir(): void
}

export interface OutboxDeps extends Pick<ActionDeps, 'store' | 'clock' | 'log'> {
  /** Sends one message that waits. Resolves when it is known what became of it. */
  readonly send: (thread: ThreadId, id: MessageId) => Promise<void>
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

export function createOutbox({ store, clock, log, send }: OutboxDeps): Outbox {
  let failures = 0
  let cancel: (() => void) | null = null
  const busy = new Set<ThreadId>()

  /** The messages of a thread one after the other, oldest first: the next one only once the one before has left. */
  async function empty(thread: ThreadId): Promise<void> {
    if (busy.has(thread)) return
    busy.add(thread)
    try {
      for (let next = firstWaiting(store.getState(), thread); next !== undefined; next = firstWaiting(store.getState(), thread)) {
        await send(thread, next.id)
        if (firstWaiting(store.getState(), thread)?.id === next.id) break
      }
    } finally {
      busy.delete(thread)
    }
  }

  function stir(): void {
    cancel?.()
    cancel = null
    for (const thread of Object.keys(store.getState().content) as ThreadId[]) inBackground(log, 'sending what waits', () => empty(thread))
  }

  return {
    wait() {
      if (cancel !== null) return
      const ms = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures)
      failures++
      cancel = clock.after(ms, stir)
    },
    reached() {
      failures = 0
    },
    stir,
  }
}

function firstWaiting(state: State, thread: ThreadId): Outgoing | undefined {
  return state.content[thread]?.outgoing.find((one) => one.status === 'waiting')
}
