/** What a screen reader is told about the last turn of the thread in view. Pure; streamed text is never told piece by piece. */
import type { ShownTurn } from '../../store/turns.ts'
import { spoken } from '../../markdown/spoken.ts'
import { markdownWords } from '../message/markdown-words.ts'
import { plainText } from '../message/plain-text.ts'
import { text } from '../text.ts'

/** What is known of a turn, as far as it is told. Two turns with the same `key` have nothing new to tell. */
export interface News {
  readonly key: string
  /** Only what is told is put into words: an answer is read again for them. */
  readonly words: () => string
}

export function newsOf(turn: ShownTurn | undefined): News | null {
  if (turn === undefined) return null
  const pending = turn.replies.flatMap((reply) => reply.parts).find((part) => part.kind === 'tool' && part.approval?.state === 'pending')
  if (pending?.kind === 'tool' && pending.approval !== undefined && turn.run?.outcome === undefined) {
    const { id, question } = pending.approval
    return { key: `approval ${id}`, words: () => text.connection.approval(question) }
  }
  const { run } = turn
  if (run === null) return turn.outgoing?.status === 'sending' ? { key: `running ${turn.key}`, words: generating } : null
  switch (run.outcome) {
    case undefined:
      return { key: `running ${turn.key}`, words: generating }
    case 'completed':
      return { key: `end ${run.id}`, words: () => text.connection.done(answerOf(turn)) }
    case 'cancelled':
      return { key: `end ${run.id}`, words: () => text.connection.stopped }
    case 'failed':
    case 'interrupted':
      return { key: `end ${run.id}`, words: () => text.connection.failed(run.error === undefined ? text.message.interrupted : text.message.cause(run.error.code, run.error.message)) }
    default:
      return run.outcome satisfies never
  }
}

const generating = () => text.connection.generating

function answerOf(turn: ShownTurn): string {
  const own = turn.replies.filter((reply) => reply.parent === undefined)
  return spoken(own.map(plainText).join('\n\n'), markdownWords())
}
