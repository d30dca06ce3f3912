/** Which branch of a thread is looked at, and copies of it. A choice is kept in this browser, by thread. */
import type { MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import { parseRunId } from '../../shared/ids.ts'
import { newestUnder, treeOf } from '../../shared/turns.ts'
import { byStart, changeContent, findMessage, liveRuns } from '../store/content.ts'
import type { Actions, ThreadContent } from '../store/state.ts'
import { putThreads } from '../store/threads.ts'
import { selectTurns } from '../store/turns.ts'
import type { PartDeps } from './deps.ts'
import type { Toasts } from './toasts.ts'
import { inBackground } from './trouble.ts'
import type { View } from './view.ts'

export interface BranchMemory {
  get(thread: ThreadId): RunId | null
  set(thread: ThreadId, run: RunId | null): void
}

const KEY = 'holdfast:branch:'

/** In localStorage, where it works; a choice that cannot be kept holds until the page goes. */
export function createBranchMemory(storage: () => Storage, onTrouble: (error: unknown) => void): BranchMemory {
  return {
    get(thread) {
      try {
        return parseRunId(storage().getItem(KEY + thread))
      } catch (error) {
        onTrouble(error)
        return null
      }
    },
    set(thread, run) {
      try {
        if (run === null) storage().removeItem(KEY + thread)
        else storage().setItem(KEY + thread, run)
      } catch (error) {
        onTrouble(error)
      }
    },
  }
}

export interface Branches extends Pick<Actions, 'lookAt' | 'fork' | 'reveal'> {
  /** Brings back the choice of an earlier visit. */
  recall(thread: ThreadId): void
}

export interface BranchesDeps extends Pick<PartDeps, 'store' | 'api' | 'newId' | 'branchMemory' | 'log' | 'explain'> {
  readonly view: View
  readonly toasts: Toasts
  readonly open: (thread: ThreadId) => void
}

export function createBranches({ store, api, newId, branchMemory, log, explain, view, toasts, open }: BranchesDeps): Branches {
  const contentOf = (thread: ThreadId) => store.getState().content[thread]
  function choose(thread: ThreadId, run: RunId | null): void {
    branchMemory.set(thread, run)
    store.update((state) => changeContent(state, thread, (content) => (content.branch === run ? content : { ...content, branch: run })))
  }
  // Sending goes to the newest branch, and then the old choice is of no use any more.
  store.subscribe((state, before) => {
    if (state.content === before.content) return
    for (const [thread, content] of Object.entries(state.content)) {
      if (content.branch === null && (before.content[thread]?.branch ?? null) !== null) branchMemory.set(thread as ThreadId, null)
    }
  })

  async function lookAt(thread: ThreadId, sibling: MessageId | RunId): Promise<void> {
    // A sibling and all that follows it began later than it: once it is here, so is the newest of them.
    while (runUnder(contentOf(thread), sibling) === null) {
      const content = contentOf(thread)
      if (content === undefined || content.before === null) break
      // What lies between the newest messages and a piece further back comes first: a piece by itself tells no branches.
      await (content.past === null ? view.loadOlder(thread) : view.loadGap(thread, 'below'))
      if (contentOf(thread)?.before === content.before) break // it could not be loaded, and the page has said so
    }
    const run = runUnder(contentOf(thread), sibling)
    if (run !== null) choose(thread, run)
  }

  return {
    reveal(target) {
      inBackground(log, 'looking up a message', async () => {
        const { thread, message } = target
        await view.reveal(target)
        const { content: { [thread]: content }, target: wanted } = store.getState()
        const shown = selectTurns(store.getState(), thread).some((turn) => turn.message.id === message || turn.replies.some((reply) => reply.id === message))
        const run = content === undefined || shown ? null : runWith(content, message)
        if (run === null || wanted !== target) return
        // It is on another branch, or further back, where none can tell yet. A link is no lasting choice: this one is not kept.
        store.update((state) => changeContent(state, thread, (held) => ({ ...held, branch: run })))
      })
    },
    recall(thread) {
      const run = branchMemory.get(thread)
      if (run !== null) store.update((state) => changeContent(state, thread, (content) => ({ ...content, branch: run })))
    },
    lookAt,
    async fork(thread, message) {
      try {
        const copy = await api.forkThread(thread, { message, id: newId() as ThreadId })
        store.update((state) => putThreads(state, [copy]))
        open(copy.id)
      } catch (error) {
        toasts.show(explain(error))
      }
    },
  }
}

/** The newest run that answers this message, else the one that wrote it or heard it while it worked. Null: it is not held. */
function runWith(content: ThreadContent, message: MessageId): RunId | null {
  const answering = byStart([...content.runs, ...(content.past?.runs ?? [])]).findLast((run) => run.message === message)
  return answering?.id ?? findMessage(content, message)?.run ?? null
}

/** The newest run of the branches that begin with this human message, or with this run. Null: it is not here. */
export function runUnder(content: ThreadContent | undefined, sibling: MessageId | RunId): RunId | null {
  if (content === undefined) return null
  const transcripts = liveRuns(content).flatMap(({ view }) => (view === null ? [] : [view.transcript]))
  const runs = [...content.runs, ...transcripts.filter(({ run }) => !content.runs.some((known) => known.id === run)).map(({ run, messages, startedAt }) => ({ id: run, message: messages[0]?.id as MessageId, startedAt }))]
    .sort((a, b) => a.startedAt - b.startedAt)
  const messages = [...content.questions, ...content.messages, ...transcripts.flatMap((transcript) => transcript.messages)]
  const tree = treeOf([...new Map(messages.map((message) => [message.id, message])).values()], runs)
  const from = tree.findLast((node) => node.run.id === sibling || node.message.id === sibling)
  return from === undefined ? null : newestUnder(tree, from).run.id
}
