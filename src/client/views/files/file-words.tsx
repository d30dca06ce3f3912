import type { ReactNode } from 'react'
import { TrueText } from '../ui/true-text.tsx'
import styles from './file-words.module.css'

/** A file's name, and below it what there is to say of it. */
export function FileWords({ name, children, failed = false }: { readonly name: string; readonly children: ReactNode; readonly failed?: boolean }) {
  return (
    <span className={styles.words}>
      <bdi className={styles.name} title={name}><TrueText of={name} /></bdi>{' '}
      <span className={styles.about} data-failed={failed || undefined}>{children}</span>
    </span>
  )
}
