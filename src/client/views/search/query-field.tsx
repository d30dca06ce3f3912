import type { KeyboardEvent, Ref } from 'react'
import styles from './query-field.module.css'

interface QueryFieldProps {
  readonly ref?: Ref<HTMLInputElement>
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => void
}

/** Where words to look for are typed, whatever it is that is looked through. */
export function QueryField({ label, onChange, ...rest }: QueryFieldProps) {
  return (
    <input
      type="text"
      role="searchbox"
      className={styles.field}
      aria-label={label}
      autoComplete="off"
      spellCheck={false}
      dir="auto"
      enterKeyHint="search"
      maxLength={200}
      onChange={(event) => onChange(event.target.value)}
      {...rest}
    />
  )
}
