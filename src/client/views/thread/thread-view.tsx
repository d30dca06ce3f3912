import { ArrowDown } from 'lucide-react'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { MessageId, ThreadId } from '../../../shared/ids.ts'
import { selectContent } from '../../store/content.ts'
import { selectPastTurns, selectTurns } from '../../store/turns.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { GAP, entriesOf, turnWith } from './entries.ts'
import { NotReady } from './not-ready.tsx'
import styles from './thread.module.css'
import { Turn } from './turn.tsx'
import { leftAt, useFollowBottom } from './use-follow-bottom.ts'
import { useTarget } from './use-target.ts'
import { useThreadWindow } from './use-thread-window.ts'

/** Room above a question that is kept at the top, in px. */
const ABOVE_QUESTION = 16

export function ThreadView({ thread }: { readonly thread: ThreadId }) {
  const turns = useStore((state) => selectTurns(state, thread))
  const past = useStore((state) => selectPastTurns(state, thread))
  const status = useStore((state) => selectContent(state, thread)?.status ?? 'loading')
  const error = useStore((state) => selectContent(state, thread)?.error ?? null)
  const before = useStore((state) => beforeOf(selectContent(state, thread)))
  const reading = useStore((state) => state.preferences.reading)
  const awaited = useStore((state) => state.target?.thread === thread && state.target.offset === undefined)
  const actions = useActions()
  const [loadingOlder, setLoadingOlder] = useState(false)
  const [left] = useState(() => leftAt(thread))
  const shown = useRef(false)
  const entries = useMemo(() => entriesOf(past, turns), [past, turns])
  // What is being sent, or followed, is shown before the rest has loaded; a message that a link leads to is waited for.
  const ready = turns.length > 0 || past.length > 0 || status === 'ready'
  const drawn = shown.current || (ready && !(awaited && past.length === 0 && status === 'loading'))
  useEffect(() => {
    shown.current = drawn
  })

  const loadOlder = () => {
    if (before === null || loadingOlder) return
    setLoadingOlder(true)
    void actions.loadOlder(thread).finally(() => setLoadingOlder(false))
  }
  const list = useRef<HTMLDivElement>(null)
  const near = useRef((_from: number, _to: number) => {})
  useEffect(() => {
    near.current = (from, to) => {
      const gap = past.length
      if (gap > 0 && gap >= from && gap < to) void actions.loadGap(thread, gap - from >= to - gap ? 'above' : 'below')
    }
  })
  const { scroller, content, follow, following, newBelow } = useFollowBottom(thread, drawn, () => {
    loadOlder()
    return before !== null
  })
  const first = left.kind === 'at' ? (turnWith(entries, left.message)?.key ?? null) : null
  const { pieces, look } = useThreadWindow(entries, { scroller, list, ready: drawn, first, onNear: near })
  useTarget({ thread, entries, pieces, look, follow, content, ready: drawn })

  // Where the reader was is no longer loaded.
  useEffect(() => {
    if (left.kind === 'at' && first === null) actions.reveal({ thread, message: left.message as MessageId, offset: left.offset })
    // oxlint-disable-next-line react/exhaustive-deps -- once, when the thread comes into view
  }, [])

  const newest = turns.at(-1)
  const sending = newest?.outgoing?.status === 'sending' ? newest.outgoing.id : null
  const [roomy, setRoomy] = useState<string | null>(null)
  useLayoutEffect(() => {
    if (sending === null || newest === undefined) return
    setRoomy(reading === 'question' ? newest.key : null)
    if (reading === 'follow') follow.current?.resume()
    // oxlint-disable-next-line react/exhaustive-deps -- a change of the preference, or of the turn while it is on its way, moves nobody
  }, [sending, follow])
  useLayoutEffect(() => {
    if (roomy !== null) follow.current?.park(roomy, -ABOVE_QUESTION)
  }, [roomy, sending, follow])

  if (!drawn) return <NotReady status={status} error={error} thread={thread} />
  const toLatest = () => {
    // There before the page goes there.
    if (newest !== undefined) flushSync(() => look.lookAt(newest.key))
    follow.current?.resume()
  }
  return (
    <div className={styles.frame}>
      <section ref={scroller} data-thread={thread} className={styles.scroller} tabIndex={0} aria-label={text.thread.label}>
        <div ref={content} className={styles.content}>
          {before !== null && (
            <div className={styles.older}>
              <Button look="plain" small disabled={loadingOlder} onClick={loadOlder}>{loadingOlder ? text.thread.loadingOlder : text.thread.older}</Button>
            </div>
          )}
          <div ref={list}>
            {pieces.flatMap((piece) => {
              if (piece.kind === 'space') {
                // Named after what follows: so no turn ever changes its place among its siblings.
                return [<div key={`space ${entries[piece.to]?.key ?? ''}`} className={styles.space} data-space="" style={{ height: piece.height }} />]
              }
              return entries.slice(piece.from, piece.to).map(({ key, turn }) => (turn === null
                ? <div key={GAP} className={styles.gap} data-turn={GAP}>{text.thread.between}</div>
                : <Turn key={key} thread={thread} turn={turn} last={turn === newest} roomy={key === roomy} />))
            })}
          </div>
        </div>
        {!following && (
          <div className={styles.jump}>
            <button type="button" className={styles.pill} data-new={newBelow || undefined} onClick={toLatest}>
              <ArrowDown size={15} />{text.thread.jump}
            </button>
          </div>
        )}
      </section>
    </div>
  )
}

/** The cursor of what comes before everything that is held; null: the beginning is here. */
function beforeOf(content: ReturnType<typeof selectContent>): string | null {
  if (content === null) return null
  return content.past === null ? content.before : content.past.before
}
