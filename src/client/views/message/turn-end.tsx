import { CircleAlert, CircleStop, GitBranch, Info, Play, RotateCw, TriangleAlert, Unplug } from 'lucide-react'
import { memo } from 'react'
import type { ReactNode } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import type { RunError } from '../../../shared/protocol.ts'
import { selectActivity } from '../../store/activity.ts'
import type { ShownTurn } from '../../store/turns.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { CopyLink } from './copy-link.tsx'
import { Pager } from './pager.tsx'
import { plainText } from './plain-text.ts'
import styles from './turn-end.module.css'
import { Usage } from './usage.tsx'

interface TurnEndProps {
  readonly thread: ThreadId
  readonly turn: ShownTurn
  readonly last: boolean
  readonly running: boolean
}

/** What stands under an answer: that it goes on, how it ended, what it used. */
export const TurnEnd = memo(function TurnEnd({ thread, turn, last, running }: TurnEndProps) {
  const actions = useActions()
  const { run, live } = turn
  const idle = useStore((state) => selectActivity(state, thread) === 'idle')
  const again = () => actions.retry(thread, turn.message.id)
  const retry = last && !running ? again : null
  const end = turn.replies.at(-1)
  const cut = run?.outcome !== undefined && run.outcome !== 'completed' && turn.replies.some((reply) => plainText(reply) !== '')
  const goOn = last && idle && cut && end?.role === 'assistant' ? () => actions.goOn(thread, end.id) : null
  const connection = live?.connection
  const copied = running ? '' : answerText(turn)
  const stopped = run?.outcome === 'cancelled'
  const told = running || stopped || turn.replies.length > 0
  return (
    <div className={styles.end}>
      {told && (
        // First, and the same height and places live and settled: nothing moves when the answer ends.
        <div className={styles.meta}>
          <span className={styles.slot}>
            {running && <span className={styles.pulse} data-calm={hasOpenPart(turn) || undefined} aria-hidden="true"><i /><i /><i /></span>}
            {copied !== '' && <CopyButton label={text.message.copy} take={() => copied} />}
            {stopped && copied === '' && <CircleStop size={15} />}
          </span>
          {stopped && <p className={styles.stopped} data-outcome="cancelled">{text.message.stopped}</p>}
          {run !== null && <Usage thread={thread} turn={{ ...turn, run }} running={running} />}
          {!running && (
            <span className={styles.actions}>
              {idle && (run?.outcome === 'completed' || (stopped && last)) && <IconButton small label={text.message.again} onClick={again}><RotateCw size={14} /></IconButton>}
              {end !== undefined && run?.outcome !== undefined && <CopyLink thread={thread} message={end.id} />}
              {end !== undefined && run?.outcome !== undefined && <IconButton small label={text.message.branch} onClick={() => void actions.fork(thread, end.id)}><GitBranch size={15} /></IconButton>}
            </span>
          )}
          {turn.answers !== undefined && <Pager thread={thread} siblings={turn.answers} label={text.message.answers(turn.answers.index + 1, turn.answers.ids.length)} />}
          {stopped && goOn !== null && <Button small look="plain" onClick={goOn}><Play size={14} />{text.message.goOn}</Button>}
        </div>
      )}
      {run?.notices.map((notice) => (
        <p key={`${notice.at} ${notice.text}`} className={styles.notice} data-level={notice.level}>
          {notice.level === 'info' ? <Info size={14} /> : <TriangleAlert size={14} />}<span>{text.message.notice(notice)}</span>
        </p>
      ))}
      {run?.outcome === 'failed' && (
        <Card kind="failed" icon={<CircleAlert size={17} />} title={text.message.failed} detail={causeOf(run.error)} onRetry={retry} onGoOn={goOn} />
      )}
      {run?.outcome === 'interrupted' && (
        <Card kind="interrupted" icon={<Unplug size={17} />} title={text.message.interrupted} detail={causeOf(run.error) ?? text.message.interruptedDetail} onRetry={retry} onGoOn={goOn} />
      )}
      {connection?.kind === 'failed' && (
        <Card
          kind="lost"
          icon={<Unplug size={17} />}
          title={connection.reason === 'login' ? text.message.lostLogin : text.message.lostRefused}
          detail={connection.message}
          onRetry={null}
          onGoOn={null}
        />
      )}
      {connection?.kind === 'settling' && connection.unsaved && <p className={styles.notice} data-level="warning"><TriangleAlert size={14} />{text.message.unsaved}</p>}
    </div>
  )
})

function causeOf(error: RunError | undefined): string | undefined {
  return error && text.message.cause(error.code, error.message)
}

function hasOpenPart(turn: ShownTurn): boolean {
  return turn.replies.some((reply) => reply.status === 'streaming' && reply.parts.some((part) => part.state === 'open'))
}

/** What Copy takes: the answer's text as it was written, without thinking, tools and the words of sub-agents. */
function answerText(turn: ShownTurn): string {
  return turn.replies.flatMap((reply) => (reply.parent === undefined && reply.role === 'assistant' ? [plainText(reply)] : [])).filter((said) => said !== '').join('\n\n')
}

interface CardProps {
  readonly kind: 'failed' | 'interrupted' | 'lost'
  readonly icon: ReactNode
  readonly title: string
  readonly detail: string | undefined
  readonly onRetry: (() => void) | null
  readonly onGoOn: (() => void) | null
}

function Card({ kind, icon, title, detail, onRetry, onGoOn }: CardProps) {
  return (
    <div className={styles.card} data-outcome={kind}>
      {icon}
      <div className={styles.cause}>
        <strong>{title}</strong>
        {detail !== undefined && detail !== '' && <p>{detail}</p>}
      </div>
      {onGoOn !== null && <Button small onClick={onGoOn}><Play size={14} />{text.message.goOn}</Button>}
      {onRetry !== null && <Button small onClick={onRetry}><RotateCw size={14} />{text.message.retry}</Button>}
    </div>
  )
}
