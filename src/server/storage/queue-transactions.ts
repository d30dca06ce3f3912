/** What a person does with messages that wait; same rules as transactions.ts. */
import type { MessageId, ThreadId } from '../../shared/ids.ts'
import type { PatchQueued, Thread } from '../../shared/protocol.ts'
import { keepFiles, saidParts } from './file-rows.ts'
import { makeWay, offer, waiting } from './queue-rows.ts'
import type { QueueRow, RunRow } from './records.ts'
import type { Change } from './storage.ts'
import type { Tables } from './tables.ts'
import { readThread, threadChange, unchanged } from './thread-rows.ts'
import type { Done } from './thread-rows.ts'

interface Queued {
  readonly thread: ThreadId
  readonly message: MessageId
}

export function patchQueued(tables: Tables, input: Queued & { readonly patch: PatchQueued }): Done<Thread | null> {
  const parts = input.patch.parts === undefined ? undefined : saidParts(tables, input.patch.parts)
  if (typeof parts === 'string') return unchanged(null)
  return onQueued(tables, input, (row, live) => {
    const { before } = input.patch
    const edited = parts === undefined ? row : { ...row, parts: JSON.stringify(parts) }
    if (parts !== undefined) {
      keepFiles(tables, input.thread, parts)
      tables.putQueued(edited)
    }
    if (before !== undefined) move(tables, edited, before)
    return row.state === 'steering' && live !== undefined ? [offer(tables, live)] : []
  })
}

/** In front of `before`; to the end where that is null, or waits no longer. */
function move(tables: Tables, row: QueueRow, before: MessageId | null): void {
  const others = waiting(tables.queue(row.thread)).filter((other) => other.id !== row.id)
  const place = others.findIndex((other) => other.id === before)
  const order = place < 0 ? [...others, row] : others.toSpliced(place, 0, row)
  for (const [position, one] of order.entries()) if (one.position !== position) tables.putQueued({ ...one, position })
}

export function removeQueued(tables: Tables, input: Queued): Done<Thread | null> {
  return onQueued(tables, input, (row, live) => {
    tables.dropQueued(input.thread, input.message)
    return row.state === 'steering' && live !== undefined ? [offer(tables, live)] : []
  })
}

/** It is the next to start, paused or not, and the run that is under way makes way for it. */
export function sendQueuedNow(tables: Tables, input: Queued): Done<Thread | null> {
  return onQueued(tables, input, (row, live) => {
    const first = Math.min(0, ...tables.queue(input.thread).map(({ position }) => position)) - 1
    tables.putQueued({ ...row, state: 'next', position: first })
    return [...(row.state === 'steering' && live !== undefined ? [offer(tables, live)] : []), ...makeWay(tables, live)]
  })
}

/** Offers it to the run that is under way. Without one it is the next to start. */
export function steerQueued(tables: Tables, input: Queued): Done<Thread | null> {
  return onQueued(tables, input, (row, live) => {
    // A run that is being stopped takes nothing up any more.
    const listening = live !== undefined && live.status !== 'cancelling'
    if (live === undefined) tables.putQueued({ ...row, state: 'next' })
    else if (listening) tables.putQueued({ ...row, state: 'steering' })
    return listening ? [offer(tables, live)] : []
  })
}

export function resumeQueue(tables: Tables, input: { readonly thread: ThreadId }): Done<Thread | null> {
  const row = tables.thread(input.thread)
  if (row === undefined || row.deleted_at !== null) return unchanged(null)
  if (row.queue_paused === null) return unchanged(readThread(tables, input.thread))
  tables.updateThread(input.thread, { queue_paused: null })
  return { value: readThread(tables, input.thread), changes: [threadChange(tables, input.thread)] }
}

/** Null: there is no such thread, or the message waits no longer. */
function onQueued(tables: Tables, { thread, message }: Queued, act: (row: QueueRow, live: RunRow | undefined) => readonly Change[]): Done<Thread | null> {
  const row = tables.thread(thread)?.deleted_at === null ? waiting(tables.queue(thread)).find((one) => one.id === message) : undefined
  if (row === undefined) return unchanged(null)
  const changes = act(row, tables.liveRun(thread))
  return { value: readThread(tables, thread), changes: [...changes, threadChange(tables, thread)] }
}
