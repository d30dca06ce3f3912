import { useLayoutEffect, useRef } from 'react'
import { mountMarkdown } from '../../markdown/render.ts'
import type { MarkdownView, MarkdownWords } from '../../markdown/render.ts'
import { text } from '../text.ts'
import { copyText } from '../ui/copy-text.ts'
import styles from './markdown.module.css'

const words: MarkdownWords = {
  copy: text.code.copy,
  copied: text.code.copied,
  copyLabel: text.code.copyLabel,
  plainCode: text.code.plain,
  table: text.table.label,
  goesTo: text.link.goesTo,
  image: (alt, host) => (host === null ? text.image.blocked(alt) : text.image.open(alt, host)),
}

/** Markdown that may still grow (`open`). React owns this element, the renderer everything inside it. */
export function Markdown({ source, open }: { readonly source: string; readonly open: boolean }) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<MarkdownView>(null)
  useLayoutEffect(() => {
    if (host.current === null) return undefined
    const mounted = mountMarkdown(host.current, words, copyText)
    view.current = mounted
    return () => mounted.destroy()
  }, [])
  useLayoutEffect(() => view.current?.update(source, open), [source, open])
  return <div ref={host} className={styles.markdown} />
}
