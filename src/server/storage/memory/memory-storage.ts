import { randomBytes } from 'node:crypto'
import type { Incarnation } from '../../../shared/ids.ts'
import type { RunEvent } from '../../../shared/protocol.ts'
import { createFollowers } from '../followers.ts'
import type { StorageLog } from '../followers.ts'
import { operations } from '../operations.ts'
import type { OperationInput, OperationName, OperationValue } from '../operations.ts'
import { createReads } from '../reads.ts'
import { StorageError } from '../storage.ts'
import type { Storage } from '../storage.ts'
import type { Tables } from '../tables.ts'
import type { Done } from '../thread-rows.ts'
import { createWrites } from '../writes.ts'
import { createMemoryTables } from './memory-tables.ts'

/** A store that lasts as long as the process: for tests, and for trying Holdfast without a disk. */
export function createMemoryStorage({ now = Date.now, log }: { readonly now?: () => number; readonly log?: StorageLog } = {}): Storage {
  const tables = createMemoryTables(randomBytes(4).toString('base64url') as Incarnation, now)
  const followers = createFollowers(log)
  let open = true

  const writes = createWrites(async <K extends OperationName>(name: K, input: OperationInput<K>, events: readonly RunEvent[] = []) => {
    if (!open) throw new StorageError('The store is closed.', { retryable: false })
    const operate = operations[name] as (tables: Tables, input: OperationInput<K>, now: number) => Done<OperationValue<K>>
    const done = operate(tables, input, now())
    followers.tell(done.changes, events)
    return done.value
  })

  return {
    incarnation: tables.incarnation,
    ...writes,
    ...createReads(tables),
    follow: followers.follow,
    ready: async () => open,
    async close() {
      open = false
    },
  }
}
