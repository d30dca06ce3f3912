/** Copies a thread up to one message; same rules as transactions.ts. */
import type { MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { Counters, Message, Run, RunEvent, Transcript } from '../../shared/protocol.ts'
import { checksums } from '../../shared/transcript.ts'
import { keepFiles } from './file-rows.ts'
import { encodeBatch } from './journal-codec.ts'
import { fromCounters, messageRow, toCounters, toMessage, toRun } from './records.ts'
import type { MessageRow, RunRow } from './records.ts'
import type { ForkInput, ForkResult } from './storage.ts'
import type { Tables } from './tables.ts'
import { newThread, readThread, threadChange, unchanged } from './thread-rows.ts'
import type { Done } from './thread-rows.ts'

/**
 * A new thread with the branch that ends with `message`: the same messages under the same ids, each run under an id of its own, with a folded
 * journal that tells what is left of it. The same id again answers with the thread as it is.
 */
export function forkThread(tables: Tables, input: ForkInput, now: number): Done<ForkResult> {
  if (tables.thread(input.id) !== undefined) return unchanged({ kind: 'forked', created: false, thread: readThread(tables, input.id) })
  const from = tables.thread(input.thread)
  if (from === undefined || from.deleted_at !== null) return unchanged({ kind: 'missing', what: 'thread' })
  const branch = branchTo(tables, input.thread, input.message)
  if (branch === 'unsaved') return unchanged({ kind: 'unsaved' })
  if (branch.length === 0) return unchanged({ kind: 'missing', what: 'message' })

  tables.insertThread({ ...newThread(input.id, now), title: from.title, renamed: from.renamed, titled: 1, agent: from.agent, model: from.model })
  for (const [i, turn] of turnsOf(branch).entries()) copyTurn(tables, input, turn, `${input.id.slice(0, 44)}-${i + 1}` as RunId)
  return { value: { kind: 'forked', created: true, thread: readThread(tables, input.id) }, changes: [threadChange(tables, input.id)] }
}

/** The branch, oldest first; empty where the thread has no such message. `unsaved`: part of it is only in a journal yet. */
function branchTo(tables: Tables, thread: ThreadId, message: MessageId): readonly MessageRow[] | 'unsaved' {
  const branch: MessageRow[] = []
  for (let next: MessageId | null = message; next !== null;) {
    const row = tables.message(thread, next)
    if (row === undefined) return branch.length === 0 && !tables.unsettledRuns(thread).some((run) => run.last_message === message) && tables.liveRun(thread)?.last_message !== message ? [] : 'unsaved'
    branch.push(row)
    next = row.after
  }
  return branch.toReversed()
}

/** A question and what one run said to it, as far as the branch goes. */
interface Copied {
  readonly question: MessageRow
  readonly replies: readonly MessageRow[]
}

function turnsOf(branch: readonly MessageRow[]): readonly Copied[] {
  const turns: { question: MessageRow; replies: MessageRow[] }[] = []
  for (const row of branch) {
    if (row.role === 'user' && row.idx === 0) turns.push({ question: row, replies: [] })
    else turns.at(-1)?.replies.push(row)
  }
  return turns
}

function copyTurn(tables: Tables, { id: thread }: ForkInput, { question, replies }: Copied, id: RunId): void {
  const source = tables.runByKey(replies[0]?.run ?? question.run)
  if (source === undefined) return
  // A question whose answer is not copied stands as one that was stopped before the first word: it can be asked again.
  const ended = replies.length === 0 && source.outcome === 'completed' ? { outcome: 'cancelled' as const, error: null, ...fromCounters(nothing) } : { outcome: source.outcome ?? 'cancelled' }
  const row = tables.insertRun({
    ...withoutKey(source), ...ended, id, thread, status: ended.outcome, settled: 1, waiting: 0, message: question.id,
    last_message: replies.at(-1)?.id ?? null, stop_by: null, folded: 0, last_seq: 2,
  })
  const messages = [question, ...replies].map((message): Message => ({ ...toMessage(message), run: id }))
  for (const [idx, message] of messages.entries()) {
    keepFiles(tables, thread, message.parts)
    tables.insertMessage(messageRow({ thread, run: row.key, idx, fingerprint: null }, message))
  }
  writeJournal(tables, row, toRun(row, tables.incarnation), messages)
}

const nothing: Counters = { usage: {}, modelCalls: 0, toolCalls: 0, messages: 0 }

function withoutKey({ key: _key, ...row }: RunRow): Omit<RunRow, 'key'> {
  return row
}

/** What is left of the run, in one row and its end: readers of a copy find what readers of an old run find. */
function writeJournal(tables: Tables, row: RunRow, run: Run, messages: readonly Message[]): void {
  const transcript: Transcript = {
    run: run.id, thread: run.thread, agent: run.agent, model: run.model, startedAt: run.startedAt, counters: toCounters(row), notices: run.notices,
    messages: [...messages], lastSeq: row.last_seq - 1,
  }
  const end: RunEvent = {
    type: 'stream_end', seq: row.last_seq, at: run.endedAt ?? run.startedAt, outcome: run.outcome ?? 'cancelled', error: run.error, usage: run.usage, parts: checksums(transcript),
  }
  tables.insertEvents(row, encodeBatch([end]), row.last_seq)
  tables.foldJournal(row, JSON.stringify(transcript))
  tables.updateRun(row.key, { folded: 1 })
}
