import { useCallback, useLayoutEffect, useRef } from 'react'
import { follow } from '../../markdown/follow.ts'
import { mount } from '../../markdown/mount.ts'
import { useTold } from '../../store/react.ts'
import type { State } from '../../store/state.ts'
import { text } from '../text.ts'
import { copyText } from '../ui/copy-text.ts'
import { markdownWords } from './markdown-words.ts'
import styles from './markdown.module.css'

const COPIED_MS = 1600

/** The text of a part that is open; null where it is not followed any more, which changes nothing of what is shown. */
export type Growing = (state: State) => string | null

interface MarkdownProps {
  /** The text; of one that grows whatever `growing` gives instead. */
  readonly source: string
  readonly open: boolean
  /** Where the text of an open part is: it goes from there to the renderer, and React has nothing to do with it. */
  readonly growing?: Growing | null
}

/** Markdown that may still grow (`open`). React owns this element, the renderer everything inside it. */
export function Markdown({ source, open, growing = null }: MarkdownProps) {
  const host = useRef<HTMLDivElement>(null)
  const show = useRef<(source: string, open: boolean) => void>(null)
  useLayoutEffect(() => {
    if (host.current === null) return undefined
    const el = host.current
    const mounted = mount(el, { words: markdownWords() })
    show.current = follow(mounted)
    el.addEventListener('click', copyCode)
    return () => {
      el.removeEventListener('click', copyCode)
      mounted.reset()
    }
  }, [])
  useTold(growing, useCallback((words: string | null) => {
    if (words !== null) show.current?.(words, true)
  }, []))
  useLayoutEffect(() => {
    if (growing === null) show.current?.(source, open)
  }, [source, open, growing])
  return <div ref={host} className={styles.markdown} />
}

/** The exact source of the block whose button was pressed. */
function copyCode(event: Event): void {
  const button = event.target instanceof Element ? event.target.closest('button[data-copy-code]') : null
  const source = button?.closest('figure')?.querySelector('pre > code')?.textContent
  if (button === null || source === undefined || source === null) return
  void copyText(source).then((done) => {
    if (!done) return
    button.setAttribute('data-copied', text.code.copied)
    setTimeout(() => button.removeAttribute('data-copied'), COPIED_MS)
  })
}
