import { useId } from 'react'
import type { InputHTMLAttributes, ReactNode } from 'react'
import styles from './settings.module.css'

interface ChoiceProps<T extends string> {
  readonly label: string
  readonly about?: string | undefined
  readonly value: T
  readonly options: readonly { readonly value: T; readonly title: string; readonly icon?: ReactNode; readonly lang?: string }[]
  readonly onChoose: (value: T) => void
}

/** One of a few, side by side. */
export function Choice<T extends string>({ label, about, value, options, onChoose }: ChoiceProps<T>) {
  const name = useId()
  return (
    <fieldset className={styles.choice} aria-describedby={about === undefined ? undefined : `${name}-about`}>
      <legend className={styles.label}>{label}</legend>
      <div className={styles.options}>
        {options.map((option) => (
          <label key={option.value} className={styles.option} lang={option.lang}>
            <input type="radio" className={styles.radio} name={name} value={option.value} checked={option.value === value} onChange={() => onChoose(option.value)} />
            {option.icon}
            <span>{option.title}</span>
          </label>
        ))}
      </div>
      {about !== undefined && <p id={`${name}-about`} className={styles.about}>{about}</p>}
    </fieldset>
  )
}

interface SwitchProps {
  readonly label: string
  readonly about?: string
  readonly on: boolean
  readonly disabled?: boolean
  readonly onChange: (on: boolean) => void
}

export function Switch({ label, about, on, disabled = false, onChange }: SwitchProps) {
  const id = useId()
  return (
    <div className={styles.row}>
      <label className={styles.grow} htmlFor={id}>
        <span className={styles.label}>{label}</span>
        {about !== undefined && <span id={`${id}-about`} className={styles.about}>{about}</span>}
      </label>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className={styles.switch}
        checked={on}
        aria-checked={on}
        disabled={disabled}
        aria-describedby={about === undefined ? undefined : `${id}-about`}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  )
}

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string
  readonly about?: string | undefined
}

/** A line of text with its name above and a hint below. */
export function Field({ label, about, ...input }: FieldProps) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>{label}</label>
      <input {...input} id={id} className={styles.input} autoComplete="off" spellCheck={false} aria-describedby={about === undefined ? undefined : `${id}-about`} />
      {about !== undefined && <p id={`${id}-about`} className={styles.about}>{about}</p>}
    </div>
  )
}
