import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'
import styles from './dialog-head.module.css'

interface DialogHeadProps {
  readonly title: string
  readonly closeLabel: string
  readonly onClose: () => void
  /** Beside the title. */
  readonly children?: ReactNode
}

/** What a dialog is, and the way out of it. */
export function DialogHead({ title, closeLabel, onClose, children }: DialogHeadProps) {
  return (
    <header className={styles.head}>
      <h2 className={styles.title}>{title}</h2>
      {children}
      <span className={styles.close}><IconButton label={closeLabel} onClick={onClose}><X size={18} /></IconButton></span>
    </header>
  )
}
