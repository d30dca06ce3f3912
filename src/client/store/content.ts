/** What is known of each thread's content: settled messages, runs that are followed, messages on their way out. All pure. */
import type { MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { Message, MessagePage, Run } from '../../shared/protocol.ts'
import { covers } from '../../shared/covers.ts'
import type { OwnerToken } from '../run/sink.ts'
import { reuse } from './reuse.ts'
import type { LiveRun, Outgoing, Past, State, ThreadContent } from './state.ts'

export const emptyContent: ThreadContent = {
  status: 'loading', error: null, messages: [], runs: [], before: null, past: null, questions: [], forks: [], branch: null, live: null, settling: [], outgoing: [],
}

export function selectContent(state: State, thread: ThreadId | null): ThreadContent | null {
  return thread === null ? null : (state.content[thread] ?? null)
}

/** Runs that this page follows or still shows, oldest first. */
export function liveRuns(content: ThreadContent): readonly LiveRun[] {
  return content.live === null ? content.settling : [...content.settling, content.live]
}

export function findLive(state: State, thread: ThreadId, run: RunId): LiveRun | undefined {
  const content = state.content[thread]
  return content === undefined ? undefined : liveRuns(content).find((live) => live.token.run === run)
}

/** The run that is active in a thread. News of a run may be older than what the page knows: one that is saved is not active any more. */
export function activeRunOf(state: State, thread: ThreadId): Run | null {
  const active = state.threads.byId[thread]?.activeRun ?? null
  return active !== null && isSettled(state, thread, active.id) ? null : active
}

export function isSettled(state: State, thread: ThreadId, run: RunId): boolean {
  return state.content[thread]?.runs.some((known) => known.id === run && known.settled) === true
}

/** Changes one thread's content, made where there is none; an outgoing message that now came by another way leaves in the same commit. */
export function changeContent(state: State, thread: ThreadId, change: (content: ThreadContent) => ThreadContent): State {
  const held = state.content[thread]
  const before = held ?? emptyContent
  const after = withoutArrived(change(before))
  return after === held ? state : { ...state, content: { ...state.content, [thread]: after } }
}

function withoutArrived(content: ThreadContent): ThreadContent {
  const left = content.outgoing.filter((outgoing) => !hasArrived(content, outgoing))
  // What was sent is the newest of all now, and what its sender looks at.
  return left.length === content.outgoing.length ? content : { ...content, outgoing: left, branch: null }
}

/** A message has arrived when it is there by its id, a Retry when its run is. */
function hasArrived(content: ThreadContent, outgoing: Outgoing): boolean {
  const views = liveRuns(content).flatMap((live) => (live.view === null ? [] : [live.view.transcript]))
  if (outgoing.regenerate !== undefined) {
    const { run } = outgoing
    return run !== undefined && (views.some((view) => view.run === run) || content.runs.some((known) => known.id === run && known.settled))
  }
  // A message is saved as soon as its run begins; it is shown only with that run, which is saved at its end.
  const saved = content.messages.find((message) => message.id === outgoing.id)
  const shown = saved !== undefined && content.runs.some((run) => run.id === saved.run || run.message === saved.id)
  return shown || views.some((view) => view.messages.some((message) => message.id === outgoing.id))
}

// ---------------------------------------------------------------- settled

/** Adds settled messages and runs; what is equal keeps its identity and what is there keeps its place. */
export function putSettled(content: ThreadContent, messages: readonly Message[], runs: readonly Run[], where: 'older' | 'newer'): ThreadContent {
  return {
    ...content,
    messages: reuse(content.messages, merge(content.messages, messages, where)),
    // Runs may settle in another order than they began in, and of two answers to one message the newer is shown.
    runs: reuse(content.runs, byStart(merge(content.runs, runs, where))),
  }
}

/** Oldest first; runs of the same instant stay as they are. */
export function byStart(runs: readonly Run[]): readonly Run[] {
  return [...runs].sort((a, b) => a.startedAt - b.startedAt)
}

function merge<T extends { readonly id: string }>(held: readonly T[], incoming: readonly T[], where: 'older' | 'newer'): readonly T[] {
  const news = new Map<string, T>(incoming.map((item) => [item.id, item]))
  const kept = held.map((item) => {
    const fresh = news.get(item.id)
    news.delete(item.id)
    return fresh ?? item
  })
  return where === 'older' ? [...news.values(), ...kept] : [...kept, ...news.values()]
}

/**
 * The newest page. Runs that wait to be settled, and that nothing owns the thread for, give way to it as soon as it holds all that they show.
 * A page that does not touch what is held (more was said meanwhile than one page holds) takes its place: a hole would be worse.
 */
export function receiveNewestPage(content: ThreadContent, page: MessagePage): ThreadContent {
  const known = new Set(content.messages.map((message) => message.id))
  const apart = content.status === 'ready' && content.messages.length > 0 && page.before !== null && !page.messages.some((message) => known.has(message.id))
  const held = apart ? emptyContent : content
  const merged: ThreadContent = {
    ...content,
    messages: reuse(content.messages, around(held.messages, page.messages)),
    // What is held beside the page may have begun before some of it: runs are saved in any order.
    runs: reuse(content.runs, byStart(around(held.runs, page.runs))),
  }
  return joined({
    ...withBranches(merged, page),
    status: 'ready',
    error: null,
    before: apart || content.status !== 'ready' ? page.before : content.before,
    settling: keepSame(merged.settling, merged.settling.filter((live) => !isSaved(merged, live))),
  })
}

/** The page with what is held from before it ahead, and behind it what came since it was read. */
function around<T extends { readonly id: string }>(held: readonly T[], page: readonly T[]): readonly T[] {
  const paged = new Set(page.map((item) => item.id))
  const first = held.findIndex((item) => paged.has(item.id))
  const ahead = first < 0 ? [] : held.slice(0, first)
  return [...ahead, ...page, ...held.slice(ahead.length).filter((item) => !paged.has(item.id))]
}

/** What a page says of the branches that it is part of. */
function withBranches(content: ThreadContent, { questions = [], forks = [] }: MessagePage): ThreadContent {
  if (questions.length === 0 && forks.length === 0) return content
  const told = new Set(forks.map((fork) => fork.after))
  return {
    ...content,
    questions: reuse(content.questions, merge(content.questions, questions, 'newer')),
    forks: reuse(content.forks, [...content.forks.filter((fork) => !told.has(fork.after)), ...forks]),
  }
}

export function receiveOlderPage(content: ThreadContent, page: MessagePage): ThreadContent {
  return joined({ ...withBranches(putSettled(content, page.messages, page.runs, 'older'), page), before: page.before })
}

/** A page around a message that lies further back than what is held. It takes the place of another such piece, unless the two touch. */
export function receivePast(content: ThreadContent, page: MessagePage): ThreadContent {
  const piece: Past = { messages: page.messages, runs: page.runs, before: page.before, after: page.after ?? null }
  const { past } = content
  const touches = past !== null && piece.messages.some((message) => past.messages.some((held) => held.id === message.id))
  if (!touches) return joined({ ...content, past: piece })
  const earlier = past.messages.some((message) => message.id === piece.messages[0]?.id)
  const later = past.messages.some((message) => message.id === piece.messages.at(-1)?.id)
  return joined({
    ...content,
    past: {
      messages: around(past.messages, piece.messages),
      runs: byStart(merge(past.runs, piece.runs, 'newer')),
      before: earlier ? past.before : piece.before,
      after: later ? past.after : piece.after,
    },
  })
}

/** The next page at one end of the piece further back. */
export function receivePastPage(content: ThreadContent, page: MessagePage, where: 'older' | 'newer'): ThreadContent {
  const { past } = content
  if (past === null) return content
  return joined({
    ...content,
    past: {
      messages: merge(past.messages, page.messages, where),
      runs: byStart(merge(past.runs, page.runs, where)),
      before: where === 'older' ? page.before : past.before,
      after: where === 'newer' ? (page.after ?? null) : past.after,
    },
  })
}

/** One piece as soon as the piece further back touches what reaches to the end. */
function joined(content: ThreadContent): ThreadContent {
  const { past } = content
  if (past === null) return content
  const held = new Set(content.messages.map((message) => message.id))
  if (past.after !== null && !past.messages.some((message) => held.has(message.id))) return content
  const within = past.messages.length > 0 && held.has((past.messages[0] as Message).id)
  return {
    ...content,
    status: past.after === null && content.status === 'loading' ? 'ready' : content.status,
    messages: around(content.messages, past.messages),
    runs: byStart(merge(content.runs, past.runs, 'older')),
    before: within ? content.before : past.before,
    past: null,
  }
}

export function findMessage(content: ThreadContent | undefined, id: MessageId): Message | undefined {
  if (content === undefined) return undefined
  const live = liveRuns(content).flatMap(({ view }) => view?.transcript.messages ?? [])
  return [...content.messages, ...content.questions, ...(content.past?.messages ?? []), ...live].find((message) => message.id === id)
}

/** True if the message is held, wherever. */
export function holdsMessage(content: ThreadContent | undefined, id: MessageId): boolean {
  if (content === undefined) return false
  const among = (messages: readonly Message[]) => messages.some((message) => message.id === id)
  return among(content.messages) || among(content.past?.messages ?? []) || liveRuns(content).some((live) => live.view !== null && among(live.view.transcript.messages))
}

/** True if the settled messages hold every character of the run. */
export function isSaved(content: ThreadContent, live: LiveRun): boolean {
  const settled = content.runs.some((run) => run.id === live.token.run && run.settled)
  return settled && (live.view === null || covers(content.messages, live.view.transcript.messages))
}

function keepSame<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return before.length === after.length ? before : after
}

// ---------------------------------------------------------------- followed runs

/**
 * Gives a run that is to be followed its place. A run that is held already keeps its text under the new token; a new one becomes the
 * newest, and the one before stays on the page until it is saved.
 */
export function claimRun(content: ThreadContent, token: OwnerToken): ThreadContent {
  const held = liveRuns(content).find((live) => live.token.run === token.run)
  if (held !== undefined) {
    if (held.token.generation === token.generation) return content
    return changeLive(content, token.run, (live) => ({ ...live, token, connection: { kind: 'connecting' } }))
  }
  const live: LiveRun = { token, view: null, connection: { kind: 'connecting' }, stopping: false }
  return { ...content, live, settling: liveRuns(content).filter((older) => !isSaved(content, older)) }
}

/** Changes or (null) drops a followed run. */
export function changeLive(content: ThreadContent, run: RunId, change: (live: LiveRun) => LiveRun | null): ThreadContent {
  if (content.live?.token.run === run) return { ...content, live: change(content.live) }
  const settling = content.settling.flatMap((live) => {
    if (live.token.run !== run) return [live]
    const changed = change(live)
    return changed === null ? [] : [changed]
  })
  return { ...content, settling }
}

// ---------------------------------------------------------------- outgoing

export function putOutgoing(content: ThreadContent, outgoing: Outgoing): ThreadContent {
  const known = content.outgoing.some((one) => one.id === outgoing.id)
  return { ...content, outgoing: known ? content.outgoing.map((one) => (one.id === outgoing.id ? outgoing : one)) : [...content.outgoing, outgoing] }
}

export function dropOutgoing(content: ThreadContent, id: MessageId): ThreadContent {
  return { ...content, outgoing: content.outgoing.filter((one) => one.id !== id) }
}
