import { useState } from 'react'
import { characters, text } from '../text.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { join } from '../ui/button.tsx'
import styles from './step.module.css'

const CLIP_AT = 1600

interface PayloadProps {
  readonly label: string
  readonly copyLabel: string
  /** As it is shown. */
  readonly source: string
  /** As it is copied. */
  readonly exact: string
  readonly bad?: boolean
}

/** A tool's input or output; a long one is cut until asked for. */
export function Payload({ label, copyLabel, source, exact, bad = false }: PayloadProps) {
  const [all, setAll] = useState(false)
  const long = source.length > CLIP_AT
  return (
    <section className={join(styles.payload, bad && styles.bad)}>
      <header className={styles.payloadHead}>
        <span>{label}{long && <span className={styles.size}>{characters(source.length)}</span>}</span>
        <CopyButton label={copyLabel} take={() => exact} />
      </header>
      <pre className={styles.code} tabIndex={0}>{long && !all ? `${source.slice(0, CLIP_AT)}…` : source}</pre>
      {long && (
        <button type="button" className={styles.all} onClick={() => setAll(!all)}>{all ? text.tool.showLess : text.tool.showAll(source.length)}</button>
      )}
    </section>
  )
}
