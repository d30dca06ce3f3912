import { Check, CircleSlash, Hand } from 'lucide-react'
import { useId, useState } from 'react'
import type { RunId, ThreadId } from '../../../shared/ids.ts'
import { inputHash } from '../../../shared/input-hash.ts'
import type { Approval } from '../../../shared/protocol.ts'
import { useActions } from '../../store/react.ts'
import { readable } from '../message/tool-text.ts'
import { partsText } from '../parts-text.ts'
import { moment } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { TrueText } from '../ui/true-text.tsx'
import { useNow } from '../ui/use-now.ts'
import styles from './approval.module.css'

interface ApprovalCardProps {
  readonly thread: ThreadId
  readonly run: RunId | null
  readonly approval: Approval
  /** Its run still goes on. */
  readonly open: boolean
}

/** Asks for a decision, then tells which it was, by whom and when. */
export function ApprovalCard({ thread, run, approval, open }: ApprovalCardProps) {
  if (approval.state === 'pending' && open && run !== null) return <Question thread={thread} run={run} approval={approval} />
  if (approval.state === 'answered') return <Answer approval={approval} />
  return <p className={styles.answer} data-approval={approval.id} data-state="expired"><CircleSlash size={14} />{partsText().approval.expired}</p>
}

const HOUR_MS = 3_600_000

function Answer({ approval }: { readonly approval: Approval }) {
  const now = useNow(HOUR_MS)
  const decision = approval.decision ?? ''
  return (
    <p className={styles.answer} data-approval={approval.id} data-state="answered">
      {decision === approval.options[0] ? <Check size={14} /> : <CircleSlash size={14} />}
      <span>
        {partsText().approval.decided(decision, approval.by ?? partsText().approval.you, moment(approval.answeredAt ?? approval.requestedAt, now))}
        {approval.note !== undefined && approval.note !== '' && <span className={styles.note}>{partsText().approval.note(approval.note)}</span>}
      </span>
    </p>
  )
}

function Question({ thread, run, approval }: { readonly thread: ThreadId; readonly run: RunId; readonly approval: Approval }) {
  const actions = useActions()
  const question = useId()
  const [sent, setSent] = useState<string | null>(null)
  const answer = (decision: string, button: HTMLElement) => {
    const head = button.closest('[data-part]')?.querySelector('button')
    setSent(decision)
    void actions.answer(thread, run, approval.id, { decision, inputHash: inputHash(approval.input) }).finally(() => {
      setSent(null)
      // The button is gone with the question: the keyboard goes on at the tool it was about.
      if (document.activeElement === document.body) head?.focus({ preventScroll: true })
    })
  }
  return (
    <fieldset className={styles.card} aria-labelledby={question} data-approval={approval.id} data-state="pending">
      <p id={question} className={styles.question}><Hand size={17} /><bdi><TrueText of={approval.question} /></bdi></p>
      {approval.input !== '' && <pre className={styles.input} tabIndex={0}><TrueText of={readable(approval.input)} /></pre>}
      <div className={styles.options}>
        {approval.options.map((option, index) => (
          <Button key={option} look={index === 0 ? 'accent' : 'outline'} disabled={sent !== null} onClick={(event) => answer(option, event.currentTarget)}>{partsText().approval.option(option)}</Button>
        ))}
        {sent !== null && <span className={styles.sending}>{partsText().approval.sending}</span>}
      </div>
    </fieldset>
  )
}
