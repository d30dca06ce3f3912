import { X } from 'lucide-react'
import { selectActivity } from '../../store/activity.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button, IconButton } from '../ui/button.tsx'
import styles from './toasts.module.css'

export function Toasts() {
  const toasts = useStore((state) => state.toasts)
  const actions = useActions()
  // Never in the middle of an answer.
  const offered = useStore((state) => state.newVersion && selectActivity(state, state.current) === 'idle')
  return (
    <section className={styles.toasts} aria-label={text.toast.region} aria-live="polite" aria-atomic="false">
      {offered && (
        <div className={styles.toast} data-new-version="">
          <span className={styles.text}>{text.version.offer}</span>
          <Button small look="plain" className={styles.action} onClick={() => location.reload()}>{text.version.reload}</Button>
        </div>
      )}
      {toasts.map((toast) => (
        <div key={toast.id} className={styles.toast} data-toast="">
          <span className={styles.text}>{toast.text}</span>
          {toast.action !== undefined && <Button small look="plain" className={styles.action} onClick={toast.action.run}>{toast.action.label}</Button>}
          <IconButton small label={text.toast.dismiss} side="top" onClick={() => actions.dismissToast(toast.id)}><X size={15} /></IconButton>
        </div>
      ))}
    </section>
  )
}
