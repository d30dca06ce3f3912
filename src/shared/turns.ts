/**
 * A thread as a tree of runs, and one branch of it as turns. Messages follow each other by `after`; where two human messages follow the same one
 * (an edit), or two runs answer the same one (a Retry), the thread forks. Nothing here depends on which pages of a thread are known.
 */
import type { MessageId, RunId } from './ids.ts'
import type { Message, Run, Transcript } from './protocol.ts'

/** A human's message and what one run made of it: what a thread shows, from settled messages and live transcripts alike. */
export interface Turn {
  readonly message: Message
  readonly run: TurnRun
  /** The agent's messages, and what a person said to it meanwhile. */
  readonly replies: readonly Message[]
}

/** What a turn shows of its run; a Run and a Transcript both tell it. */
export type TurnRun = Pick<Run, 'id' | 'agent' | 'model' | 'startedAt' | 'endedAt' | 'outcome' | 'error' | 'notices'> & Pick<Transcript, 'counters'>

export function turnOf(transcript: Transcript): Turn | null {
  const [message, ...replies] = transcript.messages
  if (message === undefined) return null
  const { run: id, agent, model, startedAt, endedAt, outcome, error, counters, notices } = transcript
  return { message, replies, run: { id, agent, model, startedAt, endedAt, outcome, error, counters, notices } }
}

/** A run with its question and its replies, and the run that it follows. */
export interface Node<R extends TreeRun = Run, M extends TreeMessage = Message> {
  readonly run: R
  readonly message: M
  readonly replies: readonly M[]
  /** Null: it begins the thread, or what it follows is not known here. */
  readonly parent: Node<R, M> | null
}

/** What the tree looks at of a run. */
export type TreeRun = Pick<Run, 'id' | 'message'>
/** And of a message. */
type TreeMessage = Pick<Message, 'id' | 'run' | 'after'>

/**
 * Every run whose question is known, oldest first. `messages` and `runs` are settled ones in any order that puts older before newer.
 */
export function treeOf<R extends TreeRun, M extends TreeMessage = Message>(messages: readonly M[], runs: readonly R[]): readonly Node<R, M>[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const questions = new Set(runs.map((run) => run.message))
  const repliesOf = new Map<RunId, M[]>()
  for (const message of messages) {
    if (questions.has(message.id)) continue
    const held = repliesOf.get(message.run)
    if (held === undefined) repliesOf.set(message.run, [message])
    else held.push(message)
  }
  const nodes = new Map<RunId, Node<R, M>>()
  const answering = new Map<MessageId, Node<R, M>[]>()
  for (const run of runs) {
    const message = byId.get(run.message)
    if (message === undefined) continue
    const node: Node<R, M> = { run, message, replies: repliesOf.get(run.id) ?? [], parent: message.after === null ? null : runBehind(message.after) }
    nodes.set(run.id, node)
    const others = answering.get(run.message)
    if (others === undefined) answering.set(run.message, [node])
    else others.push(node)
  }
  return [...nodes.values()]

  function runBehind(after: MessageId): Node<R, M> | null {
    // A question is followed only where its run left nothing else to follow.
    const asked = answering.get(after)
    if (asked !== undefined) return asked.findLast((node) => node.replies.length === 0) ?? asked.at(-1) ?? null
    const message = byId.get(after)
    return message === undefined ? null : (nodes.get(message.run) ?? null)
  }
}

/** The nodes of the branch that ends with `end`, oldest first. */
export function pathTo<R extends TreeRun, M extends TreeMessage>(end: Node<R, M>): readonly Node<R, M>[] {
  const path: Node<R, M>[] = []
  for (let node: Node<R, M> | null = end; node !== null; node = node.parent) path.push(node)
  return path.toReversed()
}

/** The newest run of all that follow `of`, itself included. */
export function newestUnder<R extends TreeRun, M extends TreeMessage>(tree: readonly Node<R, M>[], of: Node<R, M>): Node<R, M> {
  const under = new Set<Node<R, M>>([of])
  let newest = of
  // A run begins after the one it follows, so its parent is looked at before it.
  for (const node of tree) {
    if (node.parent === null || !under.has(node.parent)) continue
    under.add(node)
    newest = node
  }
  return newest
}

/**
 * The turns of one branch, oldest first: the one that goes through `through`, and of what follows that the newest; without it, or where it is not
 * known, the branch of the newest run.
 */
export function turnsOf(messages: readonly Message[], runs: readonly Run[], through: RunId | null = null): Turn[] {
  const tree = treeOf(messages, runs)
  const chosen = through === null ? undefined : tree.find((node) => node.run.id === through)
  const end = chosen === undefined ? tree.at(-1) : newestUnder(tree, chosen)
  return end === undefined ? [] : pathTo(end).map(toTurn)
}

export function toTurn({ message, run, replies }: Node): Turn {
  const { id, agent, model, startedAt, endedAt, outcome, error, usage, modelCalls, toolCalls, messages, notices } = run
  return { message, replies, run: { id, agent, model, startedAt, endedAt, outcome, error, counters: { usage, modelCalls, toolCalls, messages }, notices } }
}
