import { Calculator, ChevronRight, Clock, FileText, Globe, Search, SquareTerminal, Wrench } from 'lucide-react'
import { createElement, lazy, Suspense, useId } from 'react'
import type { ReactNode } from 'react'
import type { RunId, ThreadId } from '../../../shared/ids.ts'
import type { MessageStatus, ToolPart as Tool } from '../../../shared/protocol.ts'
import { duration, text } from '../text.ts'
import { join } from '../ui/button.tsx'
import { Elapsed } from '../ui/elapsed.tsx'
import { onDemand } from '../ui/on-demand.ts'
import { TrueText } from '../ui/true-text.tsx'
import { usePart } from '../ui/use-part.ts'
import { useToggle } from '../ui/use-toggle.ts'
import styles from './step.module.css'
import { summary, toolStatus, toolTitle } from './tool-text.ts'

/** Fetched when a card is first opened. */
const inside = onDemand(async () => (await import('./tool-payloads.tsx')).ToolPayloads)
const ApprovalCard = lazy(async () => ({ default: (await import('../approval/approval-card.tsx')).ApprovalCard }))

interface ToolPartProps {
  /** Unique among all parts of the page. */
  readonly id: string
  readonly thread: ThreadId
  readonly part: Tool
  readonly run: RunId | null
  readonly open: boolean
  /** Status of the message that it is in. */
  readonly end: MessageStatus
  /** Messages of a sub-agent that this call started. */
  readonly children?: ReactNode
}

export function ToolPart({ id, thread, part, run, open, end, children }: ToolPartProps) {
  const [shown, toggle] = useToggle(id, false)
  const payloads = usePart(inside, shown)
  const body = useId()
  const status = toolStatus(part, open, end)
  const growing = status === 'preparing' || status === 'running'
  const ticks = growing || status === 'waiting'
  return (
    <div className={styles.step} data-part={part.id} data-kind="tool" data-state={part.state} data-status={status}>
      <span className={styles.knot} data-live={growing || undefined} data-status={status}><ToolIcon name={part.name} /></span>
      <div className={styles.main}>
        <button type="button" className={join(styles.head, styles.wide)} aria-expanded={shown} aria-controls={body} onClick={toggle}>
          <span className={growing ? styles.shimmer : styles.label}><TrueText of={toolTitle(part.name)} /></span>
          <span className={styles.summary}><TrueText of={summary(part.input)} /></span>
          <span className={styles.status} data-status={status}>{text.tool[status]}</span>
          <span className={styles.time}>
            {ticks ? <Elapsed id={id} startedAt={part.startedAt} /> : part.endedAt !== undefined && duration(part.endedAt - part.startedAt)}
          </span>
          <ChevronRight size={14} className={styles.chevron} />
        </button>
        <div id={body} className={styles.payloads} hidden={!shown}>
          {payloads !== null && createElement(payloads, { part, status, growing, ticks })}
        </div>
        {part.approval !== undefined && <Suspense><ApprovalCard thread={thread} run={run} approval={part.approval} open={open} /></Suspense>}
        {children}
      </div>
    </div>
  )
}

function ToolIcon({ name }: { readonly name: string }) {
  if (/calc|math/i.test(name)) return <Calculator size={13} />
  if (/clock|time|date/i.test(name)) return <Clock size={13} />
  if (/search|find|lookup/i.test(name)) return <Search size={13} />
  if (/shell|bash|exec|command|terminal/i.test(name)) return <SquareTerminal size={13} />
  if (/web|http|fetch|browse/i.test(name)) return <Globe size={13} />
  if (/file|read|write|note|help/i.test(name)) return <FileText size={13} />
  return <Wrench size={13} />
}
