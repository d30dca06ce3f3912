import { useLayoutEffect, useRef } from 'react'
import { mountLongText } from '../../markdown/long-text.ts'
import type { LongText } from '../../markdown/long-text.ts'
import styles from './step.module.css'

/** Plain text that may be long, and may still be `growing`. React owns this element, `long-text.ts` everything inside it. */
export function LongPre({ source, growing }: { readonly source: string; readonly growing: boolean }) {
  const box = useRef<HTMLPreElement>(null)
  const view = useRef<LongText>(null)
  useLayoutEffect(() => {
    if (box.current === null) return undefined
    const mounted = mountLongText(box.current)
    view.current = mounted
    return () => mounted.destroy()
  }, [])
  useLayoutEffect(() => view.current?.update(source, growing), [source, growing])
  return <pre ref={box} className={styles.code} tabIndex={0} />
}
