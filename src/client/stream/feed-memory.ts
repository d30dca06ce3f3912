/** What the leading tab knows of all active and unread threads, so that a tab that joins can be told at once. */
import { decodeFeedEvent, outcomes, ProtocolError } from '../../shared/protocol.ts'
import type { FeedEvent, Run, Thread } from '../../shared/protocol.ts'

export interface FeedMemory {
  /** Takes in a feed message as it came. */
  take(type: string, data: string): void
  /** The data of a `snapshot` message that says the same as everything taken in; null where that is not known. */
  snapshot(): string | null
  /** True if it was known once: a fresh snapshot from the server is needed to know it again. */
  lost(): boolean
  forget(): void
}

export function createFeedMemory(): FeedMemory {
  let threads: Map<string, Thread> | null = null
  let lost = false

  function loseTrack(): void {
    threads = null
    lost = true
  }

  function fold(event: FeedEvent): void {
    if (event.type === 'snapshot') {
      threads = new Map(event.threads.map((thread) => [thread.id, thread]))
      lost = false
      return
    }
    if (threads === null) return
    switch (event.type) {
      case 'thread.changed':
        keep(threads, event.thread)
        return
      case 'thread.removed':
        threads.delete(event.thread)
        return
      case 'run.changed': {
        const thread = threads.get(event.run.thread)
        if (thread !== undefined) keep(threads, { ...thread, activeRun: isActive(event.run) ? event.run : thread.activeRun?.id === event.run.id ? null : thread.activeRun })
        else if (isActive(event.run)) loseTrack() // a run of a thread that we were never told of
        return
      }
      case 'agents.changed': // asked for anew by each page that begins
        return
      default:
        event satisfies never
    }
  }

  return {
    take(type, data) {
      try {
        const event = decodeFeedEvent(type, data)
        if (event !== null) fold(event)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        loseTrack() // it said something that we cannot read
      }
    },
    snapshot: () => (threads === null ? null : JSON.stringify({ threads: [...threads.values()] })),
    lost: () => lost,
    forget() {
      threads = null
      lost = false
    },
  }
}

function keep(threads: Map<string, Thread>, thread: Thread): void {
  if (thread.activeRun !== null || thread.unread) threads.set(thread.id, thread)
  else threads.delete(thread.id)
}

function isActive(run: Run): boolean {
  return !(outcomes as readonly string[]).includes(run.status)
}
