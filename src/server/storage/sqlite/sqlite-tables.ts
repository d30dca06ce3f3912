import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import type { ApprovalId, FileId, Incarnation, MessageId, RunId, ThreadId } from '../../../shared/ids.ts'
import type { Message } from '../../../shared/protocol.ts'
import { liveStatuses } from '../records.ts'
import type { AgentRow, ApprovalRow, FileRow, MessageRow, QueueRow, RunRow, ThreadRow } from '../records.ts'
import { decodeEvent, lastSeqOf } from '../journal-codec.ts'
import { StorageError } from '../storage.ts'
import type { Tables } from '../tables.ts'
import { EVENTS_PER_RUN, eventId } from './schema.ts'
import type { EventRow } from './schema.ts'
import { createRefresh, createSearchIndex } from './search-index.ts'
import { createPrepare } from './statements.ts'
import type { Prepared } from './statements.ts'

/** The rows in SQLite, for the connection that writes. */
export function createSqliteTables(database: Database, incarnation: Incarnation): Tables {
  const prepare = createPrepare(database)
  const clock = prepare<object, { ms: number }>((db) => db.selectNoFrom(sql<number>`cast(unixepoch('subsec') * 1000 as integer)`.as('ms')))

  const threadById = prepare<{ id: ThreadId }, ThreadRow>((db, values) => db.selectFrom('threads').selectAll().where('id', '=', values.id))
  const newThread = prepare<ThreadRow, unknown>((db, values) => db.insertInto('threads').values({
    id: values.id, title: values.title, renamed: values.renamed, titled: values.titled, agent: values.agent, model: values.model, pinned: values.pinned, archived: values.archived,
    unread: values.unread, draft: values.draft, created_at: values.created_at, updated_at: values.updated_at, deleted_at: values.deleted_at,
    queue_paused: values.queue_paused,
  }))
  const everyThread = prepare<object, { id: ThreadId }>((db) => db.selectFrom('threads').select('id').orderBy('id'))
  const deletedThreads = prepare<{ at: number }, { id: ThreadId }>((db, values) => db.selectFrom('threads').select('id').where('deleted_at', '<=', values.at))
  const dropThread = prepare<{ id: ThreadId }, unknown>((db, values) => db.deleteFrom('threads').where('id', '=', values.id))
  const dropEvents = prepare<{ from: number; to: number }, unknown>((db, values) => db.deleteFrom('events').where('id', '>=', values.from).where('id', '<', values.to))

  const runById = prepare<{ id: RunId }, RunRow>((db, values) => db.selectFrom('runs').selectAll().where('id', '=', values.id))
  const runByKey = prepare<{ key: number }, RunRow>((db, values) => db.selectFrom('runs').selectAll().where('key', '=', values.key))
  const newRun = prepare<Omit<RunRow, 'key'>, unknown>((db, values) => db.insertInto('runs').values({
    id: values.id, thread: values.thread, message: values.message, status: values.status, outcome: values.outcome, settled: values.settled,
    waiting: values.waiting, error: values.error, agent: values.agent, model: values.model, started_at: values.started_at, ended_at: values.ended_at,
    usage: values.usage, model_calls: values.model_calls, tool_calls: values.tool_calls, messages: values.messages, notices: values.notices,
    last_seq: values.last_seq, last_message: values.last_message, stop_by: values.stop_by, owner: values.owner, epoch: values.epoch,
    epoch_base: values.epoch_base, lease_until: values.lease_until, folded: values.folded,
  }))
  const runKeys = prepare<{ thread: ThreadId }, { key: number }>((db, values) => db.selectFrom('runs').select('key').where('thread', '=', values.thread))
  const newestRun = prepare<{ thread: ThreadId }, RunRow>((db, values) => db.selectFrom('runs').selectAll().where('thread', '=', values.thread).orderBy('key', 'desc').limit(1))
  const activeRun = prepare<{ thread: ThreadId }, RunRow>((db, values) => db.selectFrom('runs').selectAll()
    .where('thread', '=', values.thread).where('settled', '=', sql.lit(0)).orderBy('key', 'desc').limit(1))
  const liveRun = prepare<{ thread: ThreadId }, RunRow>((db, values) => db.selectFrom('runs').selectAll()
    .where('thread', '=', values.thread).where('status', 'in', liveStatuses.map((status) => sql.lit(status))))
  const liveRuns = prepare<object, RunRow>((db) => db.selectFrom('runs').selectAll().where('settled', '=', sql.lit(0)).where('outcome', 'is', null).orderBy('key'))
  const unsettled = prepare<object, RunRow>((db) => db.selectFrom('runs').selectAll().where('settled', '=', sql.lit(0)).where('outcome', 'is not', null).orderBy('key'))
  const unsettledOf = prepare<{ thread: ThreadId }, RunRow>((db, values) => db.selectFrom('runs').selectAll()
    .where('thread', '=', values.thread).where('settled', '=', sql.lit(0)).where('outcome', 'is not', null).orderBy('key'))

  const messageById = prepare<{ thread: ThreadId; id: MessageId }, MessageRow>((db, values) =>
    db.selectFrom('messages').selectAll().where('thread', '=', values.thread).where('id', '=', values.id))
  const newestMessage = prepare<{ thread: ThreadId }, MessageRow>((db, values) =>
    db.selectFrom('messages').selectAll().where('thread', '=', values.thread).orderBy('run', 'desc').orderBy('idx', 'desc').limit(1))
  const newMessage = prepare<MessageRow, unknown>((db, values) => db.insertInto('messages').values({
    thread: values.thread, id: values.id, run: values.run, idx: values.idx, role: values.role, after: values.after, body: values.body, sum: values.sum, fingerprint: values.fingerprint,
  }))
  const repoint = prepare<{ thread: ThreadId; from: MessageId; to: MessageId }, unknown>((db, values) =>
    db.updateTable('messages').set({ after: values.to }).where('thread', '=', values.thread).where('after', '=', values.from))

  const queueOf = prepare<{ thread: ThreadId }, QueueRow>((db, values) => db.selectFrom('queue').selectAll().where('thread', '=', values.thread).orderBy('position'))
  const putQueued = prepare<QueueRow, unknown>((db, values) => db.replaceInto('queue').values({
    thread: values.thread, id: values.id, position: values.position, state: values.state, run: values.run, agent: values.agent, model: values.model,
    parts: values.parts, after: values.after, fingerprint: values.fingerprint, created_at: values.created_at,
  }))
  const dropQueued = prepare<{ thread: ThreadId; id: MessageId }, unknown>((db, values) => db.deleteFrom('queue').where('thread', '=', values.thread).where('id', '=', values.id))

  const newEvent = database.prepare<[number, number, number, string]>('INSERT INTO events (id, at, kind, payload) VALUES (?, ?, ?, ?)')
  const eventById = prepare<{ id: number }, EventRow>((db, values) => db.selectFrom('events').selectAll().where('id', '=', values.id))

  const eventsOf = prepare<{ from: number; to: number }, EventRow>((db, values) =>
    db.selectFrom('events').selectAll().where('id', '>=', values.from).where('id', '<', values.to).orderBy('id'))
  const toFold = prepare<{ at: number; limit: number }, RunRow>((db, values) => db.selectFrom('runs').selectAll()
    .where('settled', '=', sql.lit(1)).where('folded', '=', sql.lit(0)).where('ended_at', '<=', values.at).orderBy('ended_at').limit(values.limit))
  const newFold = prepare<{ run: number; transcript: string }, unknown>((db, values) => db.insertInto('folds').values({ run: values.run, transcript: values.transcript }))

  const approvalById = prepare<{ run: number; id: ApprovalId }, ApprovalRow>((db, values) =>
    db.selectFrom('approvals').selectAll().where('run', '=', values.run).where('id', '=', values.id))
  const putApproval = prepare<ApprovalRow, unknown>((db, values) =>
    db.replaceInto('approvals').values({ run: values.run, id: values.id, state: values.state, body: values.body }))
  const pending = prepare<{ run: number }, { count: number }>((db, values) =>
    db.selectFrom('approvals').select((build) => build.fn.countAll<number>().as('count')).where('run', '=', values.run).where('state', '=', 'pending'))
  const expire = prepare<{ run: number }, unknown>((db, values) =>
    db.updateTable('approvals').set({ state: 'expired' }).where('run', '=', values.run).where('state', '=', 'pending'))
  const fileById = prepare<{ id: FileId }, FileRow>((db, values) => db.selectFrom('files').selectAll().where('id', '=', values.id))
  const newFile = prepare<FileRow, unknown>((db, values) => db.insertInto('files').values({
    id: values.id, blob: values.blob, name: values.name, media_type: values.media_type, size: values.size, width: values.width, height: values.height,
    hash: values.hash, created_at: values.created_at,
  }))
  const unusedFiles = prepare<{ at: number }, FileRow>((db, values) => db.selectFrom('files').selectAll().where('created_at', '<=', values.at)
    .where('id', 'not in', db.selectFrom('kept_files').select('file')))
  const dropFile = prepare<{ id: FileId }, unknown>((db, values) => db.deleteFrom('files').where('id', '=', values.id))
  const keepFile = prepare<{ thread: ThreadId; file: FileId }, unknown>((db, values) => db.replaceInto('kept_files').values({ thread: values.thread, file: values.file }))
  const putAgent = prepare<AgentRow, unknown>((db, values) => db.replaceInto('agents').values({
    id: values.id, title: values.title, base_url: values.base_url, model: values.model, sealed_key: values.sealed_key, created_at: values.created_at,
  }))
  const removeAgent = prepare<{ id: string }, unknown>((db, values) => db.deleteFrom('agents').where('id', '=', values.id))
  const touch = prepare<object, unknown>((db) => db.replaceInto('meta').values({ key: 'touched', value: '' }))

  const index = createSearchIndex(database)
  // One statement for each set of columns that is ever changed together: there are about ten.
  const changes = new Map<string, Prepared<object, unknown>>()
  function update(table: 'threads' | 'runs', key: string | number, patch: object): void {
    const columns = Object.keys(patch)
    const name = `${table} ${columns.join(' ')}`
    let change = changes.get(name)
    if (change === undefined) {
      change = prepare<Record<string, never>, unknown>((db, values) => {
        const set = Object.fromEntries(columns.map((column) => [column, values[column]]))
        return table === 'threads'
          ? db.updateTable('threads').set(set).where('id', '=', values['which'] as never)
          : db.updateTable('runs').set(set).where('key', '=', values['which'] as never)
      }) as Prepared<object, unknown>
      changes.set(name, change)
    }
    change.run({ ...patch, which: key })
  }

  return {
    incarnation,
    leaseClock: () => clock.get({})?.ms ?? 0,

    thread: (id) => threadById.get({ id }),
    insertThread(row) {
      newThread.run(row)
      index.putTitle(row.id, row.title)
    },
    updateThread(id, patch) {
      update('threads', id, patch)
      if (patch.title !== undefined) index.putTitle(id, patch.title)
    },
    allThreads: () => everyThread.all({}).map((row) => row.id),
    threadsDeletedBefore: (at) => deletedThreads.all({ at }).map((row) => row.id),
    removeThread(id) {
      for (const { key } of runKeys.all({ thread: id })) dropEvents.run({ from: eventId(key, 0), to: eventId(key + 1, 0) })
      index.removeThread(id)
      dropThread.run({ id })
    },

    run: (id) => runById.get({ id }),
    runByKey: (key) => runByKey.get({ key }),
    insertRun(row) {
      const { lastInsertRowid } = newRun.run(row)
      return { ...row, key: Number(lastInsertRowid) }
    },
    updateRun: (key, patch) => update('runs', key, patch),
    newestRun: (thread) => newestRun.get({ thread }),
    activeRun: (thread) => activeRun.get({ thread }),
    liveRun: (thread) => liveRun.get({ thread }),
    liveRuns: () => liveRuns.all({}),
    unsettledRuns: (thread) => (thread === undefined ? unsettled.all({}) : unsettledOf.all({ thread })),

    message: (thread, id) => messageById.get({ thread, id }),
    newestMessage: (thread) => newestMessage.get({ thread }),
    insertMessage(row) {
      newMessage.run(row)
      index.putMessage(row.thread, JSON.parse(row.body) as Message)
    },
    repointMessages: (thread, from, to) => void repoint.run({ thread, from, to }),

    queue: (thread) => queueOf.all({ thread }),
    putQueued: (row) => void putQueued.run(row),
    dropQueued: (thread, id) => void dropQueued.run({ thread, id }),

    insertEvents(run, batch, from) {
      if (lastSeqOf(batch) >= EVENTS_PER_RUN) throw new StorageError(`Run ${run.id} has reached the limit of ${EVENTS_PER_RUN} events.`, { retryable: false })
      for (let i = from - batch.firstSeq; i < batch.kind.length; i++) {
        newEvent.run(eventId(run.key, batch.firstSeq + i), (batch.at[i] ?? 0) - run.started_at, batch.kind[i] ?? 0, batch.payload[i] ?? '')
      }
    },
    event(run, seq) {
      const row = eventById.get({ id: eventId(run.key, seq) })
      return row === undefined ? undefined : { at: row.at + run.started_at, kind: row.kind, payload: row.payload }
    },

    journal: (run) => eventsOf.all({ from: eventId(run.key, 0), to: eventId(run.key + 1, 0) })
      .map(({ id, at, kind, payload }) => decodeEvent(id - eventId(run.key, 0), at + run.started_at, kind, payload)),
    runsToFold: (at, limit) => toFold.all({ at, limit }),
    foldJournal(run, transcript) {
      newFold.run({ run: run.key, transcript })
      dropEvents.run({ from: eventId(run.key, 0), to: eventId(run.key, run.last_seq) })
    },

    approval: (run, id) => approvalById.get({ run, id }),
    putApproval: (row) => void putApproval.run(row),
    pendingApprovals: (run) => pending.get({ run })?.count ?? 0,
    expireApprovals: (run) => void expire.run({ run }),

    file: (id) => fileById.get({ id }),
    insertFile: (row) => void newFile.run(row),
    unusedFiles: (at) => unusedFiles.all({ at }),
    removeFile: (id) => void dropFile.run({ id }),
    keepFile: (thread, file) => void keepFile.run({ thread, file }),

    putAgent: (row) => void putAgent.run(row),
    removeAgent: (id) => removeAgent.run({ id }).changes > 0,

    refreshSearch: createRefresh(database, index),
    touch: () => void touch.run({}),
  }
}
