import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import type { FindPage } from '../../../shared/protocol.ts'
import { useActions, useGetState } from '../../store/react.ts'
import { selectTurns } from '../../store/turns.ts'
import { partsText } from '../parts-text.ts'
import { moment } from '../text.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogHead } from '../ui/dialog-head.tsx'
import { useNow } from '../ui/use-now.ts'
import styles from './outline.module.css'
import { readAt } from './read-at.ts'

const MINUTE_MS = 60_000
const NEAR_TOP_PX = 300

type Question = FindPage['hits'][number]

interface Listed {
  /** Oldest first. */
  readonly questions: readonly Question[]
  /** For what is older; null: the beginning is here. */
  readonly before: string | null
  readonly status: 'loading' | 'ready' | 'error'
  readonly error: string | null
}

/** Every question of the branch that is looked at; a press goes there. */
export function Outline({ thread, onClose }: { readonly thread: ThreadId; readonly onClose: () => void }) {
  const actions = useActions()
  const getState = useGetState()
  const [through] = useState(() => selectTurns(getState(), thread).findLast((turn) => turn.run !== null)?.run?.id)
  const [reading] = useState(readAt)
  const [listed, setListed] = useState<Listed>({ questions: [], before: null, status: 'loading', error: null })
  const list = useRef<HTMLDivElement>(null)
  const asking = useRef(false)
  const now = useNow(MINUTE_MS)

  const load = useCallback(async (before?: string) => {
    if (asking.current) return
    asking.current = true
    const page = await actions.find(thread, { ...(through === undefined ? {} : { through }), ...(before === undefined ? {} : { before }) })
    asking.current = false
    setListed((so) => (page.ok
      ? { questions: [...page.value.hits.toReversed(), ...so.questions], before: page.value.before, status: 'ready', error: null }
      : { ...so, status: 'error', error: page.message }))
  }, [actions, thread, through])
  useEffect(() => void load(), [load])

  const { questions, before, status, error } = listed
  const current = questions.find(({ message }) => message === reading)?.message ?? null
  // A page without a question, or one that does not reach to where somebody reads, goes on.
  useEffect(() => {
    if (status === 'ready' && before !== null && ((current === null && reading !== null) || questions.length === 0)) void load(before)
  }, [status, before, current, reading, questions, load])

  // Once what is read is in the list, the list shows it; after that it stays where somebody put it.
  const placed = useRef(false)
  const height = useRef(0)
  useLayoutEffect(() => {
    const box = list.current
    if (box === null || questions.length === 0) return
    const chosen = box.querySelector<HTMLElement>('[aria-current]')
    if (placed.current) box.scrollTop += box.scrollHeight - height.current
    else if (chosen !== null) {
      placed.current = true
      chosen.scrollIntoView({ block: 'center' })
      chosen.focus({ preventScroll: true })
    } else box.scrollTop = box.scrollHeight
    height.current = box.scrollHeight
  }, [questions])

  const go = ({ message }: Question) => {
    onClose()
    actions.reveal({ thread, message })
  }
  const key = (event: KeyboardEvent) => {
    const all = [...(list.current?.querySelectorAll('button') ?? [])]
    const at = all.findIndex((one) => one === document.activeElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    all[Math.min(Math.max(0, next), all.length - 1)]?.focus()
  }
  return (
    <Dialog label={partsText().outline.label} className={styles.sheet} onClose={onClose}>
      <DialogHead title={partsText().outline.label} closeLabel={partsText().outline.close} onClose={onClose} />
      {status === 'loading' && <p role="status" className={styles.note}>{partsText().outline.loading}</p>}
      {error !== null && <p role="alert" className={styles.note}>{error}</p>}
      {status === 'ready' && before === null && questions.length === 0 && <p className={styles.note}>{partsText().outline.none}</p>}
      {questions.length > 0 && (
        <div ref={list} className={styles.list} onScroll={(event) => event.currentTarget.scrollTop < NEAR_TOP_PX && before !== null && void load(before)}>
          <ul role="list">
            {questions.map((question) => (
              <li key={question.message}>
                <button type="button" className={styles.question} aria-current={question.message === current ? 'true' : undefined} onKeyDown={key} onClick={() => go(question)}>
                  <span dir="auto" className={styles.words}>{question.excerpt}</span>
                  <span className={styles.when}>{moment(question.at, now)}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  )
}
