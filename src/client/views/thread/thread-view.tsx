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
    // At the very top the browser does not hold the reading position while older messages come in above.
    if (before !== null && scroller.current !== null && scroller.current.scrollTop === 0) scroller.current.scrollTop = 1
    loadOlder()
  })

  const sent = turns.at(-1)?.outgoing
  const sending = sent?.status === 'sending' ? sent.id : null
  useLayoutEffect(() => {
    if (sending !== null) follow.current?.resume()
  }, [sending, follow])

  if (!ready) return <NotReady status={status} thread={thread} />
  return (
    <div className={styles.frame}>
      <div ref={scroller} data-thread={thread} className={styles.scroller} tabIndex={0} role="group" aria-label={text.thread.label}>
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
      </div>
    </div>
  )
}

function NotReady({ status, thread }: { readonly status: 'loading' | 'ready' | 'missing' | 'error'; readonly thread: ThreadId }) {
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
        <Button onClick={() => actions.reloadThread(thread)}>{text.thread.tryAgain}</Button>
      </div>
    )
  }
  return (
    <div className={styles.frame} aria-busy="true">
      <div className={styles.skeleton} role="img" aria-label={text.thread.loading}><i /><b /><b /><b /><i /><b /><b /></div>
    </div>
  )
}
