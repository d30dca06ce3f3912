/** A store with one followed run, and frames that come when the test says so. */
import type { Incarnation, MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import type { Message, Run, Thread, Transcript } from '../../../src/shared/protocol.ts'
import type { Finale, LiveView, OwnerToken } from '../../../src/client/run/sink.ts'
import { changeContent, claimRun } from '../../../src/client/store/content.ts'
import { selectGrowing, selectTurns } from '../../../src/client/store/turns.ts'
import type { ShownTurn } from '../../../src/client/store/turns.ts'
import { createSink } from '../../../src/client/store/sink.ts'
import type { State } from '../../../src/client/store/state.ts'
import { createStore } from '../../../src/client/store/store.ts'

export const thread = 'thread-1' as ThreadId

export interface ManualFrames {
  schedule(frame: () => void): () => void
  /** Draws the frame that was asked for, if one was. */
  draw(): void
  waiting(): number
}

export function createManualFrames(): ManualFrames {
  let frames: (() => void)[] = []
  return {
    schedule(frame) {
      frames.push(frame)
      return () => { frames = frames.filter((other) => other !== frame) }
    },
    draw() {
      const due = frames
      frames = []
      for (const frame of due) frame()
    },
    waiting: () => frames.length,
  }
}

export function createStage(options: { readonly onListenerError?: (error: unknown) => void } = {}) {
  const frames = createManualFrames()
  const logged: string[] = []
  const finals: [OwnerToken, Finale][] = []
  const store = createStore(options)
  const sink = createSink({ store, schedule: frames.schedule, log: (message) => logged.push(message), onFinal: (token, finale) => finals.push([token, finale]) })
  let commits = 0
  store.subscribe(() => { commits++ })
  return {
    store, sink, frames, logged, finals,
    commits: () => commits,
    claim: (token: OwnerToken) => store.update((state) => changeContent(state, token.thread, (content) => claimRun(content, token))),
    content: () => {
      const content = store.getState().content[thread]
      if (content === undefined) throw new Error('the thread has no content')
      return content
    },
  }
}

export function tokenOf(run: string, generation = 1): OwnerToken {
  return { thread, run: run as RunId, generation }
}

export function viewOf(transcript: Transcript, incarnation = 'inc'): LiveView {
  return { transcript, cursor: { incarnation: incarnation as Incarnation, seq: transcript.lastSeq } }
}

/** The record of the run that this transcript is of. */
export function runOf(transcript: Transcript, more: Partial<Run> = {}): Run {
  const { run: id, agent, model, startedAt, endedAt, outcome, error, counters, notices, lastSeq } = transcript
  return {
    id, thread: transcript.thread, message: transcript.messages[0]?.id as MessageId, status: outcome ?? 'running', settled: outcome !== undefined, waiting: false,
    outcome, error, agent, model, startedAt, endedAt, ...counters, notices, lastSeq, cursor: `inc.${lastSeq}`, ...more,
  }
}

/** The same data, as another answer of the server brings it: nothing is identical. */
export function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

export function threadOf(id: string, more: Partial<Thread> = {}): Thread {
  return {
    id: id as ThreadId, title: `Title of ${id}`, agent: 'demo', model: null, pinned: false, archived: false, unread: false, draft: '',
    createdAt: 1000, updatedAt: 1000, activeRun: null, queue: { messages: [], paused: null }, ...more,
  }
}

export function textsOf(messages: readonly Pick<Message, 'parts'>[]): string[] {
  return messages.flatMap((message) => message.parts.map((part) => ('text' in part ? part.text : part.kind)))
}

/** The turns as they are read: what grows stands in its place, as it does on the page. */
export function readTurns(state: State, of: ThreadId): ShownTurn[] {
  return selectTurns(state, of).map((turn) => ({
    ...turn,
    replies: turn.replies.map((reply) => ({ ...reply, parts: reply.parts.map((part) => (part.state === 'open' ? (selectGrowing(state, of, reply.id, part.id) ?? part) : part)) })),
  }))
}
