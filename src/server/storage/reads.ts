/** Every read of a Storage, written once over the few queries that a backend answers (ReadSource). */
import type { ApprovalId, Incarnation, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { Counters, Message, Outcome, Run, RunEvent, RunStatus, Thread, ThreadUsage, Totals, Transcript, Usage } from '../../shared/protocol.ts'
import { applyEvent } from '../../shared/transcript.ts'
import { toApproval, toCounters, toMessage, toRun, toThread } from './records.ts'
import type { ApprovalRow, MessageRow, RunRow, ThreadRow } from './records.ts'
import type { Storage } from './storage.ts'

/** Where a message stands in its thread: by run, then within the run. */
export interface Place {
  readonly run: number
  readonly idx: number
}

export interface ReadSource {
  readonly incarnation: Incarnation
  /** Everything that `read` asks for is of one instant. */
  snapshot<T>(read: () => T): T
  thread(id: ThreadId): ThreadRow | undefined
  /** Not deleted, newest activity first, ties by id downwards, all after `after` in that order. */
  threadPage(after: { readonly at: number; readonly id: string } | null, archived: boolean, limit: number): readonly ThreadRow[]
  /** Not deleted, and unread or with a run that is not settled. */
  restlessThreads(): readonly ThreadRow[]
  run(id: RunId): RunRow | undefined
  activeRun(thread: ThreadId): RunRow | undefined
  unsettledRuns(thread: ThreadId): readonly RunRow[]
  /** Newest first, older than key `before`. */
  runPage(thread: ThreadId, before: number, status: RunStatus | undefined, limit: number): readonly RunRow[]
  /** Oldest first. */
  runsOf(thread: ThreadId): readonly RunRow[]
  /** Oldest first: runs that answer one of these messages or have one of these keys. */
  runsFor(thread: ThreadId, messages: readonly MessageId[], keys: readonly number[]): readonly RunRow[]
  message(thread: ThreadId, id: MessageId): MessageRow | undefined
  /** Newest first, older than `before`. */
  messagePage(thread: ThreadId, before: Place, limit: number): readonly MessageRow[]
  approval(run: number, id: ApprovalId): ApprovalRow | undefined
  events(run: RunRow, after: number, limit: number): RunEvent[]
  /** The transcript (JSON) in place of a folded journal. */
  fold(run: RunRow): string | undefined
}

export type Reads = Pick<Storage, 'getThread' | 'listThreads' | 'activeThreads' | 'messages' | 'branch' | 'getRun' | 'listRuns' | 'usage' | 'getApproval' | 'read' | 'folded'>

export function createReads(source: ReadSource): Reads {
  const run = (row: RunRow): Run => toRun(row, source.incarnation)
  const active = (thread: ThreadId): Run | null => {
    const row = source.activeRun(thread)
    return row === undefined ? null : run(row)
  }
  const thread = (row: ThreadRow): Thread => toThread(row, active(row.id))
  const present = (id: ThreadId): boolean => source.thread(id)?.deleted_at === null
  // A read that throws must answer with a rejected promise, like one over a network.
  const answer = async <T>(read: () => T): Promise<T> => source.snapshot(read)

  /** What a run has said so far, as messages, read from its journal. Where that does not follow from itself, what came before: a page must not fail over it. */
  function journaledReplies(row: RunRow): readonly Message[] {
    let transcript: Transcript | null = null
    for (const event of source.events(row, 0, row.last_seq)) {
      const applied = applyEvent(transcript, event)
      if (applied.kind === 'gap') break
      if (applied.kind === 'applied') transcript = applied.transcript
    }
    return transcript?.messages.slice(1) ?? []
  }

  return {
    getThread: (id) => answer(() => {
      const row = source.thread(id)
      return row?.deleted_at === null ? thread(row) : null
    }),

    listThreads: ({ cursor, limit, archived }) => answer(() => {
      const rows = source.threadPage(readCursor(cursor), archived ?? false, limit + 1)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return { threads: rows.slice(0, limit).map(thread), cursor: last === undefined ? null : `${last.updated_at}.${last.id}` }
    }),

    activeThreads: () => answer(() => source.restlessThreads().map(thread)),

    messages: (id, { before, limit }) => answer(() => {
      if (!present(id)) return null
      const end = readPlace(before)
      const rows = source.messagePage(id, end, limit + 1)
      const page = rows.slice(0, limit).toReversed()
      const first = page[0]
      if (first === undefined) return { messages: [], runs: [], activeRun: active(id), before: null }
      const newest = source.activeRun(id)
      // Ended, but not saved while a newer run is under way: its journal is final, so a page need not wait for the save.
      const ended = source.unsettledRuns(id).filter((row) => row.key !== newest?.key && row.key >= first.run && row.key < end.run)
      const placed = [
        ...page.map((row) => ({ run: row.run, idx: row.idx, message: toMessage(row) })),
        ...ended.flatMap((row) => journaledReplies(row).map((message, i) => ({ run: row.key, idx: i + 1, message }))),
      ].toSorted((a, b) => a.run - b.run || a.idx - b.idx)
      const messages = placed.map((item) => item.message)
      const human = messages.filter((message) => message.role === 'user').map((message) => message.id)
      const runs = source.runsFor(id, human, [...new Set(placed.map((item) => item.run))])
      return {
        messages,
        runs: runs.filter((row) => row.settled === 1 || ended.some((other) => other.key === row.key)).map(run),
        activeRun: newest === undefined ? null : run(newest),
        before: rows.length > limit ? `${first.run}.${first.idx}` : null,
      }
    }),

    branch: (id, message) => answer(() => {
      const branch: Message[] = []
      const seen = new Set<MessageId>()
      // Read only where the branch leads into a run that is not saved yet: folding a long journal takes its time.
      let unsaved: Map<MessageId, Message> | null = null
      for (let next: MessageId | null = message; next !== null && !seen.has(next);) {
        seen.add(next)
        const row = source.message(id, next)
        if (row === undefined) unsaved ??= new Map(source.unsettledRuns(id).flatMap(journaledReplies).map((reply) => [reply.id, reply]))
        const found: Message | undefined = row === undefined ? unsaved?.get(next) : toMessage(row)
        if (found === undefined) break
        branch.push(found)
        next = found.after
      }
      return branch.toReversed()
    }),

    getRun: (id) => answer(() => {
      const row = source.run(id)
      return row === undefined ? null : run(row)
    }),

    listRuns: (id, { limit, before, status }) => answer(() => {
      if (!present(id)) return null
      const rows = source.runPage(id, /^\d{1,15}$/.test(before ?? '') ? Number(before) : Number.MAX_SAFE_INTEGER, status, limit + 1)
      return { runs: rows.slice(0, limit).map(run), before: rows.length > limit ? String(rows[limit - 1]?.key) : null }
    }),

    usage: (id, includeActive) => answer(() => (present(id) ? totalUsage(source.runsOf(id), includeActive) : null)),

    getApproval: (id, approval) => answer(() => {
      const row = source.run(id)
      const found = row === undefined ? undefined : source.approval(row.key, approval)
      return found === undefined ? null : toApproval(found)
    }),

    read: (id, after, limit) => answer(() => {
      const row = source.run(id)
      if (row === undefined) return []
      // The events' seqs are counted from `after`, and of a folded journal only the last event is left.
      return source.events(row, row.folded === 1 ? Math.max(after, row.last_seq - 1) : after, limit)
    }),

    folded: (id) => answer(() => {
      const row = source.run(id)
      const fold = row?.folded !== 1 ? undefined : source.fold(row)
      return fold === undefined ? null : (JSON.parse(fold) as Transcript)
    }),
  }
}

/** A cursor that nobody here wrote means the beginning: a list is no place to fail. */
function readCursor(cursor: string | undefined): { at: number; id: string } | null {
  const match = /^(\d{1,15})\.([A-Za-z0-9_-]{1,64})$/.exec(cursor ?? '')
  return match === null ? null : { at: Number(match[1]), id: match[2] ?? '' }
}

function readPlace(before: string | undefined): Place {
  const match = /^(\d{1,15})\.(\d{1,9})$/.exec(before ?? '')
  return match === null ? { run: Number.MAX_SAFE_INTEGER, idx: 0 } : { run: Number(match[1]), idx: Number(match[2]) }
}

// ---------------------------------------------------------------- usage

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Every run counts whatever became of it. Runs without a model go by their agent's name, runs without an outcome by `active`. */
function totalUsage(rows: readonly RunRow[], includeActive: boolean): ThreadUsage {
  const total = noTotals()
  const byModel: Record<string, Mutable<Totals>> = Object.create(null) as Record<string, Mutable<Totals>>
  const byOutcome: Record<string, Mutable<Totals>> = {}
  for (const row of rows) {
    if (row.outcome === null && !includeActive) continue
    const counters = toCounters(row)
    const outcome: Outcome | 'active' = row.outcome ?? 'active'
    for (const totals of [total, (byModel[row.model ?? row.agent] ??= noTotals()), (byOutcome[outcome] ??= noTotals())]) add(totals, counters)
  }
  return { total, byModel: { ...byModel }, byOutcome }
}

function noTotals(): Mutable<Totals> {
  return { usage: {}, modelCalls: 0, toolCalls: 0, messages: 0, runs: 0 }
}

function add(totals: Mutable<Totals>, counters: Counters): void {
  totals.usage = addUsage(totals.usage, counters.usage)
  totals.modelCalls += counters.modelCalls
  totals.toolCalls += counters.toolCalls
  totals.messages += counters.messages
  totals.runs += 1
}

function addUsage(a: Usage, b: Usage): Usage {
  const sum: Mutable<Usage> = { ...a }
  for (const name of ['inputTokens', 'outputTokens', 'reasoningTokens', 'cachedTokens', 'cost'] as const) {
    const more = b[name]
    if (more !== undefined) sum[name] = (sum[name] ?? 0) + more
  }
  return sum
}
