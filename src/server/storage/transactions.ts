/**
 * What each write decides, once for all backends that have one writing thread. Every function here runs inside one transaction and
 * reads before it writes: where it throws, it has written nothing.
 */
import type { ApprovalId, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { Approval, Counters, Message, Run, RunEvent, Thread, Transcript } from '../../shared/protocol.ts'
import { applyEvent } from '../../shared/transcript.ts'
import { encodeBatch, lastSeqOf, notableEvents } from './journal-codec.ts'
import type { EventBatch } from './journal-codec.ts'
import { fromCounters, isLive, storableTitle, toApproval, toRun, toThread } from './records.ts'
import type { RunRow, ThreadRow } from './records.ts'
import { FencedError, StorageError } from './storage.ts'
import type { AnswerInput, AnswerResult, AppendInput, Change, ClaimInput, Claimed, EndInput, SettleInput, StartInput, StartResult } from './storage.ts'
import type { Tables } from './tables.ts'

/** What a write did. `appended` stands for the events of the batch from seq `from` on: the caller still has them. */
export interface Done<T> {
  readonly value: T
  readonly changes: readonly (Change | { readonly kind: 'appended'; readonly run: RunId; readonly from: number })[]
}

type Journaled<T extends AppendInput> = Omit<T, 'events'> & { readonly batch: EventBatch }
export type AppendBatch = Journaled<AppendInput>
export type EndBatch = Journaled<EndInput> & { readonly endedAt: number }

export function start(tables: Tables, input: StartInput, now: number): Done<StartResult> {
  const thread = tables.thread(input.thread)
  if (thread !== undefined && thread.deleted_at !== null) return unchanged({ kind: 'missing', what: 'thread' })
  const regenerate = 'regenerate' in input.message
  const messageId = 'regenerate' in input.message ? input.message.regenerate : input.message.id
  const known = tables.message(input.thread, messageId)
  if (!regenerate && known !== undefined) return repeated(tables, known, input.fingerprint)
  if (regenerate && known?.role !== 'user') return unchanged({ kind: 'missing', what: 'message' })
  const after = known === undefined ? chain(tables, input.thread, input.after) : known.after
  if (after === undefined) return unchanged({ kind: 'missing', what: 'message' })
  const taken = tables.run(input.run)
  if (taken !== undefined && regenerate) return again(tables, taken, input.thread, messageId)
  if (taken !== undefined) throw new StorageError(`There is a run ${input.run} already.`, { retryable: false })
  const live = tables.liveRun(input.thread)
  if (live !== undefined) return unchanged({ kind: 'busy', activeRun: toRun(live, tables.incarnation) })

  if (thread === undefined) tables.insertThread(newThread(input.thread, now))
  tables.updateThread(input.thread, {
    agent: input.agent,
    model: input.model,
    updated_at: now,
    ...(thread?.renamed !== 1 && (thread?.title ?? '') === '' ? { title: storableTitle(input.title) } : {}),
  })
  const row = tables.insertRun({
    id: input.run, thread: input.thread, message: messageId, status: 'running', outcome: null, settled: 0, waiting: 0, error: null,
    agent: input.agent, model: input.model, started_at: now, ended_at: null, ...fromCounters(nothingUsed), notices: '[]',
    last_seq: 1, last_message: null, stop_by: null, owner: input.owner, epoch: 1, epoch_base: 0, lease_until: tables.leaseClock() + input.leaseMs,
    folded: 0,
  })
  const message = known === undefined ? humanMessage(input, messageId, after, now) : { ...(JSON.parse(known.body) as Message), after }
  if (known === undefined) {
    tables.insertMessage({
      thread: input.thread, id: messageId, run: row.key, idx: 0, role: 'user', after, body: JSON.stringify(message), fingerprint: input.fingerprint,
    })
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

/** The id of a Retry's run is taken: by the same Retry, then that run is the answer, or by something else. */
function again(tables: Tables, taken: RunRow, thread: ThreadId, message: MessageId): Done<StartResult> {
  const same = taken.thread === thread && taken.message === message
  return unchanged(same ? { kind: 'same', run: toRun(taken, tables.incarnation) } : { kind: 'conflict' })
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

function humanMessage(input: StartInput, id: MessageId, after: MessageId | null, now: number): Message {
  const parts = 'regenerate' in input.message ? [] : input.message.parts
  return {
    id, role: 'user', run: input.run, after, status: 'completed', at: now,
    parts: parts.map((part, i) => ({ id: `h${i + 1}` as Message['parts'][number]['id'], kind: 'text', state: 'done', startedAt: now, endedAt: now, text: part.text })),
  }
}

const nothingUsed: Counters = { usage: {}, modelCalls: 0, toolCalls: 0, messages: 0 }

// ---------------------------------------------------------------- the journal

export function append(tables: Tables, input: AppendBatch): Done<null> {
  const row = held(tables, input)
  if (row.outcome !== null) throw new FencedError(`Run ${input.run} has ended (${row.outcome}); nothing can be added to it.`)
  const from = firstFresh(row, input.batch)
  const patch = journal(tables, row, input, from)
  const fresh = lastSeqOf(input.batch) >= from
  if (Object.keys(patch).length > 0) tables.updateRun(row.key, patch)
  const told = input.counters !== undefined || (patch.waiting !== undefined && patch.waiting !== row.waiting)
  return {
    value: null,
    changes: [
      ...(fresh ? [{ kind: 'appended' as const, run: row.id, from }] : []),
      ...(told ? [{ kind: 'run' as const, run: toRun({ ...row, ...patch }, tables.incarnation) }] : []),
    ],
  }
}

export function end(tables: Tables, input: EndBatch): Done<{ first: boolean; run: Run }> {
  const row = held(tables, input)
  if (row.outcome !== null) {
    // The very same end may come again after it landed but reported failure; whoever sends it did end the run.
    const again = row.outcome === input.outcome && input.batch.kind.length > 0 && lastSeqOf(input.batch) === row.last_seq && sameEvent(tables, row, input.batch)
    return unchanged({ first: again, run: toRun(row, tables.incarnation) })
  }
  const from = firstFresh(row, input.batch)
  const patch: Partial<RunRow> = {
    ...journal(tables, row, input, from),
    status: 'settling', outcome: input.outcome, ended_at: input.endedAt, waiting: 0,
    error: input.error === undefined ? null : JSON.stringify(input.error),
  }
  tables.updateRun(row.key, patch)
  tables.expireApprovals(row.key)
  const run = toRun({ ...row, ...patch }, tables.incarnation)
  return { value: { first: true, run }, changes: [{ kind: 'appended', run: row.id, from }, { kind: 'run', run }] }
}

function sameEvent(tables: Tables, row: RunRow, batch: EventBatch): boolean {
  const stored = tables.event(row, row.last_seq)
  return stored?.at === batch.at.at(-1) && stored?.kind === batch.kind.at(-1) && stored?.payload === batch.payload.at(-1)
}

function held(tables: Tables, input: { readonly run: RunId; readonly epoch: number }): RunRow {
  const row = tables.run(input.run)
  if (row === undefined) throw new FencedError(`There is no run ${input.run} any more.`)
  if (row.epoch !== input.epoch) throw new FencedError(`Run ${input.run} is at epoch ${row.epoch}; epoch ${input.epoch} may no longer write.`)
  return row
}

/** Seq of the first event that is not there yet. What is there may be given again, if this same epoch wrote it. */
function firstFresh(row: RunRow, batch: EventBatch): number {
  if (batch.kind.length === 0) return row.last_seq + 1
  if (batch.firstSeq > row.last_seq + 1) {
    throw new StorageError(`Run ${row.id}: event ${batch.firstSeq} would leave a hole after ${row.last_seq}.`, { retryable: false })
  }
  if (batch.firstSeq <= row.epoch_base) {
    throw new StorageError(`Run ${row.id}: event ${batch.firstSeq} was written by an earlier owner; read the journal and go on from ${row.last_seq + 1}.`, { retryable: false })
  }
  return row.last_seq + 1
}

/** Writes the fresh events and what they mean for the rows beside the journal. Answers with what changes in the run's row. */
function journal(tables: Tables, row: RunRow, input: AppendBatch, from: number): Partial<RunRow> {
  const patch: { -readonly [K in keyof RunRow]?: RunRow[K] } = input.counters === undefined ? {} : fromCounters(input.counters)
  const last = lastSeqOf(input.batch)
  if (last >= from) {
    tables.insertEvents(row, input.batch, from)
    patch.last_seq = last
    for (const event of notableEvents(input.batch, from)) {
      switch (event.type) {
        case 'message.started':
          patch.last_message = event.message
          break
        case 'approval.requested': {
          const { approval: id, question, input: asked, options, at: requestedAt } = event
          const approval: Approval = { id, question, input: asked, options, state: 'pending', requestedAt }
          tables.putApproval({ run: row.key, id, state: 'pending', body: JSON.stringify(approval) })
          patch.waiting = 1
          break
        }
        case 'approval.answered':
          decide(tables, row, event)
          patch.waiting = tables.pendingApprovals(row.key) > 0 ? 1 : 0
          break
        default:
          event satisfies never
      }
    }
  }
  if (input.waiting !== undefined) patch.waiting = input.waiting ? 1 : 0
  return patch
}

type Decision = { readonly approval: ApprovalId; readonly decision: string; readonly by: string; readonly note?: string | undefined; readonly at: number }

/** Records a decision on a pending approval; the first one stays. */
function decide(tables: Tables, row: RunRow, { approval: id, decision, by, note, at }: Decision): Approval | null {
  const found = tables.approval(row.key, id)
  if (found?.state !== 'pending') return null
  const answered: Approval = { ...toApproval(found), state: 'answered', decision, by, ...(note === undefined ? {} : { note }), answeredAt: at }
  tables.putApproval({ run: row.key, id, state: 'answered', body: JSON.stringify(answered) })
  return answered
}

// ---------------------------------------------------------------- after the end

export function settle(tables: Tables, input: SettleInput, now: number): Done<Run> {
  const row = tables.run(input.run)
  if (row === undefined) throw new StorageError(`There is no run ${input.run} to settle.`, { retryable: false })
  if (row.outcome === null) throw new StorageError(`Run ${input.run} has not ended, so it cannot be settled.`, { retryable: false })
  if (row.settled === 1) return unchanged(toRun(row, tables.incarnation))
  const messages = input.messages.filter((message) => message.id !== row.message)
  const taken = messages.find((message, i) => tables.message(row.thread, message.id) !== undefined || messages.findIndex((other) => other.id === message.id) !== i)
  if (taken !== undefined) throw new StorageError(`Thread ${row.thread} has a message ${taken.id} already.`, { retryable: false })

  for (const [i, message] of messages.entries()) {
    tables.insertMessage({
      thread: row.thread, id: message.id, run: row.key, idx: i + 1, role: message.role, after: message.after, body: JSON.stringify(message), fingerprint: null,
    })
  }
  const last = messages.at(-1)?.id ?? null
  // A message sent inside the settling window follows what the journal held; if that was not kept (it was empty), the chain must not break.
  if (row.last_message !== null && tables.message(row.thread, row.last_message) === undefined) tables.repointMessages(row.thread, row.last_message, last ?? row.message)
  const patch: Partial<RunRow> = {
    ...fromCounters(input.counters), status: row.outcome, settled: 1, waiting: 0, notices: JSON.stringify(input.notices), last_message: last,
  }
  tables.updateRun(row.key, patch)
  tables.updateThread(row.thread, { unread: 1, updated_at: now })
  const run = toRun({ ...row, ...patch }, tables.incarnation)
  return { value: run, changes: [{ kind: 'run', run }, threadChange(tables, row.thread)] }
}

export function foldJournals(tables: Tables, input: { readonly olderThanMs: number; readonly limit: number }, now: number): Done<number> {
  const rows = tables.runsToFold(now - input.olderThanMs, input.limit)
  for (const row of rows) {
    const transcript = foldWhole(tables.journal(row))
    if (transcript !== null) tables.foldJournal(row, JSON.stringify(transcript))
    tables.updateRun(row.key, { folded: transcript === null ? 2 : 1 })
  }
  return unchanged(rows.length)
}

/** The transcript before `stream_end`; null where the journal does not follow from itself: then what there is must not be thrown away. */
function foldWhole(events: readonly RunEvent[]): Transcript | null {
  let transcript: Transcript | null = null
  for (const event of events) {
    if (event.type === 'stream_end') return transcript
    const applied = applyEvent(transcript, event)
    if (applied.kind !== 'applied') return null
    transcript = applied.transcript
  }
  return null
}

// ---------------------------------------------------------------- who owns a run

export function claim(tables: Tables, input: ClaimInput): Done<Claimed> {
  const now = tables.leaseClock()
  const held = new Set(input.held)
  const lost = tables.liveRuns().filter((row) => !held.has(row.id) && (row.lease_until <= now || (input.all === true && row.owner !== input.owner)))
  const orphans = lost.map((row) => {
    const patch = { owner: input.owner, epoch: row.epoch + 1, epoch_base: row.last_seq, lease_until: now + input.leaseMs }
    tables.updateRun(row.key, patch)
    return { run: toRun({ ...row, ...patch }, tables.incarnation), epoch: patch.epoch, stopRequestedBy: row.stop_by }
  })
  return unchanged({ orphans, unsettled: tables.unsettledRuns().map((row) => toRun(row, tables.incarnation)) })
}

export function renew(tables: Tables, input: { readonly owner: string; readonly leaseMs: number; readonly runs: readonly RunId[] }): Done<readonly RunId[]> {
  const until = tables.leaseClock() + input.leaseMs
  return unchanged(input.runs.filter((id) => {
    const row = tables.run(id)
    if (row?.owner !== input.owner) return true
    if (isLive(row)) tables.updateRun(row.key, { lease_until: until })
    return false
  }))
}

export function requestStop(tables: Tables, input: { readonly run: RunId; readonly by: string }): Done<Run | null> {
  const row = tables.run(input.run)
  if (row === undefined) return unchanged(null)
  if (row.outcome !== null || row.status === 'cancelling') return unchanged(toRun(row, tables.incarnation))
  const patch: Partial<RunRow> = { status: 'cancelling', stop_by: input.by }
  tables.updateRun(row.key, patch)
  const run = toRun({ ...row, ...patch }, tables.incarnation)
  return { value: run, changes: [{ kind: 'stop', run: row.id, by: input.by }, { kind: 'run', run }] }
}

export function answerApproval(tables: Tables, input: AnswerInput): Done<AnswerResult> {
  const row = tables.run(input.run)
  const found = row === undefined ? undefined : tables.approval(row.key, input.approval)
  if (row === undefined || found === undefined) return unchanged({ kind: 'missing' })
  const approval = toApproval(found)
  if (approval.state === 'expired') return unchanged({ kind: 'expired', approval })
  if (approval.state === 'answered') return unchanged({ kind: approval.decision === input.decision ? 'same' : 'different', approval })
  // Whoever asked has been told to stop and does not listen any more.
  if (row.status === 'cancelling') return unchanged({ kind: 'expired', approval })
  if (!approval.options.includes(input.decision)) return unchanged({ kind: 'invalid', approval })
  const answered = decide(tables, row, input) ?? approval
  const patch = { waiting: tables.pendingApprovals(row.key) > 0 ? 1 as const : 0 as const }
  tables.updateRun(row.key, patch)
  const { decision, note, by } = input
  return {
    value: { kind: 'answered', approval: answered },
    changes: [
      { kind: 'answer', run: row.id, approval: input.approval, decision, ...(note === undefined ? {} : { note }), by },
      { kind: 'run', run: toRun({ ...row, ...patch }, tables.incarnation) },
    ],
  }
}

// ---------------------------------------------------------------- shared with thread-transactions.ts

export function unchanged<T>(value: T): Done<T> {
  return { value, changes: [] }
}

export function newThread(id: ThreadId, now: number): ThreadRow {
  return {
    id, title: '', renamed: 0, agent: null, model: null, pinned: 0, archived: 0, unread: 0, draft: '""', created_at: now, updated_at: now, deleted_at: null,
  }
}

/** The thread as everybody sees it, its active run included. Throws if there is none: callers have just read or written it. */
export function readThread(tables: Tables, id: ThreadId): Thread {
  const row = tables.thread(id)
  if (row === undefined) throw new StorageError(`There is no thread ${id}.`, { retryable: false })
  const active = tables.activeRun(id)
  return toThread(row, active === undefined ? null : toRun(active, tables.incarnation))
}

/** A deleted thread stays hidden, even while a run of it still goes on. */
export function threadChange(tables: Tables, id: ThreadId): Change {
  const hidden = tables.thread(id)?.deleted_at !== null
  return hidden ? { kind: 'thread-removed', thread: id } : { kind: 'thread', thread: readThread(tables, id) }
}
