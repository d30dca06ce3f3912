import { useCallback, useLayoutEffect, useRef } from 'react'
import { log } from '../../log.ts'
import { showIn } from '../../markdown/show.ts'
import type { Shown } from '../../markdown/show.ts'
import { useTold } from '../../store/react.ts'
import type { State } from '../../store/state.ts'
import { growing as growingTexts } from './markdown-growing.ts'
import { markdownLook } from './markdown-look.ts'
import { rich } from './markdown-rich.ts'
import { markdownWords } from './markdown-words.ts'

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
  const shown = useRef<Shown>(null)
  useLayoutEffect(() => {
    if (host.current === null) return undefined
    const made = showIn(host.current, {
      words: markdownWords(), rich, growing: growingTexts, onTrouble: (error) => log.warn('the code of growing answers has not come', { error: String(error) }),
    })
    shown.current = made
    return made.leave
  }, [])
  useTold(growing, useCallback((words: string | null) => {
    if (words !== null) shown.current?.show(words, true)
  }, []))
  useLayoutEffect(() => {
    if (growing === null) shown.current?.show(source, open)
  }, [source, open, growing])
  return <div ref={host} className={markdownLook} />
}
