import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import { join } from './button.tsx'
import styles from './dialog.module.css'

interface DialogProps {
  readonly label: string
  readonly onClose: () => void
  readonly className?: string | undefined
  readonly children: ReactNode
}

/** Lies over the page and has the focus until it is closed, by Esc or a press beside it. The browser's own dialog does the work. */
export function Dialog({ label, onClose, className, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = box.current
    const before = document.activeElement
    dialog?.showModal()
    return () => {
      dialog?.close()
      // The browser gives the focus back only to what was focused when it opened and is still there. Who was led elsewhere meanwhile stays there.
      const at = document.activeElement
      if ((at === null || at === document.body) && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <dialog
      ref={box}
      aria-label={label}
      className={join(styles.dialog, className)}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onPointerDown={(event) => {
        if (event.target === box.current) onClose()
      }}
    >
      <div className={styles.inner}>{children}</div>
    </dialog>
  )
}
