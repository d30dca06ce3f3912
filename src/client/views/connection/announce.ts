/** What a screen reader is told about the last turn of the thread in view. Pure; streamed text is never told piece by piece. */
import type { ShownTurn } from '../../store/turns.ts'
import { spoken } from '../../markdown/spoken.ts'
import { markdownWords } from '../message/markdown-words.ts'
import { plainText } from '../message/plain-text.ts'
import { text } from '../text.ts'

/** What is known of a turn, as far as it is told. Two turns with the same `key` have nothing new to tell. */
export interface News {
  readonly key: string
  readonly words: string
}

export function newsOf(turn: ShownTurn | undefined): News | null {
  if (turn === undefined) return null
  const pending = turn.replies.flatMap((reply) => reply.parts).find((part) => part.kind === 'tool' && part.approval?.state === 'pending')
  if (pending?.kind === 'tool' && pending.approval !== undefined && turn.run?.outcome === undefined) {
    return { key: `approval ${pending.approval.id}`, words: text.connection.approval(pending.approval.question) }
  }
  const { run } = turn
  if (run === null) return turn.outgoing?.status === 'sending' ? { key: `running ${turn.key}`, words: text.connection.generating } : null
  switch (run.outcome) {
    case undefined:
      return { key: `running ${turn.key}`, words: text.connection.generating }
    case 'completed':
      return { key: `end ${run.id}`, words: text.connection.done(answerOf(turn)) }
    case 'cancelled':
      return { key: `end ${run.id}`, words: text.connection.stopped }
    case 'failed':
    case 'interrupted':
      return { key: `end ${run.id}`, words: text.connection.failed(run.error === undefined ? text.message.interrupted : text.message.cause(run.error.code, run.error.message)) }
    default:
      return run.outcome satisfies never
  }
}

/** Made once per turn: a settled turn keeps its identity. */
const answers = new WeakMap<ShownTurn, string>()

function answerOf(turn: ShownTurn): string {
  const made = answers.get(turn)
  if (made !== undefined) return made
  const own = turn.replies.filter((reply) => reply.parent === undefined)
  const answer = spoken(own.map(plainText).join('\n\n'), markdownWords())
  answers.set(turn, answer)
  return answer
}
