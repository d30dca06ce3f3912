/**
 * What the page draws. Each selector gives the same object while what it describes is the same, so that a view redraws only its own
 * part: of a thread of a hundred messages, a delta changes one turn, one message, one part.
 */
import type { MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { AgentInfo, Fork, Message, Part, Queue, QueuedMessage, Run, Thread, Transcript } from '../../shared/protocol.ts'
import { humanParts } from '../../shared/human.ts'
import { newestUnder, pathTo, toTurn, treeOf, turnOf } from '../../shared/turns.ts'
import type { Node, TurnRun } from '../../shared/turns.ts'
import type { Connection } from '../run/sink.ts'
import { activeRunOf, byStart, isSaved, isSettled, liveRuns } from './content.ts'
import { reuse } from './reuse.ts'
import type { LiveRun, Outgoing, State, ThreadContent } from './state.ts'
import { isRunning } from './threads.ts'

/**
 * A message as it is drawn; one that is being sent has no run and no place in the thread yet. A part that still grows stands in it without its
 * text: who draws the part takes that from `selectGrowing`, so that a token draws nothing else.
 */
export type ShownMessage = Omit<Message, 'run' | 'after'>

/** A human's message and what has come of it. `key` is the message's id and stays from sending through streaming to settled. */
export interface ShownTurn {
  readonly key: MessageId
  readonly message: ShownMessage
  readonly replies: readonly ShownMessage[]
  /** Null until the server's run is known. */
  readonly run: TurnRun | null
  /** Set while this page follows the run. */
  readonly live: LiveStatus | null
  /** Set while the message (or its Retry) is being sent, or could not be. */
  readonly outgoing: Outgoing | null
  /** The message among what was said in its place; absent where it is the only one. */
  readonly versions?: Siblings | undefined
  /** The run among those that answer the message. */
  readonly answers?: Siblings | undefined
}

/** One of several branches that part here, oldest first. */
export interface Siblings {
  readonly index: number
  readonly ids: readonly (MessageId | RunId)[]
}

export interface LiveStatus {
  readonly run: RunId
  readonly connection: Connection
  readonly stopping: boolean
}

/** What the composer's button is for. `sending`: Stop may be pressed and is remembered until the run is known. */
export type Activity = 'idle' | 'sending' | 'running' | 'stopping'

// ---------------------------------------------------------------- threads

const lists = new WeakMap<State['threads'], readonly Thread[]>()

/** Threads that are not archived, newest activity first. */
export function selectThreadList(state: State): readonly Thread[] {
  return remember(lists, state.threads, ({ byId, order }) =>
    order.flatMap((id) => {
      const thread = byId[id]
      return thread === undefined || thread.archived ? [] : [thread]
    }))
}

const archives = new WeakMap<State['threads'], readonly Thread[]>()

/** Threads that were put away, as far as they are loaded, newest activity first. */
export function selectArchive(state: State): readonly Thread[] {
  return remember(archives, state.threads, ({ byId, order }) =>
    order.flatMap((id) => {
      const thread = byId[id]
      return thread?.archived === true ? [thread] : []
    }))
}

export function selectThread(state: State, thread: ThreadId | null): Thread | null {
  return thread === null ? null : (state.threads.byId[thread] ?? null)
}

/** What goes on in all threads that nobody looks at. */
export interface Attention {
  /** The most pressing of it. */
  readonly mark: 'waiting' | 'unread' | 'running' | null
  /** Threads that wait for somebody or have an unseen answer. */
  readonly count: number
}

const attentions = new WeakMap<State['threads'], Attention>()

export function selectAttention(state: State): Attention {
  return remember(attentions, state.threads, ({ byId }) => {
    const threads = Object.values(byId)
    const waiting = threads.filter((thread) => thread.activeRun?.waiting === true)
    const unread = threads.filter((thread) => thread.unread && thread.activeRun?.waiting !== true)
    const running = threads.some((thread) => thread.activeRun !== null)
    return { mark: waiting.length > 0 ? 'waiting' : unread.length > 0 ? 'unread' : running ? 'running' : null, count: waiting.length + unread.length }
  })
}

export interface ThreadGroup {
  readonly kind: 'pinned' | 'today' | 'yesterday' | 'week' | 'month'
  /** For a month: an instant in it, by which a view may name it. */
  readonly at: number | null
  readonly threads: readonly Thread[]
}

/** Groups a list that is newest first: pinned, today, yesterday, the seven days before today, then by month. Days are those of the page's time zone. */
export function groupThreads(threads: readonly Thread[], now: number): ThreadGroup[] {
  const date = new Date(now)
  const midnight = (daysAgo: number) => new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysAgo).getTime()
  const today = midnight(0)
  const yesterday = midnight(1)
  const week = midnight(7)
  const groups = new Map<string, { kind: ThreadGroup['kind']; at: number | null; threads: Thread[] }>()
  const put = (key: string, kind: ThreadGroup['kind'], at: number | null, thread: Thread) => {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { kind, at, threads: [thread] })
    else group.threads.push(thread)
  }
  for (const thread of threads.filter((one) => one.pinned)) put('pinned', 'pinned', null, thread)
  for (const thread of threads.filter((one) => !one.pinned)) {
    const at = thread.updatedAt
    if (at >= today) put('today', 'today', null, thread)
    else if (at >= yesterday) put('yesterday', 'yesterday', null, thread)
    else if (at >= week) put('week', 'week', null, thread)
    else put(`month ${new Date(at).getFullYear()} ${new Date(at).getMonth()}`, 'month', at, thread)
  }
  return [...groups.values()]
}

// ---------------------------------------------------------------- one thread

export function selectContent(state: State, thread: ThreadId | null): ThreadContent | null {
  return thread === null ? null : (state.content[thread] ?? null)
}

const noTurns: readonly ShownTurn[] = []
const shown = new WeakMap<ThreadContent, readonly ShownTurn[]>()
/** The turns last given for each thread that was drawn of late: what did not change since keeps its identity. */
const last = new Map<ThreadId, readonly ShownTurn[]>()
const REMEMBERED = 8

/**
 * Everything that a thread shows, oldest first, nothing twice: a followed run stands for its settled form until it is finalized, and a
 * message that is being sent stands for itself until a transcript or the settled messages hold it.
 */
export function selectTurns(state: State, thread: ThreadId | null): readonly ShownTurn[] {
  const content = selectContent(state, thread)
  if (thread === null || content === null) return noTurns
  return remember(shown, content, () => {
    const turns = reuseTurns(last.get(thread) ?? noTurns, makeTurns(content))
    last.delete(thread)
    last.set(thread, turns)
    for (const oldest of last.keys()) if (last.size > REMEMBERED) last.delete(oldest)
    return turns
  })
}

/** The turns of the piece further back, that does not touch those of `selectTurns`; none where there is no such piece. */
export function selectPastTurns(state: State, thread: ThreadId): readonly ShownTurn[] {
  const past = selectContent(state, thread)?.past ?? null
  return past === null ? noTurns : settledTurns(past.messages, past.runs, noBranches).turns
}

/** What tells one branch from another. */
type Branches = Pick<ThreadContent, 'questions' | 'forks' | 'branch' | 'before'>
const noBranches: Branches = { questions: [], forks: [], branch: null, before: '' }

interface SettledTurns {
  readonly runs: readonly Run[]
  readonly of: Branches
  readonly turns: readonly ShownTurn[]
  readonly messages: ReadonlySet<MessageId>
}
const settled = new WeakMap<readonly Message[], SettledTurns>()

/** Turns of saved messages: told once for as long as they do not change, however often something is said below them. */
function settledTurns(messages: readonly Message[], runs: readonly Run[], of: Branches): SettledTurns {
  const held = settled.get(messages)
  if (held?.runs === runs && held.of.branch === of.branch && held.of.questions === of.questions && held.of.forks === of.forks && held.of.before === of.before) return held
  const made = { runs, turns: reuseTurns(held?.turns ?? noTurns, turnsIn(messages, runs, of)), of, messages: new Set(messages.map((message) => message.id)) }
  settled.set(messages, made)
  return made
}

/** Where one answer grows below everything that is saved, only its own turn is told anew. Null: it is not so simple. */
function withNewest(content: ThreadContent, lives: readonly LiveRun[]): ShownTurn[] | null {
  const [live, ...others] = lives
  const saved = settledTurns(content.messages, content.runs, content)
  if (live === undefined) return [...saved.turns]
  const turn = live.view === null ? null : turnOf(live.view.transcript)
  if (turn === null || others.length > 0 || saved.messages.has(turn.message.id)) return null
  const end = saved.turns.at(-1)
  if (turn.message.after !== ((end?.replies.at(-1) ?? end?.message)?.id ?? null)) return null
  return [...saved.turns, { key: turn.message.id, ...turn, live: statusOf(live), outgoing: null }]
}

function makeTurns(content: ThreadContent): ShownTurn[] {
  // A run that is saved with all that is shown of it needs no stand-in, even while its stream has not heard so yet.
  const lives = liveRuns(content).filter((live) => live.view !== null && !isSaved(content, live))
  const turns = withNewest(content, lives) ?? interwoven(content, lives)
  const still = turns.map((turn) => (turn.live === null ? turn : { ...turn, replies: turn.replies.map(withoutGrowing) }))
  return content.outgoing.reduce((so, outgoing) => withOutgoing(so, outgoing, content), still)
}

function withoutGrowing(message: ShownMessage): ShownMessage {
  if (message.status !== 'streaming' || message.parts.every((part) => part.state !== 'open')) return message
  return { ...message, parts: message.parts.map(withoutText) }
}

function withoutText(part: Part): Part {
  if (part.state !== 'open') return part
  if (part.kind === 'text' || part.kind === 'thinking') return { ...part, text: '' }
  return part.kind === 'tool' ? { ...part, input: '', output: '' } : part
}

/** A part of a followed run as it is at this moment, with all its text. Null where no followed run has it. */
export function selectGrowing(state: State, thread: ThreadId, message: string, part: string): Part | null {
  const content = selectContent(state, thread)
  if (content === null) return null
  for (const live of liveRuns(content).toReversed()) {
    const found = live.view?.transcript.messages.findLast((one) => one.id === message)?.parts.findLast((one) => one.id === part)
    if (found !== undefined) return found
  }
  return null
}

/** Followed runs among the saved ones, each where it began. */
function interwoven(content: ThreadContent, lives: readonly LiveRun[]): ShownTurn[] {
  const transcripts = lives.flatMap((live) => (live.view === null ? [] : [live.view.transcript]))
  const runs = allRuns(content.runs, transcripts)
  const messages = allMessages(content.messages, transcripts, runs)
  return turnsIn(messages, runs, content).map((turn) => {
    const live = lives.find((one) => one.token.run === turn.run?.id)
    const told = live?.view ? turnOf(live.view.transcript)?.run : undefined
    return live === undefined ? turn : { ...turn, run: told ?? turn.run, live: statusOf(live) }
  })
}

function turnsIn(messages: readonly Message[], runs: readonly Run[], of: Branches): ShownTurn[] {
  const known = new Set(messages.map((message) => message.id))
  const all = [...of.questions.filter((message) => !known.has(message.id)), ...messages]
  const original = new Map(all.map((message) => [message.id, message]))
  const tree = treeOf(linked(all, of), runs)
  const chosen = of.branch === null ? undefined : tree.find((node) => node.run.id === of.branch)
  const end = chosen === undefined ? tree.at(-1) : newestUnder(tree, chosen)
  if (end === undefined) return []
  const siblings = siblingsIn(tree, of.forks)
  return pathTo(end).map((node) => ({
    ...toTurn(node), key: node.message.id, message: original.get(node.message.id) ?? node.message, live: null, outgoing: null, ...siblings(node),
  }))
}

/** Looks up what stands in the place of a turn's message and of its answer; nothing where each is the only one. */
function siblingsIn(tree: readonly Node[], forks: readonly Fork[]): (node: Node) => Pick<ShownTurn, 'versions' | 'answers'> {
  const questions = new Map<MessageId | null, MessageId[]>(forks.map((fork) => [fork.after, [...fork.messages]]))
  const answers = new Map<MessageId, RunId[]>()
  for (const { message, run } of tree) {
    const held = questions.get(message.after)
    if (held === undefined) questions.set(message.after, [message.id])
    else if (!held.includes(message.id)) held.push(message.id)
    const others = answers.get(message.id)
    if (others === undefined) answers.set(message.id, [run.id])
    else others.push(run.id)
  }
  const among = <T extends MessageId | RunId>(ids: readonly T[] | undefined, id: T): Siblings | undefined =>
    ids === undefined || ids.length < 2 ? undefined : { index: ids.indexOf(id), ids }
  return ({ message, run }) => {
    const [versions, runs] = [among(questions.get(message.after), message.id), among(answers.get(message.id), run.id)]
    return { ...(versions === undefined ? {} : { versions }), ...(runs === undefined ? {} : { answers: runs }) }
  }
}

/** Settled messages with those of the followed runs in place of their settled form, each where its run began. */
function allMessages(settled: readonly Message[], transcripts: readonly Transcript[], runs: readonly Run[]): readonly Message[] {
  if (transcripts.length === 0) return settled
  const followed = new Set<string>(transcripts.map((transcript) => transcript.run))
  const questions = new Set(runs.map((run) => run.message))
  const kept = settled.filter((message) => questions.has(message.id) || !followed.has(message.run))
  const known = new Set(kept.map((message) => message.id))
  const all = [...kept, ...transcripts.flatMap((transcript) => transcript.messages.filter((message) => !known.has(message.id)))]
  const startOf = new Map<string, number>(runs.map((run) => [run.id, run.startedAt]))
  return all.sort((a, b) => (startOf.get(a.run) ?? a.at) - (startOf.get(b.run) ?? b.at))
}

/**
 * A message may be here before the one it follows: the stream of an older run lags behind a newer run's. It then stands behind what is
 * here, for it would be taken for another beginning of the thread, and all that comes before would be left out. What it follows may also
 * stand on an older page: then the branch begins here, as far as is known.
 */
function linked(messages: readonly Message[], { before }: Branches): readonly Message[] {
  if (before !== null) return messages
  const known = new Set<string>(messages.map((message) => message.id))
  const adrift = (message: Message, index: number) => index > 0 && message.role === 'user' && message.after !== null && !known.has(message.after)
  if (!messages.some(adrift)) return messages
  return messages.map((message, index) => (adrift(message, index) ? { ...message, after: messages[index - 1]?.id ?? null } : message))
}

function allRuns(settled: readonly Run[], transcripts: readonly Transcript[]): readonly Run[] {
  if (transcripts.length === 0) return settled
  const followed = new Set<string>(transcripts.map((transcript) => transcript.run))
  return byStart([...settled.filter((run) => !followed.has(run.id)), ...transcripts.flatMap(runOf)])
}

/** A transcript as the record of its run, as far as `turnsOf` looks at one. */
function runOf(transcript: Transcript): Run[] {
  const message = transcript.messages[0]
  if (message === undefined) return []
  const { run: id, thread, agent, model, startedAt, endedAt, outcome, error, counters, notices, lastSeq } = transcript
  return [{
    id, thread, message: message.id, status: outcome ?? 'running', settled: false, waiting: false, outcome, error, agent, model,
    startedAt, endedAt, ...counters, notices, lastSeq, cursor: '',
  }]
}

function withOutgoing(turns: readonly ShownTurn[], outgoing: Outgoing, content: ThreadContent): ShownTurn[] {
  const live = liveRuns(content).find((one) => one.token.run === outgoing.run)
  const status = live === undefined ? null : statusOf(live)
  if (isQueued(outgoing)) return [...turns]
  if (outgoing.regenerate === undefined) {
    const { startedAt = Infinity, after } = outgoing
    if (after !== undefined) {
      const behind = turns.findIndex((turn) => turn.message.id === after || turn.replies.some((reply) => reply.id === after))
      return [...turns.slice(0, behind + 1), { key: outgoing.id, message: messageOf(outgoing), replies: [], run: null, live: status, outgoing }]
    }
    const later = turns.findIndex((turn) => turn.run !== null && turn.run.startedAt > startedAt)
    const turn = { key: outgoing.id, message: messageOf(outgoing), replies: [], run: null, live: status, outgoing }
    return turns.toSpliced(later < 0 ? turns.length : later, 0, turn)
  }
  const index = turns.findIndex((turn) => turn.key === outgoing.regenerate)
  const turn = turns[index]
  if (turn === undefined) return [...turns]
  if (outgoing.status !== 'sending') return turns.with(index, { ...turn, outgoing })
  // The old answer makes room at once; it is back if the server does not take the Retry.
  return [...turns.slice(0, index), { ...turn, replies: [], run: null, live: status, outgoing }]
}

const outgoingMessages = new WeakMap<Outgoing, ShownMessage>()

function messageOf(outgoing: Outgoing): ShownMessage {
  return remember(outgoingMessages, outgoing, ({ id, at, text, continues }) => ({
    id, role: 'user', status: 'completed', at, ...(continues === undefined ? {} : { continues: true as const }),
    // The server will name them so too: the nodes that are drawn now stay.
    parts: continues === undefined ? humanParts([{ kind: 'text', text }], at) : [],
  }))
}

function statusOf({ token, connection, stopping }: LiveRun): LiveStatus {
  return { run: token.run, connection, stopping }
}

function reuseTurns(before: readonly ShownTurn[], next: readonly ShownTurn[]): readonly ShownTurn[] {
  const byKey = new Map(before.map((turn) => [turn.key, turn]))
  const made = next.map((turn) => reuse(byKey.get(turn.key), turn))
  return made.length === before.length && made.every((turn, index) => turn === before[index]) ? before : made
}

/** What is going on in a thread, as far as this page knows. */
export function selectActivity(state: State, thread: ThreadId | null): Activity {
  const content = selectContent(state, thread)
  const sending = content?.outgoing.findLast((outgoing) => outgoing.status === 'sending' && outgoing.run === undefined && !isQueued(outgoing))
  if (sending !== undefined) return sending.stopping === true ? 'stopping' : 'sending'
  const live = content?.live ?? null
  if (thread !== null && live !== null && isLiveRunning(live) && !isSettled(state, thread, live.token.run)) return live.stopping || live.view?.transcript.cancelledBy !== undefined ? 'stopping' : 'running'
  const active = thread === null ? null : activeRunOf(state, thread)
  if (active === null || live?.token.run === active.id || !isRunning(active)) return 'idle'
  return active.status === 'cancelling' ? 'stopping' : 'running'
}

function isLiveRunning(live: LiveRun): boolean {
  return live.view?.transcript.outcome === undefined && live.connection.kind !== 'settling' && live.connection.kind !== 'failed'
}

/** How the page stands with the run in view; null when it follows none. */
export function selectConnection(state: State, thread: ThreadId | null): Connection | null {
  return selectContent(state, thread)?.live?.connection ?? null
}

/** Sent while a run was under way, and not known to have started. */
export function isQueued({ queued, status, run }: Outgoing): boolean {
  return queued === true && status === 'sending' && run === undefined
}

/** A message that waits; `sending`: the server has not said so yet. */
export type ShownQueued = Pick<QueuedMessage, 'id' | 'parts'> & { readonly state: QueuedMessage['state'] | 'sending' }

const queues = new WeakMap<ThreadContent, { readonly of: Queue; readonly shown: readonly ShownQueued[] }>()

/** What waits in a thread, in order, with what is on its way there. */
export function selectQueue(state: State, thread: ThreadId): readonly ShownQueued[] {
  const queue = state.threads.byId[thread]?.queue ?? emptyQueue
  const content = state.content[thread]
  if (content === undefined || !content.outgoing.some(isQueued)) return queue.messages
  const held = queues.get(content)
  if (held?.of === queue) return held.shown
  const sending = content.outgoing.filter((one) => isQueued(one) && !queue.messages.some((message) => message.id === one.id))
    .map(({ id, text }): ShownQueued => ({ id, parts: [{ kind: 'text', text }], state: 'sending' }))
  const made = [...queue.messages, ...sending]
  queues.set(content, { of: queue, shown: made })
  return made
}
const emptyQueue: Queue = { messages: [], paused: null }

export function selectDraft(state: State, thread: ThreadId | null): string {
  return state.drafts[thread ?? ''] ?? ''
}

// ---------------------------------------------------------------- agents

export interface Choice {
  readonly agent: AgentInfo
  readonly model: string | null
  /** The agent that was meant is not offered any more: this one answers instead. */
  readonly gone: boolean
}

const choices = new WeakMap<object, Map<string, Choice | null>>()

/** The agent and model that the next message in `thread` goes to: the person's choice, else the thread's, else the default. */
export function selectChoice(state: State, thread: ThreadId | null): Choice | null {
  const list = state.agents
  if (list === null) return null
  const known = selectThread(state, thread)
  const wanted = state.choice.agent ?? known?.agent ?? list.default
  const model = state.choice.agent === null ? (known?.model ?? null) : state.choice.model
  const made = remember(choices, list, () => new Map<string, Choice | null>())
  const key = `${wanted} ${model ?? ''}`
  const kept = made.get(key)
  if (kept !== undefined) return kept
  const agent = list.agents.find((one) => one.id === wanted) ?? list.agents.find((one) => one.id === list.default) ?? null
  const has = agent?.models.some((one) => one.id === model) === true
  const choice = agent === null ? null : { agent, model: has ? model : (agent.models[0]?.id ?? null), gone: agent.id !== wanted }
  made.set(key, choice)
  return choice
}

function remember<K extends object, V>(kept: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  const held = kept.get(key)
  if (held !== undefined) return held
  const made = make(key)
  kept.set(key, made)
  return made
}
