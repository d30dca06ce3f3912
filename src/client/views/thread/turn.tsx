import { memo } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import type { ShownTurn } from '../../store/turns.ts'
import { AssistantMessage } from '../message/assistant-message.tsx'
import { TurnEnd } from '../message/turn-end.tsx'
import { UserMessage } from '../message/user-message.tsx'
import styles from './thread.module.css'

interface TurnProps {
  readonly thread: ThreadId
  readonly turn: ShownTurn
  /** Only the last turn can be tried again. */
  readonly last: boolean
  /** As high as the view, so that its question can stand at the top whatever the answer's length. */
  readonly roomy: boolean
}

/** A human's message and everything that came of it. */
export const Turn = memo(function Turn({ thread, turn, last, roomy }: TurnProps) {
  const replies = turn.replies.filter((reply) => reply.parent === undefined)
  const nested = turn.replies.length === replies.length ? none : turn.replies.filter((reply) => reply.parent !== undefined)
  const running = turn.outgoing?.status === 'sending' || (turn.run !== null && turn.run.outcome === undefined)
  return (
    <div className={styles.turn} data-turn={turn.key} data-roomy={roomy || undefined} data-running={running || undefined}>
      <UserMessage thread={thread} message={turn.message} outgoing={turn.outgoing} versions={turn.versions} />
      {replies.map((reply) => (reply.role === 'user'
        ? <UserMessage key={reply.id} thread={thread} message={reply} outgoing={null} aside />
        : <AssistantMessage key={reply.id} thread={thread} message={reply} nested={nested} run={turn.run?.id ?? null} />
      ))}
      <TurnEnd thread={thread} turn={turn} last={last} running={running} />
    </div>
  )
})

const none: ShownTurn['replies'] = []
