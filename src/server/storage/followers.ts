import type { RunEvent } from '../../shared/protocol.ts'
import type { Change } from './storage.ts'
import type { Done } from './thread-rows.ts'

/** What a store may say about its own health; pino's loggers fit. */
export interface StorageLog {
  info(details: object, text: string): void
  warn(details: object, text: string): void
  error(details: object, text: string): void
}

export interface Followers {
  follow(listener: (change: Change) => void): () => void
  /** Tells everyone of a durable write, in order. A listener that throws is logged and keeps nobody from hearing. */
  tell(changes: Done<unknown>['changes'], events: readonly RunEvent[]): void
}

export function createFollowers(log: StorageLog | undefined): Followers {
  const listeners = new Set<{ readonly hear: (change: Change) => void }>()
  return {
    follow(hear) {
      const entry = { hear } // its own entry, so that the same function may follow twice
      listeners.add(entry)
      return () => {
        listeners.delete(entry)
      }
    },
    tell(changes, events) {
      for (const told of changes) {
        const change: Change = told.kind === 'appended' ? { kind: 'events', run: told.run, events: events.filter((event) => event.seq >= told.from) } : told
        for (const { hear } of listeners) {
          try {
            hear(change)
          } catch (error) {
            log?.error({ err: error, change: change.kind }, 'A follower of the store failed on a change; the change itself is safe.')
          }
        }
      }
    },
  }
}
