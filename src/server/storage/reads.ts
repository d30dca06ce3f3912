/** Every read of a Storage, written once over the few queries that a backend answers (ReadSource). */
import type { ApprovalId, FileId, Incarnation, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { Counters, Fork, Message, Outcome, Run, RunEvent, RunStatus, SearchHit, Thread, ThreadUsage, Totals, Transcript, Usage } from '../../shared/protocol.ts'
import { applyEvent } from '../../shared/transcript.ts'
import { readable } from './readable.ts'
import { toApproval, toCounters, toMessage, toRun, toStoredAgent, toStoredFile, toThread } from './records.ts'
import type { AgentRow, ApprovalRow, FileRow, MessageRow, QueueRow, RunRow, ThreadRow } from './records.ts'
import { branchMap, find } from './find-reads.ts'
import { placeOf, readPlace } from './places.ts'
import type { Place } from './places.ts'
import { nextQueued } from './queue-rows.ts'
import { marksIn, queryTerms, searchableText, snippet } from './search-text.ts'
import type { Term } from './search-text.ts'
import { DamageError } from './storage.ts'
import type { MessageQuery, Storage } from './storage.ts'

export interface ListPlace {
  readonly at: number
  readonly id: string
}

export interface ReadSource {
  readonly incarnation: Incarnation
  /** Everything that `read` asks for is of one instant. */
  snapshot<T>(read: () => T): T
  thread(id: ThreadId): ThreadRow | undefined
  /** Not deleted, newest activity first, ties by id downwards, all after `after` in that order. */
  threadPage(after: ListPlace | null, which: { readonly archived: boolean; readonly pinned: boolean }, limit: number): readonly ThreadRow[]
  /** Not deleted, archived or not, in the order of the list: where every term is found in the title or in one message, and the newest such message. */
  searchPage(terms: readonly Term[], after: ListPlace | null, limit: number): readonly { readonly thread: ThreadRow; readonly message: MessageRow | undefined }[]
  /** Not deleted, and unread or with a run that is not settled. */
  restlessThreads(): readonly ThreadRow[]
  /** In order. */
  queue(thread: ThreadId): readonly QueueRow[]
  /** Not deleted, with something in their queue and no run under way. */
  idleQueues(): readonly ThreadRow[]
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
  /** Oldest first, newer than `after`. */
  messagesAfter(thread: ThreadId, after: Place, limit: number): readonly MessageRow[]
  /** Every message of a thread without what it says, oldest first. */
  places(thread: ThreadId): readonly Pick<MessageRow, 'id' | 'run' | 'idx' | 'role' | 'after'>[]
  /** Human messages that begin a run and follow this one, oldest first. */
  questionsAfter(thread: ThreadId, after: MessageId | null): readonly MessageId[]
  /** Newest first, older than `before`. */
  messagePage(thread: ThreadId, before: Place, limit: number): readonly MessageRow[]
  approval(run: number, id: ApprovalId): ApprovalRow | undefined
  events(run: RunRow, after: number, limit: number): RunEvent[]
  file(id: FileId): FileRow | undefined
  blobs(): readonly string[]
  /** Oldest first. */
  agents(): readonly AgentRow[]
  /** The transcript (JSON) in place of a folded journal. */
  fold(run: RunRow): string | undefined
}

export type Reads = Pick<Storage, 'listAgents' | 'getFile' | 'listBlobs' | 'getThread' | 'listThreads' | 'searchThreads' | 'activeThreads' | 'messages' | 'find' | 'branchMap' | 'branch' | 'dueQueues' | 'getRun' | 'heldAt' | 'listRuns' | 'usage' | 'getApproval' | 'read' | 'folded'>

export function createReads(source: ReadSource): Reads {
  const run = (row: RunRow): Run => toRun(row, source.incarnation)
  const active = (thread: ThreadId): Run | null => {
    const row = source.activeRun(thread)
    return row === undefined ? null : run(row)
  }
  const thread = (row: ThreadRow): Thread => toThread(row, active(row.id), source.queue(row.id))
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

  /** Where the thread forks at these messages. */
  function forksOf(id: ThreadId, human: readonly Message[]): Fork[] {
    return [...new Set(human.map((message) => message.after))]
      .map((after) => ({ after, messages: [...source.questionsAfter(id, after)] }))
      .filter((fork) => fork.messages.length > 1)
  }

  return {
    listAgents: () => answer(() => source.agents().map(toStoredAgent)),
    getFile: (id) => answer(() => {
      const row = source.file(id)
      return row === undefined ? null : { file: toStoredFile(row), blob: row.blob, hash: row.hash }
    }),
    listBlobs: () => answer(() => source.blobs()),

    getThread: (id) => answer(() => {
      const row = source.thread(id)
      return row?.deleted_at === null ? thread(row) : null
    }),

    listThreads: ({ cursor, limit, archived = false, pinned = false }) => answer(() => {
      const rows = source.threadPage(readCursor(cursor), { archived, pinned }, limit + 1)
      return { threads: rows.slice(0, limit).map(thread), cursor: nextCursor(rows, limit) }
    }),

    searchThreads: ({ query, cursor, limit }) => answer(() => {
      const terms = queryTerms(query)
      if (terms.length === 0) return { threads: [], cursor: null, hits: [] }
      const found = source.searchPage(terms, readCursor(cursor), limit + 1)
      const page = found.slice(0, limit)
      return {
        threads: page.map((one) => thread(one.thread)),
        cursor: nextCursor(found.map((one) => one.thread), limit),
        hits: page.map((one) => hitOf(source, one.thread, one.message, terms)),
      }
    }),

    dueQueues: () => answer(() => source.idleQueues().filter((row) => nextQueued(row, source.queue(row.id)) !== undefined).map((row) => row.id)),

    activeThreads: () => answer(() => source.restlessThreads().map(thread)),

    messages: (id, query) => answer(() => {
      if (!present(id)) return null
      const slice = sliceOf(source, id, query)
      if (slice === null) return null
      const { rows, older, newer } = slice
      const newest = source.activeRun(id)
      const first = rows[0]
      const last = rows.at(-1)
      if (first === undefined || last === undefined) return { messages: [], runs: [], activeRun: active(id), before: null, after: null }
      // Ended, but not saved while there is a newer run: its journal is final, so a page need not wait for the save. The newest of all is left to be followed.
      const newestOfAll = source.runPage(id, Number.MAX_SAFE_INTEGER, undefined, 1)[0]
      const end = query.before !== undefined ? readPlace(query.before).run : newer ? last.run + 1 : Number.MAX_SAFE_INTEGER
      const ended = source.unsettledRuns(id).filter((row) => row.key !== newestOfAll?.key && row.key >= first.run && row.key < end)
      const placed = [
        ...rows.map((row) => ({ run: row.run, idx: row.idx, message: readable(source, row) })),
        ...ended.flatMap((row) => journaledReplies(row).map((message, i) => ({ run: row.key, idx: i + 1, message }))),
      ].toSorted((a, b) => a.run - b.run || a.idx - b.idx)
      const messages = placed.map((item) => item.message)
      const human = messages.filter((message) => message.role === 'user')
      const ids = new Set(human.map((message) => message.id))
      const runs = source.runsFor(id, [...ids], [...new Set(placed.map((item) => item.run))])
      const elsewhere = new Set(runs.map((row) => row.message).filter((question) => !ids.has(question)))
      const questions = [...elsewhere].flatMap((question) => source.message(id, question) ?? []).map((row) => readable(source, row))
      const forks = forksOf(id, human)
      return {
        messages,
        ...(questions.length === 0 ? {} : { questions }),
        ...(forks.length === 0 ? {} : { forks }),
        runs: runs.filter((row) => row.settled === 1 || ended.some((other) => other.key === row.key)).map(run),
        activeRun: newest === undefined ? null : run(newest),
        before: older ? placeOf(first) : null,
        after: newer ? placeOf(last) : null,
      }
    }),

    find: (id, query) => answer(() => (present(id) ? find(source, id, query) : null)),

    branchMap: (id) => answer(() => (present(id) ? branchMap(source, id) : null)),

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
        // It came from another server like that.
        if (found.damaged === true) throw new DamageError(`The message ${found.id} is damaged`)
        branch.push(found)
        next = found.after
      }
      return branch.toReversed()
    }),

    heldAt: ({ run: id, owner }) => answer(() => {
      const row = source.run(id)
      return row?.owner === owner && row.outcome === null ? row.epoch : null
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
      return withinSize((from, most) => source.events(row, from, most), row.folded === 1 ? Math.max(after, row.last_seq - 1) : after, limit)
    }),

    folded: (id) => answer(() => {
      const row = source.run(id)
      const fold = row?.folded !== 1 ? undefined : source.fold(row)
      return fold === undefined ? null : (JSON.parse(fold) as Transcript)
    }),
  }
}

function hitOf(source: ReadSource, thread: ThreadRow, row: MessageRow | undefined, terms: readonly Term[]): SearchHit {
  const title = marksIn(thread.title, terms).map(([start, end]) => [start, end] as [number, number])
  if (row === undefined) return { thread: thread.id, title, message: null, snippet: { text: '', marks: [] } }
  const message = readable(source, row)
  return { thread: thread.id, title, message: message.id, role: message.role, at: message.at, snippet: snippet(searchableText(message), terms) }
}

function nextCursor(rows: readonly ThreadRow[], limit: number): string | null {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return last === undefined ? null : `${last.updated_at}.${last.id}`
}

/** A cursor that nobody here wrote means the beginning: a list is no place to fail. */
function readCursor(cursor: string | undefined): ListPlace | null {
  const match = /^(\d{1,15})\.([A-Za-z0-9_-]{1,64})$/.exec(cursor ?? '')
  return match === null ? null : { at: Number(match[1]), id: match[2] ?? '' }
}

/** The rows of a page, oldest first, and whether there are older and newer ones. Null: the message to look around is not there. */
function sliceOf(source: ReadSource, thread: ThreadId, { before, after, around, limit }: MessageQuery): { rows: MessageRow[]; older: boolean; newer: boolean } | null {
  const olderThan = (place: Place, count: number) => source.messagePage(thread, place, count + 1)
  const newerThan = (place: Place, count: number) => source.messagesAfter(thread, place, count + 1)
  if (around !== undefined) {
    const middle = source.message(thread, around)
    if (middle === undefined) return null
    const half = Math.floor((limit - 1) / 2)
    const older = olderThan(middle, half)
    const newer = newerThan(middle, limit - 1 - half)
    return {
      rows: [...older.slice(0, half).toReversed(), middle, ...newer.slice(0, limit - 1 - half)],
      older: older.length > half,
      newer: newer.length > limit - 1 - half,
    }
  }
  if (after !== undefined) {
    const rows = newerThan(readPlace(after), limit)
    return { rows: rows.slice(0, limit), older: true, newer: rows.length > limit }
  }
  const rows = olderThan(readPlace(before), limit)
  return { rows: rows.slice(0, limit).toReversed(), older: rows.length > limit, newer: before !== undefined }
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

/** Characters above which a page of a journal takes no more events. */
const LARGE_PAGE = 512 * 1024

/** A page of a journal: few events at first, since each may be as large as an agent likes, then more while they are small. */
function withinSize(readEvents: (after: number, limit: number) => RunEvent[], after: number, limit: number): RunEvent[] {
  const page: RunEvent[] = []
  let size = 0
  for (let most = 16; page.length < limit && size < LARGE_PAGE; most *= 4) {
    const asked = Math.min(most, limit - page.length)
    const more = readEvents(page.at(-1)?.seq ?? after, asked)
    for (const event of more) {
      page.push(event)
      size += charactersIn(event)
    }
    if (more.length < asked) break
  }
  return page
}

function charactersIn(event: RunEvent): number {
  if (event.type === 'part.delta') return event.text.length
  return event.type === 'part.ended' ? (event.input?.length ?? 0) + (event.output?.length ?? 0) : 0
}
