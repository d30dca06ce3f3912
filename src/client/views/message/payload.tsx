import { useMemo, useState } from 'react'
import { characters, text } from '../text.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { join } from '../ui/button.tsx'
import { LongPre } from './long-pre.tsx'
import styles from './step.module.css'
import { readable } from './tool-text.ts'

const CLIP_AT = 1600

interface PayloadProps {
  readonly label: string
  readonly copyLabel: string
  /** As it is copied; shown laid out where it is JSON. */
  readonly exact: string
  /** More of it will come. */
  readonly growing?: boolean
  readonly bad?: boolean
}

/** A tool's input or output. A long one is cut until asked for; one that grows is whole, for its end is what is watched. */
export function Payload({ label, copyLabel, exact, growing = false, bad = false }: PayloadProps) {
  // What was watched while it grew is not cut when it ends.
  const [all, setAll] = useState(growing)
  const source = useMemo(() => (growing ? exact : readable(exact)), [exact, growing])
  const long = source.length > CLIP_AT
  return (
    <section className={join(styles.payload, bad && styles.bad)}>
      <header className={styles.payloadHead}>
        <span>{label}{long && <span className={styles.size}>{characters(source.length)}</span>}</span>
        <CopyButton label={copyLabel} take={() => exact} />
      </header>
      <LongPre source={long && !all && !growing ? `${source.slice(0, CLIP_AT)}…` : source} growing={growing} />
      {long && !growing && (
        <button type="button" className={styles.all} onClick={() => setAll(!all)}>{all ? text.tool.showLess : text.tool.showAll(source.length)}</button>
      )}
    </section>
  )
}
