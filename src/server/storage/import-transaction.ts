/** Takes in a whole thread that another store gave out; same rules as transactions.ts. */
import type { ExportedRun, ThreadExport } from '../../shared/export.ts'
import type { Thread } from '../../shared/protocol.ts'
import { keepFiles } from './file-rows.ts'
import { encodeBatch } from './journal-codec.ts'
import { fromCounters, messageRow, storableTitle } from './records.ts'
import type { RunRow } from './records.ts'
import { StorageError } from './storage.ts'
import type { Tables } from './tables.ts'
import { newThread, readThread, threadChange, unchanged } from './thread-rows.ts'
import type { Done } from './thread-rows.ts'

export function importThread(tables: Tables, input: ThreadExport): Done<{ created: boolean; thread: Thread } | null> {
  const { thread, messages, runs } = input
  const there = tables.thread(thread.id)
  if (there !== undefined) return unchanged(there.deleted_at === null ? { created: false, thread: readThread(tables, thread.id) } : null)
  const taken = runs.find((run) => tables.run(run.id) !== undefined)
  if (taken !== undefined) throw new StorageError(`There is a run ${taken.id} already.`, { retryable: true })
  tables.insertThread({
    ...newThread(thread.id, thread.createdAt), title: storableTitle(thread.title), renamed: thread.renamed ? 1 : 0, titled: 1, agent: thread.agent, model: thread.model,
    pinned: thread.pinned ? 1 : 0, archived: thread.archived ? 1 : 0, updated_at: thread.updatedAt,
  })
  for (const run of runs) {
    const own = messages.filter((message) => message.run === run.id)
    const row = tables.insertRun(rowOf(run, own.findLast((message) => message.role === 'assistant')?.id ?? null))
    let idx = 0
    for (const message of own) {
      const first = message.id === run.message
      keepFiles(tables, thread.id, message.parts)
      tables.insertMessage(messageRow({ thread: thread.id, run: row.key, idx: first ? 0 : ++idx, fingerprint: null }, message))
    }
    tables.insertEvents(row, encodeBatch(run.events), run.events[0]?.seq ?? 1)
    if (run.folded !== null) tables.foldJournal(row, JSON.stringify(run.folded))
  }
  return { value: { created: true, thread: readThread(tables, thread.id) }, changes: [threadChange(tables, thread.id)] }
}

function rowOf(run: ExportedRun, lastMessage: RunRow['last_message']): Omit<RunRow, 'key'> {
  return {
    id: run.id, thread: run.thread, message: run.message, status: run.status, outcome: run.outcome ?? 'interrupted', settled: 1, waiting: 0,
    error: run.error === undefined ? null : JSON.stringify(run.error), agent: run.agent, model: run.model, started_at: run.startedAt, ended_at: run.endedAt ?? run.startedAt,
    ...fromCounters(run), notices: JSON.stringify(run.notices), last_seq: run.lastSeq, last_message: lastMessage, stop_by: null, owner: '', epoch: 1, epoch_base: 0,
    lease_until: 0, folded: run.folded === null ? 0 : 1,
  }
}
