import { Download } from 'lucide-react'
import type { ThreadId } from '../../../shared/ids.ts'
import type { ShownTurn } from '../../store/turns.ts'
import { partsText } from '../parts-text.ts'
import { duration, text, ticking } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { DialogHead } from '../ui/dialog-head.tsx'
import { useNow } from '../ui/use-now.ts'
import { ReplayView } from './replay-view.tsx'
import { barOf, stepsOf } from './steps.ts'
import type { Step } from './steps.ts'
import styles from './timeline.module.css'
import { saveJournal, useJournal } from './use-journal.ts'

interface TimelineProps {
  readonly thread: ThreadId
  readonly turn: ShownTurn & { readonly run: NonNullable<ShownTurn['run']> }
  readonly onClose: () => void
}

/** What a run did, step by step; live while it goes on, and to be gone through again once it has ended. */
export function Timeline({ thread, turn, onClose }: TimelineProps) {
  const { run, replies } = turn
  const live = run.outcome === undefined
  const now = useNow(live ? 1_000 : 3_600_000)
  const journal = useJournal(run.id, !live)
  const steps = stepsOf({ replies, notices: run.notices.map((notice) => ({ ...notice, text: text.message.notice(notice) })), endedAt: run.endedAt })
  // The page's clock may be behind the server's.
  const to = run.endedAt ?? Math.max(now, run.startedAt, ...steps.map((step) => step.endedAt ?? step.startedAt))
  const { usage, modelCalls, toolCalls } = run.counters
  const facts = [
    [partsText().timeline.time, live ? ticking(to - run.startedAt) : duration(to - run.startedAt)],
    [partsText().timeline.tokensIn, usage.inputTokens === undefined ? null : text.format.number(usage.inputTokens)],
    [partsText().timeline.tokensOut, usage.outputTokens === undefined ? null : text.format.number(usage.outputTokens)],
    [partsText().timeline.cost, usage.cost === undefined ? null : text.format.money(usage.cost)],
    [partsText().timeline.modelCalls, modelCalls === 0 ? null : text.format.number(modelCalls)],
    [partsText().timeline.toolCalls, toolCalls === 0 ? null : text.format.number(toolCalls)],
    [partsText().timeline.model, run.model],
  ] as const
  return (
    <Dialog label={partsText().timeline.label} onClose={onClose} className={styles.dialog}>
      <DialogHead title={partsText().timeline.label} closeLabel={partsText().timeline.close} onClose={onClose}>
        <span className={styles.outcome} data-outcome={run.outcome ?? 'running'}>{partsText().timeline.outcome[run.outcome ?? 'running']}</span>
      </DialogHead>
      <div className={styles.body}>
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (value === null ? null : <div key={name}><dt>{name}</dt><dd>{value}</dd></div>))}
        </dl>
        <ol role="list" className={styles.steps} aria-label={partsText().timeline.steps}>
          {steps.map((step) => <StepRow key={step.id} step={step} from={run.startedAt} to={to} />)}
          {steps.length === 0 && <li className={styles.none}>{partsText().timeline.nothingYet}</li>}
        </ol>
        {!live && <ReplayView thread={thread} journal={journal} />}
      </div>
      {journal.kind === 'ready' && (
        <footer className={styles.foot}>
          <Button small onClick={() => saveJournal(run.id, journal.events)}><Download size={15} />{partsText().timeline.download}</Button>
          <span className={styles.hint}>{partsText().timeline.downloadHint}</span>
        </footer>
      )}
    </Dialog>
  )
}

function StepRow({ step, from, to }: { readonly step: Step; readonly from: number; readonly to: number }) {
  const { start, width } = barOf(step, from, to)
  const open = step.endedAt === null
  const spent = (step.endedAt ?? to) - step.startedAt
  return (
    <li className={styles.step} data-step={step.kind} data-state={step.state} data-open={open || undefined} style={{ paddingInlineStart: `${step.depth}rem` }}>
      <span className={styles.name}>{step.kind === 'tool' || step.kind === 'notice' ? step.name : partsText().timeline.kinds[step.kind]}</span>
      <span className={styles.spent}>{step.kind === 'notice' ? partsText().timeline.after(step.startedAt - from) : open ? ticking(spent) : duration(spent)}</span>
      <span className={styles.track} aria-hidden="true"><i style={{ insetInlineStart: `${start * 100}%`, width: `${width * 100}%` }} /></span>
    </li>
  )
}
