import { X } from 'lucide-react'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button, IconButton } from '../ui/button.tsx'
import styles from './toasts.module.css'

export function Toasts() {
  const toasts = useStore((state) => state.toasts)
  const actions = useActions()
  return (
    <section className={styles.toasts} aria-label={text.toast.region} aria-live="polite" aria-atomic="false">
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
