import { ArrowDown } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import { selectContent, selectTurns } from '../../store/selectors.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button } from '../ui/button.tsx'
import styles from './thread.module.css'
import { Turn } from './turn.tsx'
import { useFollowBottom } from './use-follow-bottom.ts'

export function ThreadView({ thread }: { readonly thread: ThreadId }) {
  const turns = useStore((state) => selectTurns(state, thread))
  const status = useStore((state) => selectContent(state, thread)?.status ?? 'loading')
  const error = useStore((state) => selectContent(state, thread)?.error ?? null)
  const before = useStore((state) => selectContent(state, thread)?.before ?? null)
  const actions = useActions()
  const [loadingOlder, setLoadingOlder] = useState(false)
  const asking = useRef(false)
  // What is being sent, or followed, is shown before the rest has loaded.
  const ready = turns.length > 0 || status === 'ready'

  const loadOlder = () => {
    if (before === null || asking.current) return
    asking.current = true
    setLoadingOlder(true)
    void actions.loadOlder(thread).finally(() => {
      asking.current = false
      setLoadingOlder(false)
    })
  }
  const { scroller, content, follow, following, newBelow } = useFollowBottom(thread, ready, () => {
    loadOlder()
    return before !== null
  })

  const sent = turns.at(-1)?.outgoing
  const sending = sent?.status === 'sending' ? sent.id : null
  useLayoutEffect(() => {
    if (sending !== null) follow.current?.resume()
  }, [sending, follow])

  if (!ready) return <NotReady status={status} error={error} thread={thread} />
  return (
    <div className={styles.frame}>
      <section ref={scroller} data-thread={thread} className={styles.scroller} tabIndex={0} aria-label={text.thread.label}>
        <div ref={content} className={styles.content}>
          {before !== null && (
            <div className={styles.older}>
              <Button look="plain" small disabled={loadingOlder} onClick={loadOlder}>{loadingOlder ? text.thread.loadingOlder : text.thread.older}</Button>
            </div>
          )}
          {turns.map((turn, index) => <Turn key={turn.key} thread={thread} turn={turn} last={index === turns.length - 1} />)}
        </div>
        {!following && (
          <div className={styles.jump}>
            <button type="button" className={styles.pill} data-new={newBelow || undefined} onClick={() => follow.current?.resume()}>
              <ArrowDown size={15} />{text.thread.jump}
            </button>
          </div>
        )}
      </section>
    </div>
  )
}

interface NotReadyProps {
  readonly status: 'loading' | 'ready' | 'missing' | 'error'
  /** Why it could not be loaded, and what to do. */
  readonly error: string | null
  readonly thread: ThreadId
}

function NotReady({ status, error, thread }: NotReadyProps) {
  const actions = useActions()
  if (status === 'missing') {
    return (
      <div className={styles.blank}>
        <p className={styles.blankTitle}>{text.thread.missing}</p>
        <p>{text.thread.missingRemedy}</p>
        <Button onClick={() => actions.openThread(null)}>{text.chats.newChat}</Button>
      </div>
    )
  }
  if (status === 'error') {
    return (
      <div className={styles.blank}>
        <p className={styles.blankTitle}>{text.thread.failed}</p>
        {error !== null && <p>{error}</p>}
        <Button onClick={() => actions.reloadThread(thread)}>{text.thread.tryAgain}</Button>
      </div>
    )
  }
  return (
    <div className={styles.frame} aria-busy="true">
      <p className="visually-hidden">{text.thread.loading}</p>
      <div className={styles.skeleton}><i /><b /><b /><b /><i /><b /><b /></div>
    </div>
  )
}
