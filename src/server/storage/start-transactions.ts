/** How a run begins: with a message that was just sent, one that is answered once more, or the next of the queue. Same rules as transactions.ts. */
import { humanParts } from '../../shared/human.ts'
import type { MessageId, ThreadId } from '../../shared/ids.ts'
import type { Message, SaidPart } from '../../shared/protocol.ts'
import { keepFiles, saidParts } from './file-rows.ts'
import { encodeBatch } from './journal-codec.ts'
import { enqueue, nextQueued } from './queue-rows.ts'
import { fromCounters, messageRow, storableTitle, toMessage, toRun } from './records.ts'
import type { MessageRow, RunRow } from './records.ts'
import { StorageError } from './storage.ts'
import type { StartInput, StartQueuedInput, StartResult } from './storage.ts'
import type { Tables } from './tables.ts'
import { newThread, readThread, threadChange, unchanged } from './thread-rows.ts'
import type { Done } from './thread-rows.ts'

export function start(tables: Tables, input: StartInput, now: number): Done<StartResult> {
  const thread = tables.thread(input.thread)
  if (thread !== undefined && thread.deleted_at !== null) return unchanged({ kind: 'missing', what: 'thread' })
  const regenerate = 'regenerate' in input.message
  const messageId = 'regenerate' in input.message ? input.message.regenerate : input.message.id
  const known = tables.message(input.thread, messageId)
  if (!regenerate && known !== undefined) return repeated(tables, known, input.fingerprint)
  const queued = tables.queue(input.thread)
  const waiting = queued.find((row) => row.id === messageId)
  if (waiting !== undefined) return repeatedInQueue(tables, waiting, input.fingerprint)
  // What a person said to a run that was at work has its answer in that run: there is nothing to answer once more.
  if (regenerate && (known?.role !== 'user' || known.idx !== 0)) return unchanged({ kind: 'missing', what: 'message' })
  const after = known === undefined ? followed(tables, input) : known.after
  if (after === undefined) return unchanged({ kind: 'missing', what: 'message' })
  const taken = tables.run(input.run)
  if (taken !== undefined && regenerate) return again(tables, taken, input.thread, messageId)
  if (taken !== undefined) throw new StorageError(`There is a run ${input.run} already.`, { retryable: false })
  const parts = 'parts' in input.message ? saidParts(tables, input.message.parts) : []
  if (typeof parts === 'string') return unchanged({ kind: 'missing-file', file: parts })
  const live = tables.liveRun(input.thread)
  const ahead = queued.some((row) => row.state !== 'taken') && thread?.queue_paused === null
  if ('parts' in input.message && thread !== undefined && (input.ifBusy === 'interrupt' ? live !== undefined : input.ifBusy === 'queue' && (live !== undefined || ahead))) {
    const changes = enqueue(tables, thread, live, {
      thread: input.thread, id: messageId, agent: input.agent, model: input.model, parts: JSON.stringify(parts),
      after: input.after === undefined ? null : JSON.stringify(input.after), fingerprint: input.fingerprint, created_at: now,
    }, input.ifBusy === 'interrupt')
    if (changes !== 'full') keepFiles(tables, input.thread, parts)
    return changes === 'full' ? unchanged({ kind: 'full' }) : { value: { kind: 'queued', thread: readThread(tables, input.thread) }, changes }
  }
  if (live !== undefined) return unchanged({ kind: 'busy', activeRun: toRun(live, tables.incarnation) })

  if (thread === undefined) tables.insertThread(newThread(input.thread, now))
  return begin(tables, input, { id: messageId, known, after, parts }, now)
}

/** Starts the message that is due, if one is: out of the queue and into the thread, all at once. */
export function startQueued(tables: Tables, input: StartQueuedInput, now: number): Done<Extract<StartResult, { kind: 'started' }> | null> {
  const thread = tables.thread(input.thread)
  if (thread === undefined || thread.deleted_at !== null || tables.liveRun(input.thread) !== undefined) return unchanged(null)
  const next = nextQueued(thread, tables.queue(input.thread))
  if (next === undefined) return unchanged(null)
  const asked = next.after === null ? undefined : (JSON.parse(next.after) as MessageId | null)
  const after = chain(tables, input.thread, asked) ?? chain(tables, input.thread, undefined) ?? null
  tables.dropQueued(input.thread, next.id)
  const parts = JSON.parse(next.parts) as readonly SaidPart[]
  const { run, owner, leaseMs } = input
  return begin(tables, {
    thread: input.thread, run, owner, leaseMs, agent: next.agent, model: next.model, message: { id: next.id, parts: [] }, fingerprint: next.fingerprint, title: '',
  }, { id: next.id, known: undefined, after, parts }, now)
}

type Beginning = { readonly id: MessageId; readonly known: MessageRow | undefined; readonly after: MessageId | null; readonly parts: readonly SaidPart[] }

function begin(tables: Tables, input: StartInput, { id, known, after, parts }: Beginning, now: number): Done<Extract<StartResult, { kind: 'started' }>> {
  const thread = tables.thread(input.thread)
  tables.updateThread(input.thread, {
    agent: input.agent,
    model: input.model,
    updated_at: now,
    archived: 0, // a chat that is written in is not put away
    ...(thread?.renamed !== 1 && (thread?.title ?? '') === '' ? { title: storableTitle(input.title || (parts.find((part) => part.kind === 'file')?.name ?? '')) } : {}),
  })
  const row = tables.insertRun({
    id: input.run, thread: input.thread, message: id, status: 'running', outcome: null, settled: 0, waiting: 0, error: null,
    agent: input.agent, model: input.model, started_at: now, ended_at: null, ...fromCounters({ usage: {}, modelCalls: 0, toolCalls: 0, messages: 0 }), notices: '[]',
    last_seq: 1, last_message: null, stop_by: null, owner: input.owner, epoch: 1, epoch_base: 0, lease_until: tables.leaseClock() + input.leaseMs,
    folded: 0,
  })
  const message = known === undefined ? humanMessage(input, { id, after, parts }, now) : { ...toMessage(known), after }
  if (known === undefined) {
    keepFiles(tables, input.thread, parts)
    tables.insertMessage(messageRow({ thread: input.thread, run: row.key, idx: 0, fingerprint: input.fingerprint }, message))
  }
  const event = { type: 'run.started' as const, seq: 1, at: now, run: input.run, thread: input.thread, message, agent: input.agent, model: input.model }
  tables.insertEvents(row, encodeBatch([event]), 1)
  const run = toRun(row, tables.incarnation)
  return {
    value: { kind: 'started', run, epoch: 1, event },
    changes: [threadChange(tables, input.thread), { kind: 'run', run }, { kind: 'events', run: input.run, events: [event] }],
  }
}

/** This message id was accepted before: with the same request its first run is the answer. */
function repeated(tables: Tables, known: { readonly run: number; readonly fingerprint: string | null }, fingerprint: string): Done<StartResult> {
  const first = tables.runByKey(known.run)
  if (known.fingerprint !== fingerprint || first === undefined) return unchanged({ kind: 'conflict' })
  return unchanged({ kind: 'same', run: toRun(first, tables.incarnation) })
}

function repeatedInQueue(tables: Tables, row: { readonly thread: ThreadId; readonly run: number | null; readonly fingerprint: string }, fingerprint: string): Done<StartResult> {
  if (row.fingerprint !== fingerprint) return unchanged({ kind: 'conflict' })
  return row.run === null ? unchanged({ kind: 'queued', thread: readThread(tables, row.thread) }) : repeated(tables, { run: row.run, fingerprint }, fingerprint)
}

/** The id of a Retry's run is taken: by the same Retry, then that run is the answer, or by something else. */
function again(tables: Tables, taken: RunRow, thread: ThreadId, message: MessageId): Done<StartResult> {
  const same = taken.thread === thread && taken.message === message
  return unchanged(same ? { kind: 'same', run: toRun(taken, tables.incarnation) } : { kind: 'conflict' })
}

/** What the new message follows: where the agent is to go on, its own message; undefined where the thread has no such message. */
function followed(tables: Tables, { thread, message, after }: StartInput): MessageId | null | undefined {
  if (!('continues' in message)) return chain(tables, thread, after)
  return tables.message(thread, message.continues)?.role === 'user' ? undefined : chain(tables, thread, message.continues)
}

/**
 * The message that a new one follows; undefined if `after` names none. Left open, it is the end of the newest run: the newest agent message in its
 * journal, else the human's message it answers. The journal counts even before it is saved as messages, so that a message sent inside the
 * settling window follows the reply that was shown.
 */
function chain(tables: Tables, thread: ThreadId, after: MessageId | null | undefined): MessageId | null | undefined {
  if (after === null) return null
  if (after === undefined) {
    const newest = tables.newestRun(thread)
    return newest === undefined ? tables.newestMessage(thread)?.id ?? null : newest.last_message ?? newest.message
  }
  const known = tables.message(thread, after) !== undefined || tables.unsettledRuns(thread).some((run) => run.last_message === after)
  return known ? after : undefined
}

function humanMessage({ message, run }: StartInput, { id, after, parts }: Pick<Beginning, 'id' | 'after' | 'parts'>, now: number): Message {
  return {
    id, role: 'user', run, after, ...('continues' in message ? { continues: true as const } : {}), status: 'completed', at: now,
    parts: humanParts(parts, now),
  }
}
