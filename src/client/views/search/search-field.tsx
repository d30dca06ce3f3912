import { Search, X } from 'lucide-react'
import { useRef } from 'react'
import type { KeyboardEvent } from 'react'
import { text } from '../text.ts'
import { QueryField } from './query-field.tsx'
import styles from './search.module.css'

interface SearchFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  /** Arrow down or Enter: goes on to the results. */
  readonly onEnter: () => void
}

export function SearchField({ value, onChange, onEnter }: SearchFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  const key = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape' && value !== '') {
      // Clears, and only then closes what it stands in or stops an answer.
      event.stopPropagation()
      event.nativeEvent.stopImmediatePropagation()
      onChange('')
    }
    if ((event.key === 'ArrowDown' || event.key === 'Enter') && value.trim() !== '') {
      event.preventDefault()
      onEnter()
    }
  }
  return (
    <div className={styles.box}>
      <Search size={15} />
      <QueryField ref={field} label={text.search.label} placeholder={text.search.placeholder} value={value} onChange={onChange} onKeyDown={key} />
      {value !== '' && (
        <button type="button" className={styles.clear} aria-label={text.search.clear} onClick={() => {
          onChange('')
          field.current?.focus()
        }}><X size={14} /></button>
      )}
    </div>
  )
}
