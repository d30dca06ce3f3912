/**
 * What each write decides, once for all backends that have one writing thread. Every function here runs inside one transaction and
 * reads before it writes: where it throws, it has written nothing.
 */
import type { ApprovalId, RunId } from '../../shared/ids.ts'
import { inputHash } from '../../shared/input-hash.ts'
import type { Approval, Run, RunEvent, Transcript } from '../../shared/protocol.ts'
import { applyEvent } from '../../shared/transcript.ts'
import { lastSeqOf, notableEvents } from './journal-codec.ts'
import type { EventBatch } from './journal-codec.ts'
import { markTaken, pause, withdrawSteering } from './queue-rows.ts'
import { fromCounters, isLive, messageRow, toApproval, toRun } from './records.ts'
import type { RunRow } from './records.ts'
import { FencedError, StorageError } from './storage.ts'
import type { AnswerInput, AnswerResult, AppendInput, ClaimInput, Claimed, EndInput, SettleInput } from './storage.ts'
import type { Tables } from './tables.ts'
import { markStopping, threadChange, unchanged } from './thread-rows.ts'
import type { Done } from './thread-rows.ts'

type Journaled<T extends AppendInput> = Omit<T, 'events'> & { readonly batch: EventBatch }
export type AppendBatch = Journaled<AppendInput>
export type EndBatch = Journaled<EndInput> & { readonly endedAt: number }

// ---------------------------------------------------------------- the journal

export function append(tables: Tables, input: AppendBatch): Done<null> {
  const row = held(tables, input)
  if (row.outcome !== null) throw new FencedError(`Run ${input.run} has ended (${row.outcome}); nothing can be added to it.`)
  const from = firstFresh(row, input.batch)
  const { patch, queueChanged } = journal(tables, row, input, from)
  const fresh = lastSeqOf(input.batch) >= from
  if (Object.keys(patch).length > 0) tables.updateRun(row.key, patch)
  const told = input.counters !== undefined || (patch.waiting !== undefined && patch.waiting !== row.waiting)
  return {
    value: null,
    changes: [
      ...(fresh ? [{ kind: 'appended' as const, run: row.id, from }] : []),
      ...(told ? [{ kind: 'run' as const, run: toRun({ ...row, ...patch }, tables.incarnation) }] : []),
      ...(queueChanged ? [threadChange(tables, row.thread)] : []),
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
  const journaled = journal(tables, row, input, from)
  const patch: Partial<RunRow> = {
    ...journaled.patch,
    status: 'settling', outcome: input.outcome, ended_at: input.endedAt, waiting: 0,
    error: input.error === undefined ? null : JSON.stringify(input.error),
  }
  tables.updateRun(row.key, patch)
  tables.expireApprovals(row.key)
  const run = toRun({ ...row, ...patch }, tables.incarnation)
  const withdrawn = withdrawSteering(tables, row.thread)
  // What waits was written for an answer that did not come: a person looks first. (Stop has paused it by itself, when it was pressed.)
  const paused = (input.outcome === 'failed' || input.outcome === 'interrupted') && !goesAnyway(tables, row) && pause(tables, row.thread, input.outcome)
  return {
    value: { first: true, run },
    changes: [{ kind: 'appended', run: row.id, from }, { kind: 'run', run }, ...(withdrawn || paused || journaled.queueChanged ? [threadChange(tables, row.thread)] : [])],
  }
}

/** Somebody asked for a message to be sent now, whatever becomes of the run that makes way. */
function goesAnyway(tables: Tables, row: RunRow): boolean {
  return tables.queue(row.thread).some((queued) => queued.state === 'next')
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
function journal(tables: Tables, row: RunRow, input: AppendBatch, from: number): { readonly patch: Partial<RunRow>; readonly queueChanged: boolean } {
  let queueChanged = false
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
        case 'run.steered':
          patch.last_message = event.message.id
          queueChanged = markTaken(tables, row, event.message.id) || queueChanged
          break
        default:
          event satisfies never
      }
    }
  }
  if (input.waiting !== undefined) patch.waiting = input.waiting ? 1 : 0
  return { patch, queueChanged }
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
  const known = messages.find((message, i) => tables.message(row.thread, message.id) !== undefined || messages.findIndex((other) => other.id === message.id) !== i)
  if (known !== undefined) throw new StorageError(`Thread ${row.thread} has a message ${known.id} already.`, { retryable: false })

  const taken = tables.queue(row.thread).filter((queued) => queued.run === row.key)
  for (const [i, message] of messages.entries()) {
    const fingerprint = taken.find((queued) => queued.id === message.id)?.fingerprint ?? null
    tables.insertMessage(messageRow({ thread: row.thread, run: row.key, idx: i + 1, fingerprint }, message))
  }
  for (const { id } of taken) tables.dropQueued(row.thread, id)
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

export function refreshSearch(tables: Tables, input: { readonly limit: number }): Done<number> {
  return unchanged(tables.refreshSearch(input.limit))
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
  if (row.outcome !== null) return unchanged(toRun(row, tables.incarnation))
  // Stop means all of it: what waits neither starts nor is lost, also where the run was making way for it.
  const paused = pause(tables, row.thread, 'stopped')
  const stopping = row.status === 'cancelling' ? [] : markStopping(tables, row, input.by)
  return { value: toRun({ ...row, status: 'cancelling' }, tables.incarnation), changes: [...stopping, ...(paused ? [threadChange(tables, row.thread)] : [])] }
}

export function answerApproval(tables: Tables, input: AnswerInput): Done<AnswerResult> {
  const row = tables.run(input.run)
  const found = row === undefined ? undefined : tables.approval(row.key, input.approval)
  if (row === undefined || found === undefined) return unchanged({ kind: 'missing' })
  const approval = toApproval(found)
  if (approval.state === 'expired') return unchanged({ kind: 'expired', approval })
  if (input.inputHash !== inputHash(approval.input)) return unchanged({ kind: 'other-input', approval })
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
