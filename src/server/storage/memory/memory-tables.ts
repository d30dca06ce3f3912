import type { FileId, Incarnation, ThreadId } from '../../../shared/ids.ts'
import type { Message, RunEvent } from '../../../shared/protocol.ts'
import { decodeEvent } from '../journal-codec.ts'
import type { ListPlace, ReadSource } from '../reads.ts'
import { isLive } from '../records.ts'
import type { AgentRow, ApprovalRow, FileRow, MessageRow, QueueRow, RunRow, ThreadRow } from '../records.ts'
import { matches, searchableText } from '../search-text.ts'
import type { Tables } from '../tables.ts'

interface StoredEvent {
  readonly at: number
  readonly kind: number
  readonly payload: string
}

/** The rows in maps and arrays. Rows are replaced, never changed, so what was handed out stays as it was. */
export function createMemoryTables(incarnation: Incarnation, clock: () => number): Tables & ReadSource {
  const threads = new Map<ThreadId, ThreadRow>()
  const runs = new Map<number, RunRow>()
  const keys = new Map<string, number>()
  const messages = new Map<ThreadId, MessageRow[]>()
  const journals = new Map<number, StoredEvent[]>()
  const folds = new Map<number, string>()
  const approvals = new Map<number, Map<string, ApprovalRow>>()
  const agents = new Map<string, AgentRow>()
  const files = new Map<FileId, FileRow>()
  const keeps = new Map<ThreadId, Set<FileId>>()
  const queues = new Map<ThreadId, readonly QueueRow[]>()
  let lastKey = 0

  const present = () => [...threads.values()].filter((row) => row.deleted_at === null).toSorted(newestActivityFirst)
  const all = () => [...runs.values()]
  const runsOf = (thread: ThreadId) => all().filter((row) => row.thread === thread)
  const unsettled = (row: RunRow) => row.outcome !== null && row.settled === 0
  const messagesOf = (thread: ThreadId) => messages.get(thread) ?? []
  const run = (id: string) => runs.get(keys.get(id) ?? 0)

  return {
    incarnation,
    leaseClock: clock,
    snapshot: (read) => read(),

    thread: (id) => threads.get(id),
    insertThread(row) {
      threads.set(row.id, row)
    },
    updateThread(id, patch) {
      const row = threads.get(id)
      if (row !== undefined) threads.set(id, { ...row, ...patch })
    },
    allThreads: () => [...threads.keys()],
    threadsDeletedBefore: (at) => [...threads.values()].filter((row) => row.deleted_at !== null && row.deleted_at <= at).map((row) => row.id),
    removeThread(id) {
      for (const row of runsOf(id)) {
        runs.delete(row.key)
        keys.delete(row.id)
        journals.delete(row.key)
        folds.delete(row.key)
        approvals.delete(row.key)
      }
      messages.delete(id)
      queues.delete(id)
      keeps.delete(id)
      threads.delete(id)
    },
    threadPage: (after, { archived, pinned }, limit) => present()
      .filter((row) => row.archived === (archived ? 1 : 0) && (row.pinned === 1 || !pinned) && isBehind(row, after))
      .slice(0, limit),
    searchPage: (terms, after, limit) => present()
      .filter((row) => isBehind(row, after))
      .flatMap((thread) => {
        const message = messagesOf(thread.id).toSorted(byPlace).findLast((row) => matches(searchableText(JSON.parse(row.body) as Message), terms))
        return message === undefined && !matches(thread.title, terms) ? [] : [{ thread, message }]
      })
      .slice(0, limit),
    restlessThreads: () => present().filter((row) => row.unread === 1 || runsOf(row.id).some((other) => other.settled === 0)),

    run,
    runByKey: (key) => runs.get(key),
    insertRun(row) {
      const stored = { ...row, key: ++lastKey }
      runs.set(stored.key, stored)
      keys.set(stored.id, stored.key)
      journals.set(stored.key, [])
      return stored
    },
    updateRun(key, patch) {
      const row = runs.get(key)
      if (row !== undefined) runs.set(key, { ...row, ...patch })
    },
    newestRun: (thread) => runsOf(thread).at(-1),
    activeRun: (thread) => runsOf(thread).findLast((row) => row.settled === 0),
    liveRun: (thread) => runsOf(thread).find(isLive),
    liveRuns: () => all().filter((row) => row.outcome === null),
    unsettledRuns: (thread?: ThreadId) => (thread === undefined ? all() : runsOf(thread)).filter(unsettled),
    runPage: (thread, before, status, limit) => runsOf(thread)
      .filter((row) => row.key < before && (status === undefined || row.status === status))
      .toReversed()
      .slice(0, limit),
    runsOf,
    runsFor: (thread, ids, among) => runsOf(thread).filter((row) => ids.includes(row.message) || among.includes(row.key)),

    message: (thread, id) => messagesOf(thread).find((row) => row.id === id),
    newestMessage: (thread) => messagesOf(thread).toSorted(byPlace).at(-1),
    insertMessage(row) {
      messages.set(row.thread, [...messagesOf(row.thread), row])
    },
    repointMessages(thread, from, to) {
      messages.set(thread, messagesOf(thread).map((row) => (row.after === from ? { ...row, after: to } : row)))
    },
    messagesAfter: (thread, after, limit) => messagesOf(thread)
      .filter((row) => byPlace(row, after) > 0)
      .toSorted(byPlace)
      .slice(0, limit),
    messagePage: (thread, before, limit) => messagesOf(thread)
      .filter((row) => byPlace(row, before) < 0)
      .toSorted((a, b) => byPlace(b, a))
      .slice(0, limit),

    places: (thread) => messagesOf(thread).toSorted(byPlace),
    questionsAfter: (thread, after) => messagesOf(thread)
      .filter((row) => row.role === 'user' && row.idx === 0 && row.after === after)
      .toSorted(byPlace)
      .map((row) => row.id),

    queue: (thread) => queues.get(thread) ?? [],
    putQueued(row) {
      const others = (queues.get(row.thread) ?? []).filter((other) => other.id !== row.id)
      queues.set(row.thread, [...others, row].toSorted((a, b) => a.position - b.position))
    },
    dropQueued(thread, id) {
      queues.set(thread, (queues.get(thread) ?? []).filter((row) => row.id !== id))
    },
    idleQueues: () => [...threads.values()].filter((row) => row.deleted_at === null && (queues.get(row.id)?.length ?? 0) > 0 && !runsOf(row.id).some(isLive)),

    insertEvents(row, batch, from) {
      const journal = journals.get(row.key) ?? []
      for (let i = from - batch.firstSeq; i < batch.kind.length; i++) {
        journal.push({ at: batch.at[i] ?? 0, kind: batch.kind[i] ?? 0, payload: batch.payload[i] ?? '' })
      }
    },
    event: (row, seq) => journals.get(row.key)?.[seq - 1],
    events(row, after, limit): RunEvent[] {
      const kept = journals.get(row.key) ?? []
      const gone = row.last_seq - kept.length
      const stored = kept.slice(after - gone, after - gone + limit)
      return stored.map(({ at, kind, payload }, i) => decodeEvent(after + i + 1, at, kind, payload))
    },

    journal: (row) => (journals.get(row.key) ?? []).map(({ at, kind, payload }, i) => decodeEvent(i + 1, at, kind, payload)),
    runsToFold: (at, limit) => all().filter((row) => row.settled === 1 && row.folded === 0 && (row.ended_at ?? at) <= at).slice(0, limit),
    foldJournal(row, transcript) {
      folds.set(row.key, transcript)
      journals.set(row.key, journals.get(row.key)?.slice(-1) ?? [])
    },
    fold: (row) => folds.get(row.key),

    approval: (key, id) => approvals.get(key)?.get(id),
    putApproval(row) {
      const held = approvals.get(row.run) ?? new Map<string, ApprovalRow>()
      approvals.set(row.run, held.set(row.id, row))
    },
    pendingApprovals: (key) => [...(approvals.get(key)?.values() ?? [])].filter((row) => row.state === 'pending').length,
    expireApprovals(key) {
      const held = approvals.get(key)
      for (const row of held?.values() ?? []) if (row.state === 'pending') held?.set(row.id, { ...row, state: 'expired' })
    },

    file: (id) => files.get(id),
    blobs: () => [...files.values()].map((row) => row.blob),
    insertFile(row) {
      files.set(row.id, row)
    },
    unusedFiles: (at) => [...files.values()].filter((row) => row.created_at <= at && ![...keeps.values()].some((kept) => kept.has(row.id))),
    removeFile: (id) => void files.delete(id),
    keepFile: (thread, file) => void keeps.set(thread, (keeps.get(thread) ?? new Set()).add(file)),

    agents: () => [...agents.values()].toSorted((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1)),
    putAgent(row) {
      agents.set(row.id, row)
    },
    removeAgent: (id) => agents.delete(id),

    refreshSearch: () => 0, // it looks at the messages themselves
    touch() {
      // Memory is always ready.
    },
  }
}

function newestActivityFirst(a: ThreadRow, b: ThreadRow): number {
  return b.updated_at - a.updated_at || (a.id < b.id ? 1 : -1)
}

function isBehind(row: ThreadRow, after: ListPlace | null): boolean {
  return after === null || row.updated_at < after.at || (row.updated_at === after.at && row.id < after.id)
}

function byPlace(a: { readonly run: number; readonly idx: number }, b: { readonly run: number; readonly idx: number }): number {
  return a.run - b.run || a.idx - b.idx
}
