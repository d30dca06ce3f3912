/** Watches what pages show: tells the checker of a history of each text that grew, and holds that no turn goes without a reason. */
import type { RunId, ThreadId } from '../../../src/shared/ids.ts'
import type { Message, Part } from '../../../src/shared/protocol.ts'
import { content } from '../../../src/shared/covers.ts'
import type { State } from '../../../src/client/store/state.ts'
import type { ShownTurn } from '../../../src/client/store/turns.ts'
import { selectGrowing } from '../../../src/client/store/turns.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { createChecker } from '../history/checker.ts'

export interface Watch {
  /** A page draws this. Only what changed since it drew last is looked at. */
  shown(page: string, thread: ThreadId, state: State, turns: readonly ShownTurn[]): void
  /** The tab begins anew: what it showed may go. */
  left(page: string): void
  /** Somebody made another branch in this thread: what is shown may give way to it. */
  branched(thread: ThreadId): void
  runs(): readonly RunId[]
  /** What was wrong so far. */
  violations(): readonly string[]
  /** Reads every journal from the store and judges it whole, and what is saved of it. */
  judge(): Promise<void>
  /** All is quiet: a page shows these turns. */
  settled(page: string, turns: readonly ShownTurn[]): void
}

interface Seen {
  readonly thread: ThreadId
  turns: readonly ShownTurn[]
  /** Parts that were looked at as they are; a part is replaced when it changes. */
  readonly parts: WeakSet<Part>
}

export function createWatch(disk: Storage): Watch {
  const checker = createChecker()
  const wrong: string[] = []
  const runs = new Set<RunId>()
  const seen = new Map<string, Seen>()
  const branched = new Set<ThreadId>()

  disk.follow((change) => {
    if (change.kind === 'run') {
      runs.add(change.run.id)
      if (change.run.outcome !== undefined) checker.see({ type: 'ended', by: 'the row', run: change.run.id, outcome: change.run.outcome })
    }
    if (change.kind !== 'events') return
    runs.add(change.run)
    checker.see({ type: 'committed', run: change.run, events: change.events })
  })

  function look(page: string, known: Seen, run: string, part: Part): void {
    if (known.parts.has(part)) return
    known.parts.add(part)
    checker.see({ type: 'shown', reader: page, run, part: part.id, text: content(part) })
  }

  function lookAtTurns(page: string, known: Seen, thread: ThreadId, turns: readonly ShownTurn[]): void {
    const held = new Map(known.turns.map((turn) => [turn.key, turn]))
    for (const turn of turns) {
      const last = held.get(turn.key)
      held.delete(turn.key)
      if (last === turn) continue
      if (last !== undefined && last.run !== null && last.replies.length > 0 && turn.run?.id !== last.run.id && !branched.has(thread)) wrong.push(`${page} took back the answer ${last.run.id} of ${turn.key}`)
      const { run } = turn
      if (run === null) continue
      if (run.outcome !== undefined) checker.see({ type: 'ended', by: page, run: run.id, outcome: run.outcome })
      for (const reply of turn.replies) if (reply.role === 'assistant') for (const part of reply.parts) if (part.state !== 'open') look(page, known, run.id, part)
    }
    // A message that was not accepted yet may yet go back into the composer, or into the queue.
    for (const gone of held.values()) if (gone.outgoing === null && !branched.has(thread)) wrong.push(`${page} took back the message ${gone.key}`)
    known.turns = turns
  }

  return {
    shown(page, thread, state, turns) {
      const before = seen.get(page)
      const known = before?.thread === thread ? before : { thread, turns: [], parts: new WeakSet<Part>() }
      seen.set(page, known)
      if (known.turns !== turns) lookAtTurns(page, known, thread, turns)
      // What still grows is drawn from the run that is followed.
      for (const turn of turns) {
        if (turn.live === null || turn.run === null) continue
        for (const reply of turn.replies) {
          for (const { id, state: standing } of reply.parts) {
            const part = standing === 'open' ? selectGrowing(state, thread, reply.id, id) : null
            if (part !== null) look(page, known, turn.run.id, part)
          }
        }
      }
    },
    left(page) {
      seen.delete(page)
      checker.see({ type: 'left', reader: page })
    },
    branched: (thread) => void branched.add(thread),
    runs: () => [...runs],
    violations: () => [...wrong, ...checker.violations().map(({ rule, run, what }) => `${rule}: run ${run}: ${what}`)],
    async judge() {
      for (const run of runs) {
        const events = await disk.read(run, 0, 1_000_000)
        checker.see({ type: 'journal', run, events })
        const row = await disk.getRun(run)
        const end = events.at(-1)
        if (row?.settled !== true || row.status !== row.outcome || end?.type !== 'stream_end' || row.outcome !== end.outcome) wrong.push(`run ${run} is ${row?.status}, settled ${row?.settled}; its journal ends with ${JSON.stringify(end)}`)
        const page = row === null ? null : await disk.messages(row.thread, { limit: 100_000 })
        const parts = (page?.messages ?? []).filter((message) => message.run === run && message.role === 'assistant').flatMap((message) => message.parts)
        checker.see({ type: 'settled', reader: 'the store', run, parts: textsOf(parts) })
      }
    },
    settled(page, turns) {
      for (const { run, replies } of turns) {
        if (run === null) continue
        checker.see({ type: 'settled', reader: page, run: run.id, parts: textsOf(agentPartsOf(replies)) })
      }
    },
  }
}

const agentPartsOf = (replies: readonly Pick<Message, 'role' | 'parts'>[]) => replies.flatMap((reply) => (reply.role === 'assistant' ? reply.parts : []))
const textsOf = (parts: readonly Part[]) => Object.fromEntries(parts.map((part) => [part.id, content(part)]))
