import { useState } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import type { ShownTurn } from '../../store/turns.ts'
import { duration, text } from '../text.ts'
import { useElapsed } from '../ui/elapsed.tsx'
import { onDemand, prepared } from '../ui/on-demand.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import styles from './turn-end.module.css'

const timeline = onDemand(async () => (await import('../timeline/timeline.tsx')).Timeline)

interface UsageProps {
  readonly thread: ThreadId
  readonly turn: ShownTurn & { readonly run: NonNullable<ShownTurn['run']> }
  readonly running: boolean
}

/** What the answer took: time and tokens, ticking while it runs. The rest on hover or focus; a press opens the run's timeline. */
export function Usage({ thread, turn, running }: UsageProps) {
  const { run } = turn
  /** Open where it is set; a part that could not be fetched is told of by the page's root. */
  const [Timeline, setTimeline] = useState<ReturnType<typeof timeline.get>>(null)
  const elapsed = useElapsed(run.id, run.startedAt, running)
  const { usage, toolCalls } = run.counters
  const took = running ? elapsed : run.endedAt === undefined ? '' : duration(run.endedAt - run.startedAt)
  const brief = text.usage.brief(took, usage.outputTokens, usage.cost)
  const detail = text.usage.detail(usage.inputTokens, usage.reasoningTokens, toolCalls, run.model)
  if (brief === '') return null
  const show = async () => {
    if (await prepared(timeline)) setTimeline(() => timeline.get())
  }
  return (
    <>
      <Tooltip text={detail === '' ? text.usage.timeline : detail} side="top">
        <button
          type="button"
          className={styles.usage}
          aria-haspopup="dialog"
          aria-label={text.usage.showTimeline(brief)}
          onClick={() => void show()}
        >
          {brief}
        </button>
      </Tooltip>
      {Timeline !== null && <Timeline thread={thread} turn={turn} onClose={() => setTimeline(null)} />}
    </>
  )
}
