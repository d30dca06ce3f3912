import { CircleAlert, CircleStop, Info, RotateCw, TriangleAlert, Unplug } from 'lucide-react'
import { memo } from 'react'
import type { ReactNode } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import type { TurnRun } from '../../../shared/transcript.ts'
import type { ShownTurn } from '../../store/selectors.ts'
import { useActions } from '../../store/react.ts'
import { duration, text } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { Elapsed } from '../ui/elapsed.tsx'
import styles from './turn-end.module.css'

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
  const retry = last && !running ? () => actions.retry(thread, turn.message.id) : null
  const connection = live?.connection
  return (
    <div className={styles.end}>
      {running && !hasOpenPart(turn) && <span className={styles.pulse} aria-hidden="true"><i /><i /><i /></span>}
      {run?.notices.map((notice) => (
        <p key={`${notice.at} ${notice.text}`} className={styles.notice} data-level={notice.level}>
          {notice.level === 'info' ? <Info size={14} /> : <TriangleAlert size={14} />}{notice.text}
        </p>
      ))}
      {run?.outcome === 'failed' && (
        <Card kind="failed" icon={<CircleAlert size={17} />} title={text.message.failed} detail={run.error?.message} onRetry={retry} />
      )}
      {run?.outcome === 'interrupted' && (
        <Card kind="interrupted" icon={<Unplug size={17} />} title={text.message.interrupted} detail={run.error?.message ?? text.message.interruptedDetail} onRetry={retry} />
      )}
      {connection?.kind === 'failed' && (
        <Card
          kind="lost"
          icon={<Unplug size={17} />}
          title={connection.reason === 'login' ? text.message.lostLogin : text.message.lostRefused}
          detail={connection.message}
          onRetry={null}
        />
      )}
      {connection?.kind === 'settling' && connection.unsaved && <p className={styles.notice} data-level="warning"><TriangleAlert size={14} />{text.message.unsaved}</p>}
      {run !== null && (
        <div className={styles.meta} data-beside={!running && hasCopy(turn)}>
          {run.outcome === 'cancelled' && <p className={styles.stopped} data-outcome="cancelled"><CircleStop size={14} />{text.message.stopped}</p>}
          <Usage run={run} running={running} />
        </div>
      )}
    </div>
  )
})

function hasOpenPart(turn: ShownTurn): boolean {
  return turn.replies.some((reply) => reply.status === 'streaming' && reply.parts.some((part) => part.state === 'open'))
}

/** True if the line above is the Copy of the answer, beside which there is room. */
function hasCopy(turn: ShownTurn): boolean {
  const last = turn.replies.findLast((reply) => reply.parent === undefined)
  return last !== undefined && last.status !== 'streaming' && last.parts.some((part) => part.kind === 'text' && part.text !== '')
}

interface CardProps {
  readonly kind: 'failed' | 'interrupted' | 'lost'
  readonly icon: ReactNode
  readonly title: string
  readonly detail: string | undefined
  readonly onRetry: (() => void) | null
}

function Card({ kind, icon, title, detail, onRetry }: CardProps) {
  return (
    <div className={styles.card} data-outcome={kind}>
      {icon}
      <div className={styles.cause}>
        <strong>{title}</strong>
        {detail !== undefined && detail !== '' && <p>{detail}</p>}
      </div>
      {onRetry !== null && <Button small onClick={onRetry}><RotateCw size={14} />{text.message.retry}</Button>}
    </div>
  )
}

function Usage({ run, running }: { readonly run: TurnRun; readonly running: boolean }) {
  const { usage } = run.counters
  const tokens = text.usage.tokens(usage.inputTokens, usage.outputTokens)
  return (
    <p className={styles.usage}>
      {running ? <Elapsed id={run.id} startedAt={run.startedAt} /> : run.endedAt !== undefined && <span>{duration(run.endedAt - run.startedAt)}</span>}
      {tokens !== '' && <span>{tokens}</span>}
      {usage.cost !== undefined && <span>{text.usage.cost(usage.cost)}</span>}
      {run.model !== null && <span className={styles.model}>{run.model}</span>}
    </p>
  )
}
