import { useState } from 'react'
import type { TurnRun } from '../../../shared/turns.ts'
import { duration, text } from '../text.ts'
import { useElapsed } from '../ui/elapsed.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import styles from './turn-end.module.css'

/** What the answer took: time and tokens, ticking while it runs. The rest on hover, focus or press. */
export function Usage({ run, running }: { readonly run: TurnRun; readonly running: boolean }) {
  const [shown, setShown] = useState(false)
  const elapsed = useElapsed(run.id, run.startedAt, running)
  const { usage, toolCalls } = run.counters
  const took = running ? elapsed : run.endedAt === undefined ? '' : duration(run.endedAt - run.startedAt)
  const brief = text.usage.brief(took, usage.outputTokens, usage.cost)
  const detail = text.usage.detail(usage.inputTokens, usage.reasoningTokens, toolCalls, run.model)
  if (brief === '') return null
  if (detail === '') return <p className={styles.usage}>{brief}</p>
  return (
    <Tooltip text={detail} side="top">
      <button type="button" className={styles.usage} aria-expanded={shown} onClick={() => setShown(!shown)}>
        {brief}
        {shown && <span className={styles.detail}>{detail}</span>}
      </button>
    </Tooltip>
  )
}
