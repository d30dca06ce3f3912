import { useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { Button } from '../ui/button.tsx'
import styles from './in-place-editor.module.css'

interface InPlaceEditorProps {
  readonly label: string
  readonly said: string
  readonly send: string
  readonly cancel: string
  /** There is more to it than words. */
  readonly mayBeBlank?: boolean
  readonly onSend: (words: string) => void
  readonly onCancel: () => void
}

/** Words that are changed where they stand: Enter takes them, Esc leaves them as they were. */
export function InPlaceEditor({ label, said, send, cancel, mayBeBlank = false, onSend, onCancel }: InPlaceEditorProps) {
  const [words, setWords] = useState(said)
  const field = useRef<HTMLTextAreaElement>(null)
  const blank = words.trim() === '' && !mayBeBlank
  useLayoutEffect(() => {
    field.current?.focus({ preventScroll: true })
    field.current?.setSelectionRange(said.length, said.length)
  }, [said])
  const key = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key === 'Escape') {
      event.stopPropagation()
      onCancel()
    } else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      if (!blank) onSend(words)
    }
  }
  return (
    // Marked so that Esc closes this, and does not stop the answer.
    <div className={styles.editor} data-renaming="">
      <textarea ref={field} className={styles.field} aria-label={label} dir="auto" rows={2} value={words} onChange={(event) => setWords(event.target.value)} onKeyDown={key} />
      <div className={styles.buttons}>
        <Button small look="plain" onClick={onCancel}>{cancel}</Button>
        <Button small look="accent" disabled={blank} onClick={() => onSend(words)}>{send}</Button>
      </div>
    </div>
  )
}
