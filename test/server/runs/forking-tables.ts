/** One thread and its run as a value: the real transactions work on a copy, so that a world can go on in many ways. */
import { decodeEvent } from '../../../src/server/storage/journal-codec.ts'
import type { EventBatch } from '../../../src/server/storage/journal-codec.ts'
import { operations } from '../../../src/server/storage/operations.ts'
import type { OperationInput, OperationName, OperationValue } from '../../../src/server/storage/operations.ts'
import type { MessageRow, RunRow, ThreadRow } from '../../../src/server/storage/records.ts'
import type { Tables } from '../../../src/server/storage/tables.ts'
import type { Done } from '../../../src/server/storage/thread-rows.ts'
import type { Incarnation } from '../../../src/shared/ids.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'

export interface Rows {
  readonly thread: ThreadRow | undefined
  readonly run: RunRow | undefined
  readonly messages: readonly MessageRow[]
  readonly journal: readonly RunEvent[]
}

export const noRows: Rows = { thread: undefined, run: undefined, messages: [], journal: [] }

/** One transaction at `now`. Throws as the store does, and then nothing has changed. */
export function transact<K extends OperationName>(before: Rows, now: number, name: K, input: OperationInput<K>): { readonly rows: Rows; readonly value: OperationValue<K> } {
  const after = { ...before }
  const operate = operations[name] as (tables: Tables, input: OperationInput<K>, now: number) => Done<OperationValue<K>>
  const { value } = operate(tablesOf(after, now), input, now)
  return { rows: after, value }
}

function tablesOf(rows: { -readonly [K in keyof Rows]: Rows[K] }, now: number): Tables {
  const stored = (row: RunRow | undefined) => (row === undefined ? [] : [row])
  const used: Partial<Tables> = {
    incarnation: 'model' as Incarnation,
    leaseClock: () => now,
    thread: () => rows.thread,
    insertThread: (row) => { rows.thread = row },
    updateThread: (_id, patch) => { if (rows.thread !== undefined) rows.thread = { ...rows.thread, ...patch } },
    run: (id) => (rows.run?.id === id ? rows.run : undefined),
    runByKey: () => rows.run,
    insertRun(row) {
      rows.run = { ...row, key: 1 }
      return rows.run
    },
    updateRun: (_key, patch) => { if (rows.run !== undefined) rows.run = { ...rows.run, ...patch } },
    newestRun: () => rows.run,
    activeRun: () => (rows.run?.settled === 0 ? rows.run : undefined),
    liveRun: () => (rows.run?.outcome === null ? rows.run : undefined),
    liveRuns: () => stored(rows.run).filter((row) => row.outcome === null),
    unsettledRuns: () => stored(rows.run).filter((row) => row.outcome !== null && row.settled === 0),
    message: (_thread, id) => rows.messages.find((row) => row.id === id),
    newestMessage: () => rows.messages.at(-1),
    insertMessage: (row) => { rows.messages = [...rows.messages, row] },
    repointMessages: () => undefined, // nobody sends a second message here
    queue: () => [],
    insertEvents: (_run, batch, from) => { rows.journal = [...rows.journal, ...eventsOf(batch).slice(from - batch.firstSeq)] },
    event: (_run, seq) => encoded(rows.journal[seq - 1]),
    expireApprovals: () => undefined,
    pendingApprovals: () => 0,
  }
  return used as Tables
}

const batches = new WeakMap<RunEvent, { readonly at: number; readonly kind: number; readonly payload: string }>()

/** As they come out of the journal, and remembered as they went in. */
function eventsOf(batch: EventBatch): RunEvent[] {
  return batch.kind.map((kind, index) => {
    const row = { at: batch.at[index] ?? 0, kind, payload: batch.payload[index] ?? '' }
    const event = decodeEvent(batch.firstSeq + index, row.at, row.kind, row.payload)
    batches.set(event, row)
    return event
  })
}

function encoded(event: RunEvent | undefined): { readonly at: number; readonly kind: number; readonly payload: string } | undefined {
  return event === undefined ? undefined : batches.get(event)
}
