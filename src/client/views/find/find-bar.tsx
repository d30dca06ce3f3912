import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { KeyboardEvent } from 'react'
import type { MessageId, ThreadId } from '../../../shared/ids.ts'
import { emptyContent, liveRuns, selectContent } from '../../store/content.ts'
import { useActions, useGetState, useStore } from '../../store/react.ts'
import { partsText } from '../parts-text.ts'
import { QueryField } from '../search/query-field.tsx'
import { IconButton } from '../ui/button.tsx'
import { createFinder } from './finder.ts'
import styles from './find.module.css'
import { bringIntoView, clearMarks, drawnMessage, drawnMessages, rangesIn, showMarks } from './highlight.ts'

const PAUSE_MS = 120
/** How often the marks follow what is drawn, while an answer grows or somebody scrolls. */
const FOLLOW_MS = 150

/** Which of the places in the message that is looked at: counted from its top, or the last one. */
type Nth = number | 'last'

/** Finds words in the whole thread, of which the page holds only a part. */
export function FindBar({ thread, onClose }: { readonly thread: ThreadId; readonly onClose: () => void }) {
  const actions = useActions()
  const getState = useGetState()
  const [words, setWords] = useState(selectedWords)
  const [finder] = useState(() => createFinder({
    ask: (wanted, before) => actions.find(thread, { text: wanted, ...(before === undefined ? {} : { before }) }),
    unsaved: () => liveRuns(selectContent(getState(), thread) ?? emptyContent).flatMap(({ view }) => view?.transcript.messages ?? []),
  }))
  const finding = useSyncExternalStore(finder.subscribe, finder.get)
  const saved = useStore((state) => selectContent(state, thread)?.runs.length ?? 0)
  const awaited = useStore((state) => state.target !== null)
  const [nth, setNth] = useState<{ readonly at: string | null; readonly nth: Nth }>({ at: null, nth: 0 })
  const field = useRef<HTMLInputElement>(null)
  const { at } = finding

  // As soon as what lay over the page has given the focus back.
  useEffect(() => {
    const before = document.activeElement
    const frame = requestAnimationFrame(() => field.current?.select())
    return () => {
      cancelAnimationFrame(frame)
      clearMarks()
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented || document.querySelector('dialog[open], [role=menu]') !== null) return
      event.preventDefault()
      onClose()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [onClose])

  // What is said or saved meanwhile is looked through, too.
  useEffect(() => {
    const timer = setTimeout(() => void finder.look(words, nearReader), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [finder, words, saved])

  // To the message, where it is not drawn; then, once it is there, to the place in it.
  useEffect(() => {
    if (at !== null && drawnMessage(at) === null) actions.reveal({ thread, message: at as MessageId, quiet: true })
  }, [actions, thread, at])
  useEffect(() => {
    if (finding.words === '') return clearMarks()
    const mark = () => {
      const message = at === null ? null : drawnMessage(at)
      const own = message === null ? [] : rangesIn(message, finding.words)
      const current = own.at(nth.at !== at ? 0 : nth.nth === 'last' ? -1 : Math.min(nth.nth, own.length - 1)) ?? null
      showMarks([...drawnMessages().flatMap((one) => (one === message ? own : rangesIn(one, finding.words)))], current)
      return current
    }
    const current = mark()
    if (current !== null && !awaited) bringIntoView(current)
    let timer: ReturnType<typeof setTimeout> | null = null
    const observer = new MutationObserver(() => {
      timer ??= setTimeout(() => {
        timer = null
        mark()
      }, FOLLOW_MS)
    })
    const scroller = document.querySelector('[data-thread]')
    if (scroller !== null) observer.observe(scroller, { childList: true, characterData: true, subtree: true })
    return () => {
      observer.disconnect()
      if (timer !== null) clearTimeout(timer)
    }
  }, [finding.words, at, nth, awaited])

  const go = (by: 1 | -1) => {
    const message = at === null ? null : drawnMessage(at)
    const count = message === null ? 0 : rangesIn(message, finding.words).length
    const here = nth.at !== at ? 0 : nth.nth === 'last' ? count - 1 : nth.nth
    if (here + by >= 0 && here + by < count) return setNth({ at, nth: here + by })
    setNth({ at: finder.step(by), nth: by === 1 ? 0 : 'last' })
  }
  const key = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') go(event.shiftKey ? -1 : 1)
    else if (event.key === 'ArrowDown') go(1)
    else if (event.key === 'ArrowUp') go(-1)
    else return
    event.preventDefault()
  }
  const { found, busy, error, cut } = finding
  const index = at === null ? -1 : found.indexOf(at)
  const told = error ?? (words.trim() === '' ? '' : finding.words === '' || (busy && found.length === 0) ? partsText().find.busy : found.length === 0 ? partsText().find.nothing : partsText().find.place(index + 1, found.length, cut || busy))
  return (
    <search className={styles.bar} data-find="" aria-label={partsText().find.label}>
      <QueryField ref={field} label={partsText().find.label} placeholder={partsText().find.placeholder} value={words} onChange={setWords} onKeyDown={key} />
      <span role="status" className={styles.place} data-failed={error !== null || undefined} data-none={(found.length === 0 && !busy) || undefined}>{told}</span>
      <IconButton small label={partsText().find.previous} disabled={found.length === 0} onClick={() => go(-1)}><ChevronUp size={16} /></IconButton>
      <IconButton small label={partsText().find.next} disabled={found.length === 0} onClick={() => go(1)}><ChevronDown size={16} /></IconButton>
      <IconButton small label={partsText().find.close} onClick={onClose}><X size={16} /></IconButton>
    </search>
  )
}

/** Longer than this it was selected to be read or copied. */
const LONGEST_SELECTED = 80

function selectedWords(): string {
  const selected = document.getSelection()?.toString().trim() ?? ''
  return selected.length > LONGEST_SELECTED || selected.includes('\n') ? '' : selected
}

/** The first message in view, or below it, that was found; else the newest. */
function nearReader(found: readonly string[]): string | null {
  const top = document.querySelector('[data-thread]')?.getBoundingClientRect().top ?? 0
  const known = new Set(found)
  const near = drawnMessages().find((message) => known.has(message.dataset['message'] ?? '') && message.getBoundingClientRect().bottom > top)
  return near?.dataset['message'] ?? null
}
