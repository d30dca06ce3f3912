import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import { selectAttached } from '../../store/files.ts'
import { useActions, useGetState } from '../../store/react.ts'
import type { AttachedFile, NotAttached } from '../../store/state.ts'
import { text } from '../text.ts'
import { readPaste } from './pasted.ts'
import { useFileDrop } from './use-file-drop.ts'

export interface Attaching {
  readonly refused: readonly NotAttached[]
  /** Files are dragged across the page. */
  readonly over: boolean
  attach(files: readonly File[], pasted?: boolean): void
  /** Puts a pasted text where the caret is, in the place of its file. */
  insert(file: AttachedFile): void
  /** What was refused has been read. */
  seen(): void
}

const none: readonly NotAttached[] = []

/** Files by choice, by drop and by paste, for the message that is being written in `field`. */
export function useAttaching(thread: ThreadId | null, field: RefObject<HTMLTextAreaElement | null>): Attaching {
  const actions = useActions()
  const getState = useGetState()
  // What was refused in one chat is nothing to another.
  const [refused, setRefused] = useState<{ readonly thread: ThreadId | null; readonly files: readonly NotAttached[] }>({ thread: null, files: [] })
  const attach = (files: readonly File[], pasted = false) => {
    void actions.attach(thread, files, pasted).then((left) => setRefused({ thread, files: left }))
  }
  const over = useFileDrop((files) => {
    attach(files)
    field.current?.focus({ preventScroll: true })
  })

  const paste = useRef((_event: ClipboardEvent) => {})
  useEffect(() => {
    paste.current = (event) => {
      const { clipboardData, target } = event
      // Another field's paste is its own.
      if (clipboardData === null || (target !== field.current && target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null)) return
      const pasted = readPaste(clipboardData)
      if (pasted.kind === 'words' || (pasted.kind === 'large-text' && target !== field.current)) return
      event.preventDefault()
      if (pasted.kind === 'files') return attach(pasted.files)
      const count = selectAttached(getState(), thread).filter((file) => file.pasted === true).length
      attach([new File([pasted.text], text.files.pastedName(count + 1), { type: 'text/plain' })], true)
    }
  })
  useEffect(() => {
    const listen = (event: ClipboardEvent) => paste.current(event)
    window.addEventListener('paste', listen)
    return () => window.removeEventListener('paste', listen)
  }, [])

  return {
    refused: refused.thread === thread ? refused.files : none, over, attach,
    seen: () => setRefused({ thread, files: none }),
    insert(file) {
      const bytes = getState().uploads[file.file]?.bytes
      if (bytes === undefined) return
      void bytes.text().then((words) => {
        const draft = getState().drafts[thread ?? ''] ?? ''
        const { selectionStart = draft.length, selectionEnd = draft.length } = field.current ?? {}
        actions.setDraft(thread, draft.slice(0, selectionStart) + words + draft.slice(selectionEnd))
        actions.detach(thread, file.file)
        field.current?.focus({ preventScroll: true })
      })
    },
  }
}
