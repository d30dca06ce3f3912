import { useLayoutEffect, useRef } from 'react'
import { mountMarkdown } from '../../markdown/render.ts'
import type { MarkdownView } from '../../markdown/render.ts'
import { copyText } from '../ui/copy-text.ts'
import { markdownWords } from './markdown-words.ts'
import styles from './markdown.module.css'

/** Markdown that may still grow (`open`). React owns this element, the renderer everything inside it. */
export function Markdown({ source, open }: { readonly source: string; readonly open: boolean }) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<MarkdownView>(null)
  useLayoutEffect(() => {
    if (host.current === null) return undefined
    const mounted = mountMarkdown(host.current, markdownWords(), copyText)
    view.current = mounted
    return () => mounted.destroy()
  }, [])
  useLayoutEffect(() => view.current?.update(source, open), [source, open])
  return <div ref={host} className={styles.markdown} />
}
