import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import type { ApprovalId, FileId, Incarnation, MessageId, RunId, ThreadId } from '../../../shared/ids.ts'
import type { RunEvent, RunStatus } from '../../../shared/protocol.ts'
import { decodeRows } from '../journal-codec.ts'
import { liveStatuses } from '../records.ts'
import type { AgentRow, ApprovalRow, FileRow, Flag, MessageRow, QueueRow, RunRow, ThreadRow } from '../records.ts'
import type { Place } from '../places.ts'
import type { ListPlace, ReadSource } from '../reads.ts'
import { eventId } from './schema.ts'
import { matchExpression } from './search-index.ts'
import { createPrepare } from './statements.ts'

/** The queries behind every read, on a connection that cannot write. */
export function createSqliteSource(database: Database, incarnation: Incarnation): ReadSource {
  const prepare = createPrepare(database)
  const threadById = prepare<{ id: ThreadId }, ThreadRow>((db, values) => db.selectFrom('threads').selectAll().where('id', '=', values.id))
  const firstThreads = prepare<{ archived: Flag; limit: number; pinned: Flag }, ThreadRow>((db, values) => db.selectFrom('threads').selectAll()
    .where('deleted_at', 'is', null).where('archived', '=', values.archived).where('pinned', '>=', values.pinned)
    .orderBy('updated_at', 'desc').orderBy('id', 'desc').limit(values.limit))
  const nextThreads = prepare<{ archived: Flag; limit: number; pinned: Flag } & ListPlace, ThreadRow>((db, values) => db.selectFrom('threads').selectAll()
    .where('deleted_at', 'is', null).where('archived', '=', values.archived).where('pinned', '>=', values.pinned)
    .where(sql<boolean>`(updated_at, id) < (${values.at}, ${values.id})`)
    .orderBy('updated_at', 'desc').orderBy('id', 'desc').limit(values.limit))
  // The newest message of a thread that matches comes along by its id; what it says is read only for the page that is shown.
  const search = prepare<{ match: string; limit: number } & ListPlace, ThreadRow & { readonly hit: MessageId | null }>((db, values) => db
    .with('hits', (make) => make.selectFrom('search_index').innerJoin('search_docs', 'search_docs.key', 'search_index.rowid')
      .select(['search_docs.thread', 'search_docs.message']).where(sql<boolean>`search_index MATCH ${values.match}`))
    .selectFrom('threads').selectAll('threads')
    .select((build) => build.selectFrom('hits')
      .innerJoin('messages', (on) => on.onRef('messages.thread', '=', 'hits.thread').onRef('messages.id', '=', 'hits.message'))
      .select('messages.id').whereRef('hits.thread', '=', 'threads.id')
      .orderBy('messages.run', 'desc').orderBy('messages.idx', 'desc').limit(sql.lit(1)).as('hit'))
    .where('deleted_at', 'is', null)
    .where('threads.id', 'in', (build) => build.selectFrom('hits').select('hits.thread'))
    .where(sql<boolean>`(updated_at, threads.id) < (${values.at}, ${values.id})`)
    .orderBy('updated_at', 'desc').orderBy('threads.id', 'desc').limit(values.limit))
  const restless = prepare<object, ThreadRow>((db) => db.selectFrom('threads').selectAll()
    .where('deleted_at', 'is', null)
    .where((where) => where.or([
      where('id', 'in', db.selectFrom('threads').select('id').where('unread', '=', sql.lit(1))),
      where('id', 'in', db.selectFrom('runs').select('thread').where('settled', '=', sql.lit(0))),
    ]))
    .orderBy('updated_at', 'desc').orderBy('id', 'desc'))

  const queueOf = prepare<{ thread: ThreadId }, QueueRow>((db, values) => db.selectFrom('queue').selectAll().where('thread', '=', values.thread).orderBy('position'))
  const idleQueues = prepare<object, ThreadRow>((db) => db.selectFrom('threads').selectAll().where('deleted_at', 'is', null)
    .where('id', 'in', db.selectFrom('queue').select('thread'))
    .where('id', 'not in', db.selectFrom('runs').select('thread').where('status', 'in', liveStatuses.map((status) => sql.lit(status)))))

  const runById = prepare<{ id: RunId }, RunRow>((db, values) => db.selectFrom('runs').selectAll().where('id', '=', values.id))
  const activeRun = prepare<{ thread: ThreadId }, RunRow>((db, values) => db.selectFrom('runs').selectAll()
    .where('thread', '=', values.thread).where('settled', '=', sql.lit(0)).orderBy('key', 'desc').limit(1))
  const unsettled = prepare<{ thread: ThreadId }, RunRow>((db, values) => db.selectFrom('runs').selectAll()
    .where('thread', '=', values.thread).where('settled', '=', sql.lit(0)).where('outcome', 'is not', null).orderBy('key'))
  const runPage = prepare<{ thread: ThreadId; before: number; limit: number }, RunRow>((db, values) => db.selectFrom('runs').selectAll()
    .where('thread', '=', values.thread).where('key', '<', values.before).orderBy('key', 'desc').limit(values.limit))
  const runPageByStatus = prepare<{ thread: ThreadId; before: number; status: RunStatus; limit: number }, RunRow>((db, values) => db.selectFrom('runs').selectAll()
    .where('thread', '=', values.thread).where('key', '<', values.before).where('status', '=', values.status).orderBy('key', 'desc').limit(values.limit))
  const runsOf = prepare<{ thread: ThreadId }, RunRow>((db, values) => db.selectFrom('runs').selectAll().where('thread', '=', values.thread).orderBy('key'))
  const runsFor = prepare<{ thread: ThreadId; messages: string; keys: string }, RunRow>((db, values) => db.selectFrom('runs').selectAll()
    .where('thread', '=', values.thread)
    .where(sql<boolean>`(message in (select value from json_each(${values.messages})) or key in (select value from json_each(${values.keys})))`)
    .orderBy('key'))

  const messageById = prepare<{ thread: ThreadId; id: MessageId }, MessageRow>((db, values) =>
    db.selectFrom('messages').selectAll().where('thread', '=', values.thread).where('id', '=', values.id))
  const firstQuestions = prepare<{ thread: ThreadId }, { id: MessageId }>((db, values) => db.selectFrom('messages').select('id')
    .where('thread', '=', values.thread).where('after', 'is', null).where('role', '=', sql.lit('user')).where('idx', '=', sql.lit(0)).orderBy('run'))
  const questionsAfter = prepare<{ thread: ThreadId; after: MessageId }, { id: MessageId }>((db, values) => db.selectFrom('messages').select('id')
    .where('thread', '=', values.thread).where('after', '=', values.after).where('role', '=', sql.lit('user')).where('idx', '=', sql.lit(0)).orderBy('run'))
  const places = prepare<{ thread: ThreadId }, Pick<MessageRow, 'id' | 'run' | 'idx' | 'role' | 'after'>>((db, values) => db.selectFrom('messages')
    .select(['id', 'run', 'idx', 'role', 'after']).where('thread', '=', values.thread).orderBy('run').orderBy('idx'))
  const messagePage = prepare<Place & { thread: ThreadId; limit: number }, MessageRow>((db, values) => db.selectFrom('messages').selectAll()
    .where('thread', '=', values.thread).where(sql<boolean>`(run, idx) < (${values.run}, ${values.idx})`)
    .orderBy('run', 'desc').orderBy('idx', 'desc').limit(values.limit))
  const messagesAfter = prepare<Place & { thread: ThreadId; limit: number }, MessageRow>((db, values) => db.selectFrom('messages').selectAll()
    .where('thread', '=', values.thread).where(sql<boolean>`(run, idx) > (${values.run}, ${values.idx})`)
    .orderBy('run').orderBy('idx').limit(values.limit))
  const approvalById = prepare<{ run: number; id: ApprovalId }, ApprovalRow>((db, values) =>
    db.selectFrom('approvals').selectAll().where('run', '=', values.run).where('id', '=', values.id))
  // The one hot read: arrays instead of objects halve its cost, and a journal has no holes, so a row's seq need not be fetched.
  const events = database
    .prepare<[number, number, number], [number, number, string]>('SELECT at, kind, payload FROM events WHERE id > ? AND id < ? ORDER BY id LIMIT ?')
    .raw() as unknown as { all(from: number, to: number, limit: number): [number, number, string][] }
  const foldOf = prepare<{ run: number }, { transcript: string }>((db, values) => db.selectFrom('folds').select('transcript').where('run', '=', values.run))
  const fileById = prepare<{ id: FileId }, FileRow>((db, values) => db.selectFrom('files').selectAll().where('id', '=', values.id))
  const blobs = prepare<object, { blob: string }>((db) => db.selectFrom('files').select('blob'))
  const agents = prepare<object, AgentRow>((db) => db.selectFrom('agents').selectAll().orderBy('created_at').orderBy('id'))
  const inSnapshot = database.transaction((read: () => unknown) => read())

  return {
    incarnation,
    snapshot: <T>(read: () => T) => inSnapshot.deferred(read) as T,
    thread: (id) => threadById.get({ id }),
    threadPage(after, which, limit) {
      const values = { archived: which.archived ? 1 as const : 0 as const, pinned: which.pinned ? 1 as const : 0 as const, limit }
      return after === null ? firstThreads.all(values) : nextThreads.all({ ...values, ...after })
    },
    searchPage: (terms, after, limit) => search
      .all({ match: matchExpression(terms), limit, ...(after ?? { at: Number.MAX_SAFE_INTEGER, id: '' }) })
      .map(({ hit, ...thread }) => ({ thread, message: hit === null ? undefined : messageById.get({ thread: thread.id, id: hit }) })),
    restlessThreads: () => restless.all({}),
    queue: (thread) => queueOf.all({ thread }),
    idleQueues: () => idleQueues.all({}),
    run: (id) => runById.get({ id }),
    activeRun: (thread) => activeRun.get({ thread }),
    unsettledRuns: (thread) => unsettled.all({ thread }),
    runPage: (thread, before, status, limit) =>
      (status === undefined ? runPage.all({ thread, before, limit }) : runPageByStatus.all({ thread, before, status, limit })),
    runsOf: (thread) => runsOf.all({ thread }),
    runsFor: (thread, messages, keys) => runsFor.all({ thread, messages: JSON.stringify(messages), keys: JSON.stringify(keys) }),
    message: (thread, id) => messageById.get({ thread, id }),
    places: (thread) => places.all({ thread }),
    messagesAfter: (thread, { run, idx }, limit) => messagesAfter.all({ thread, run, idx, limit }),
    messagePage: (thread, before, limit) => messagePage.all({ thread, run: before.run, idx: before.idx, limit }),
    questionsAfter: (thread, after) => (after === null ? firstQuestions.all({ thread }) : questionsAfter.all({ thread, after })).map((row) => row.id),
    approval: (run, id) => approvalById.get({ run, id }),
    file: (id) => fileById.get({ id }),
    blobs: () => blobs.all({}).map((row) => row.blob),
    agents: () => agents.all({}),
    fold: (run) => foldOf.get({ run: run.key })?.transcript,
    events: (run, after, limit): RunEvent[] =>
      decodeRows(after + 1, run.started_at, events.all(eventId(run.key, after), eventId(run.key + 1, 0), limit)),
  }
}
