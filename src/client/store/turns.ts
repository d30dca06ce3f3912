/**
 * The turns of one thread as they are drawn. Each selector gives the same object while what it describes is the same, so that a view redraws
 * only its own part: of a thread of a hundred messages, a delta changes one turn, one message, one part.
 */
import type { MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { Fork, Message, Part, Run, Transcript } from '../../shared/protocol.ts'
import { humanParts } from '../../shared/human.ts'
import { newestUnder, pathTo, toTurn, treeOf, turnOf } from '../../shared/turns.ts'
import type { Node, TurnRun } from '../../shared/turns.ts'
import type { Connection } from '../run/sink.ts'
import { isQueued } from './activity.ts'
import { byStart, isSaved, liveRuns, selectContent } from './content.ts'
import { outgoingParts } from './files.ts'
import { remember } from './remember.ts'
import { reuse } from './reuse.ts'
import type { LiveRun, Outgoing, State, ThreadContent } from './state.ts'

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
    for (const known of last.keys()) if (last.size > REMEMBERED || state.content[known] === undefined) last.delete(known)
    return turns
  })
}

/** The turns of the piece further back, that does not touch those of `selectTurns`; none where there is no such piece. */
export function selectPastTurns(state: State, thread: ThreadId): readonly ShownTurn[] {
  const content = selectContent(state, thread)
  const past = content?.past ?? null
  if (content === null || past === null) return noTurns
  return settledTurns(past.messages, past.runs, content.branch === null ? noBranches : { ...noBranches, branch: content.branch }).turns
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
  return turnsIn(messages, runs, content, transcripts.map(({ run }) => run)).map((turn) => {
    const live = lives.find((one) => one.token.run === turn.run?.id)
    const told = live?.view ? turnOf(live.view.transcript)?.run : undefined
    return live === undefined ? turn : { ...turn, run: told ?? turn.run, live: statusOf(live) }
  })
}

/** `lives`: runs whose messages are followed, and not on a page. */
function turnsIn(messages: readonly Message[], runs: readonly Run[], of: Branches, lives: readonly RunId[] = []): ShownTurn[] {
  const known = new Set(messages.map((message) => message.id))
  const all = [...of.questions.filter((message) => !known.has(message.id)), ...messages]
  const original = new Map(all.map((message) => [message.id, message]))
  const tree = treeOf(linked(all, runs, of, lives), runs)
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
 * A message may be here before the run it follows: the stream of an older run lags behind a newer run's, or only the question of that run is
 * here. It then stands behind what is here, for it would be taken for another beginning of the thread, and all that comes before would be left
 * out. What a settled message follows may also stand on an older page: then the branch begins here, as far as is known.
 */
function linked(messages: readonly Message[], runs: readonly Run[], { before }: Branches, lives: readonly RunId[]): readonly Message[] {
  const startOf = new Map<string, number>(runs.map((run) => [run.id, run.startedAt]))
  const asked = new Set<string>(runs.map((run) => run.message))
  const places = new Map(messages.filter((message) => startOf.has(message.run) || asked.has(message.id)).map((message) => [message.id, message]))
  const adrift = ({ role, after, run }: Message) => role === 'user' && after !== null && !places.has(after) && (before === null || lives.includes(run))
  if (!messages.some(adrift)) return messages
  const began = (message: Message) => startOf.get(message.run) ?? message.at
  const behind = (message: Message) => [...places.values()]
    .filter((other) => other.run !== message.run && began(other) <= began(message))
    .reduce<Message | null>((newest, other) => (newest === null || began(other) >= began(newest) ? other : newest), null)
  return messages.map((message) => (adrift(message) ? { ...message, after: behind(message)?.id ?? null } : message))
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
  return remember(outgoingMessages, outgoing, ({ id, at, text, files, continues }) => ({
    id, role: 'user', status: 'completed', at, ...(continues === undefined ? {} : { continues: true as const }),
    // The server will name them so too: the nodes that are drawn now stay.
    parts: continues === undefined ? humanParts(outgoingParts({ text, files }), at) : [],
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
