import { ChevronRight, Lightbulb } from 'lucide-react'
import { useId } from 'react'
import type { ThinkingPart as Thinking } from '../../../shared/protocol.ts'
import { text } from '../text.ts'
import { Elapsed } from '../ui/elapsed.tsx'
import { useToggle } from '../ui/use-toggle.ts'
import { Markdown } from './markdown.tsx'
import type { Growing } from './markdown.tsx'
import styles from './step.module.css'

interface ThinkingPartProps {
  /** Unique among all parts of the page. */
  readonly id: string
  readonly part: Thinking
  readonly open: boolean
  /** Where its text is while it is open. */
  readonly growing: Growing | null
}

/** Open while the agent thinks, then one line; as the person left it where they touched it. */
export function ThinkingPart({ id, part, open, growing }: ThinkingPartProps) {
  // What was visible when it was cut off stays visible.
  const [shown, toggle] = useToggle(id, open || part.state !== 'done')
  const body = useId()
  const took = (part.endedAt ?? part.startedAt) - part.startedAt
  return (
    <div className={styles.step} data-part={part.id} data-kind="thinking" data-state={part.state}>
      <span className={styles.knot} data-live={open || undefined}><Lightbulb size={13} /></span>
      <div className={styles.main}>
        <button type="button" className={styles.head} aria-expanded={shown} aria-controls={body} onClick={toggle}>
          <span className={open ? styles.shimmer : styles.label}>
            {open ? text.thinking.live : part.state === 'stopped' ? text.thinking.stopped(took) : text.thinking.done(took)}
          </span>
          {open && <span className={styles.time}><Elapsed id={id} startedAt={part.startedAt} /></span>}
          <ChevronRight size={14} className={styles.chevron} />
        </button>
        {/* Stays in the page while closed, so that finding in the page and copying still reach it. */}
        <div id={body} className={styles.thought} data-live={open || undefined} hidden={!shown} tabIndex={open ? 0 : undefined}>
          <div><Markdown source={part.text} open={open} growing={growing} /></div>
        </div>
      </div>
    </div>
  )
}
