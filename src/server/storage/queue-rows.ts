/** A thread's queue as rows: what joins it, what is due, what stops it. Used by the transactions that a queue takes part in. */
import type { MessageId, ThreadId } from '../../shared/ids.ts'
import type { Queue, SaidPart } from '../../shared/protocol.ts'
import type { QueueRow, RunRow, ThreadRow } from './records.ts'
import type { Change } from './storage.ts'
import type { Tables } from './tables.ts'
import { markStopping, threadChange } from './thread-rows.ts'

/** More than anybody writes during one answer; a program that sends for ever must not fill the disk. */
const LONGEST = 100

type NewRow = Omit<QueueRow, 'position' | 'state' | 'run'>

/** Rows that still wait, in order. */
export function waiting(rows: readonly QueueRow[]): readonly QueueRow[] {
  return rows.filter((row) => row.state !== 'taken')
}

/** Puts a message at the end of the queue; `first`: at its beginning, and the run that is under way makes way for it. */
export function enqueue(tables: Tables, thread: ThreadRow, live: RunRow | undefined, row: NewRow, first: boolean): readonly Change[] | 'full' {
  const rows = tables.queue(thread.id)
  if (waiting(rows).length >= LONGEST) return 'full'
  if (waiting(rows).length === 0) tables.updateThread(thread.id, { queue_paused: null }) // what paused an earlier queue is no matter of this one
  const ends = rows.map(({ position }) => position)
  tables.putQueued({ ...row, position: first ? Math.min(0, ...ends) - 1 : Math.max(0, ...ends) + 1, state: first ? 'next' : 'waiting', run: null })
  return [...(first ? makeWay(tables, live) : []), threadChange(tables, thread.id)]
}

/** Stops the run that is under way, if it is not being stopped already. */
export function makeWay(tables: Tables, live: RunRow | undefined): readonly Change[] {
  return live === undefined || live.status === 'cancelling' ? [] : markStopping(tables, live, 'user')
}

/** The message that would start now if no run were under way. */
export function nextQueued(thread: ThreadRow, rows: readonly QueueRow[]): QueueRow | undefined {
  const ready = waiting(rows)
  return ready.find((row) => row.state === 'next') ?? (thread.queue_paused === null ? ready[0] : undefined)
}

/** Lets nothing start by itself until somebody says so. Answers whether anything has changed. */
export function pause(tables: Tables, thread: ThreadId, reason: Exclude<Queue['paused'], null>): boolean {
  const rows = waiting(tables.queue(thread))
  if (rows.length === 0) return false
  for (const row of rows) if (row.state === 'next') tables.putQueued({ ...row, state: 'waiting' })
  if (tables.thread(thread)?.queue_paused === null) tables.updateThread(thread, { queue_paused: reason })
  return true
}

/** What was offered to a run that has ended, and that it did not take up, waits like the rest. Answers whether there was any. */
export function withdrawSteering(tables: Tables, thread: ThreadId): boolean {
  const offered = tables.queue(thread).filter((row) => row.state === 'steering')
  for (const row of offered) tables.putQueued({ ...row, state: 'waiting' })
  return offered.length > 0
}

/** What the run that is under way is offered now, for its owner. */
export function offer(tables: Tables, live: RunRow): Change {
  const rows = tables.queue(live.thread).filter((row) => row.state === 'steering')
  return { kind: 'steer', run: live.id, messages: rows.map(({ id, parts }) => ({ id, parts: JSON.parse(parts) as SaidPart[] })) }
}

/** The agent took it up: it waits no longer, and is known until the run has settled. */
export function markTaken(tables: Tables, run: RunRow, message: MessageId): boolean {
  const row = tables.queue(run.thread).find((one) => one.id === message)
  if (row === undefined) return false
  tables.putQueued({ ...row, state: 'taken', run: run.key })
  return true
}
