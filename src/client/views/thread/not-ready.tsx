import type { ThreadId } from '../../../shared/ids.ts'
import { useActions } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button } from '../ui/button.tsx'
import styles from './thread.module.css'

interface NotReadyProps {
  readonly status: 'loading' | 'ready' | 'missing' | 'error'
  /** Why it could not be loaded, and what to do. */
  readonly error: string | null
  readonly thread: ThreadId
}

/** What stands in place of a thread that is not loaded. */
export function NotReady({ status, error, thread }: NotReadyProps) {
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
