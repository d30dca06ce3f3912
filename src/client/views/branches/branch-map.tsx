import { useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import type { Branch } from '../../../shared/protocol.ts'
import { useActions, useGetState } from '../../store/react.ts'
import { selectTurns } from '../../store/turns.ts'
import { partsText } from '../parts-text.ts'
import { moment, text } from '../text.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogHead } from '../ui/dialog-head.tsx'
import { useAnswer } from '../ui/use-answer.ts'
import { useNow } from '../ui/use-now.ts'
import styles from './branch-map.module.css'
import { rowsOf } from './rows.ts'
import type { BranchRow } from './rows.ts'

const MINUTE_MS = 60_000
const none: readonly Branch[] = []

/** Every branch of a chat, with the way to what is looked at; a press goes to another one. */
export function BranchMap({ thread, onClose }: { readonly thread: ThreadId; readonly onClose: () => void }) {
  const actions = useActions()
  const getState = useGetState()
  const [asked] = useState(() => actions.branches(thread))
  const answer = useAnswer(asked)
  const [shown] = useState(() => selectTurns(getState(), thread).flatMap((turn) => (turn.run === null ? [] : [turn.run.id])))
  const branches = answer?.ok === true ? answer.value.branches : none
  const rows = useMemo(() => rowsOf(branches, shown), [branches, shown])
  const [at, setAt] = useState<number | null>(null)
  const here = at ?? Math.max(0, rows.findIndex((row) => row.current))
  const tree = useRef<HTMLDivElement>(null)
  const now = useNow(MINUTE_MS)

  useEffect(() => {
    tree.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
  }, [rows, here])

  const go = ({ branch }: BranchRow) => {
    onClose()
    // A question that was answered more than once is the same in each of these branches: then the answer tells which.
    const shared = branches.some((other) => other !== branch && other.question.message === branch.question.message)
    if (!shared) actions.reveal({ thread, message: branch.question.message })
    else if (branch.answer !== null) actions.reveal({ thread, message: branch.answer.message })
    else void actions.lookAt(thread, branch.id).then(() => actions.reveal({ thread, message: branch.question.message }))
  }
  const key = (event: KeyboardEvent) => {
    const level = rows[here]?.level ?? 1
    const back = text.direction === 'rtl' ? 'ArrowRight' : 'ArrowLeft'
    const into = text.direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
    const next = {
      ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1,
      [back]: rows.findLastIndex((row, index) => index < here && row.level < level),
      [into]: (rows[here + 1]?.level ?? 0) > level ? here + 1 : here,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    setAt(Math.min(Math.max(0, next), rows.length - 1))
  }
  return (
    <Dialog label={partsText().branches.label} className={styles.dialog} onClose={onClose}>
      <DialogHead title={partsText().branches.label} closeLabel={partsText().branches.close} onClose={onClose} />
      {answer === null && <p role="status" className={styles.note}>{partsText().branches.loading}</p>}
      {answer?.ok === false && <p role="alert" className={styles.note}>{answer.message}</p>}
      {answer?.ok === true && rows.length < 2 && <p className={styles.note}>{partsText().branches.one}</p>}
      {rows.length > 1 && (
        <div ref={tree} role="tree" tabIndex={-1} aria-label={partsText().branches.label} className={styles.tree} onKeyDown={key}>
          {rows.map((row, index) => (
            <button
              type="button"
              key={row.branch.id}
              role="treeitem"
              aria-level={row.level}
              aria-selected={row.current}
              aria-current={row.current ? 'true' : undefined}
              data-path={row.onPath || undefined}
              tabIndex={index === here ? 0 : -1}
              className={styles.row}
              style={{ paddingInlineStart: `calc(var(--s-3) + ${row.level - 1} * var(--s-5))` }}
              onClick={() => go(row)}
            >
              <span className={styles.dot} aria-hidden="true" />
              <span className={styles.words}>
                <span dir="auto" className={styles.question}>{row.branch.question.excerpt === '' ? text.message.wentOn : row.branch.question.excerpt}</span>
                {row.branch.answer !== null && row.branch.answer.excerpt !== '' && <span dir="auto" className={styles.answer}>{row.branch.answer.excerpt}</span>}
                <span className={styles.about}>{row.current && <strong>{partsText().branches.here}</strong>}{partsText().branches.about(row.branch.turns, moment(row.branch.at, now))}</span>
              </span>
            </button>
          ))}
        </div>
      )}
    </Dialog>
  )
}
