import { Archive, PanelLeftClose, Settings as SettingsIcon, SquarePen } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { groupThreads, selectThreadList } from '../../store/thread-list.ts'
import type { ThreadGroup } from '../../store/thread-list.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Mark } from '../ui/mark.tsx'
import { Menu } from '../ui/menu.tsx'
import { onDemand } from '../ui/on-demand.ts'
import { SearchField } from '../search/search-field.tsx'
import { useSearch } from '../search/use-search.ts'
import styles from './thread-list.module.css'
import { useNow } from '../ui/use-now.ts'
import { themeIcons } from './theme-icons.ts'
import { ThreadRow } from './thread-row.tsx'

const SearchResults = lazy(async () => ({ default: (await import('../search/search-results.tsx')).SearchResults }))
const ArchiveList = lazy(async () => ({ default: (await import('./archive-list.tsx')).ArchiveList }))

interface ThreadListProps {
  readonly open: boolean
  /** On a narrow page: lies over the conversation and closes when something is chosen. */
  readonly drawer: boolean
  readonly onClose: () => void
  readonly onChosen: () => void
}

export function ThreadList({ open, drawer, onClose, onChosen }: ThreadListProps) {
  const actions = useActions()
  const panel = useRef<HTMLElement>(null)
  const modal = drawer && open
  const close = useRef(onClose)
  useEffect(() => {
    close.current = onClose
  })

  useEffect(() => {
    if (!modal) return undefined
    panel.current?.querySelector<HTMLElement>('[data-first]')?.focus()
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('[role=menu], dialog[open], [data-renaming]') === null) close.current()
    }
    document.addEventListener('keydown', key)
    return () => document.removeEventListener('keydown', key)
  }, [modal])

  const [query, setQuery] = useState('')
  const [archive, setArchive] = useState(false)
  const search = useSearch(query)
  const start = () => {
    actions.openThread(null)
    onChosen()
  }
  return (
    <section
      ref={panel}
      className={styles.panel}
      aria-label={text.chats.panel}
      data-open={open}
      inert={!open}
      {...(modal ? { role: 'dialog', 'aria-modal': true } : {})}
    >
      <div className={styles.inner}>
        <div className={styles.head}>
          <span className={styles.brand}><Mark />{text.name}</span>
          <IconButton label={text.chats.hide} onClick={onClose}><PanelLeftClose size={18} /></IconButton>
        </div>
        <div className={styles.new}>
          <Button className={styles.newButton} data-first="" onClick={start}><SquarePen size={16} />{text.chats.newChat}</Button>
        </div>
        <SearchField
          value={query}
          onChange={setQuery}
          onEnter={() => panel.current?.querySelector<HTMLElement>('[data-search-results] a')?.focus()}
        />
        <nav aria-label={text.chats.label} className={styles.list}>
          <Suspense fallback={<Threads onChosen={onChosen} />}>{query.trim() !== '' ? (
            <SearchResults search={search} onChosen={onChosen} onLeave={() => panel.current?.querySelector<HTMLElement>('[role=searchbox]')?.focus()} />
          ) : archive ? (
            <ArchiveList onChosen={onChosen} onBack={() => setArchive(false)} />
          ) : (
            <Threads onChosen={onChosen} />
          )}</Suspense>
        </nav>
        <div className={styles.foot}>
          {!archive && (
            <button type="button" className={styles.theme} onClick={() => {
              setQuery('')
              setArchive(true)
            }}><Archive size={16} />{text.chats.archived}</button>
          )}
          <ThemeSwitch />
          <IconButton label={text.settings.label} side="top" onClick={() => actions.openSettings('agents')}><SettingsIcon size={18} /></IconButton>
        </div>
      </div>
    </section>
  )
}

const MINUTE_MS = 60_000

function Threads({ onChosen }: { readonly onChosen: () => void }) {
  const threads = useStore(selectThreadList)
  const { status, cursor } = useStore((state) => state.threads)
  const current = useStore((state) => state.current)
  const cause = useStore((state) => state.threads.error)
  const actions = useActions()
  const now = useNow(MINUTE_MS)
  if (threads.length === 0 && status === 'loading') return <Skeleton />
  const failed = status !== 'error' ? null : (
    <div className={styles.note}>
      <p>{text.chats.failed} {cause}</p>
      <Button small onClick={() => void actions.reloadThreads()}>{text.chats.tryAgain}</Button>
    </div>
  )
  if (threads.length === 0 && failed !== null) return failed
  if (threads.length === 0) return <p className={styles.note}>{text.chats.empty}</p>
  return (
    <>
      {groupThreads(threads, now).map((group) => (
        <section key={`${group.kind} ${group.at ?? ''}`} className={styles.group}>
          <h2 className={styles.heading}>{headingOf(group)}</h2>
          <ul role="list">
            {group.threads.map((thread) => (
              <ThreadRow key={thread.id} thread={thread} current={thread.id === current} onChosen={onChosen} />
            ))}
          </ul>
        </section>
      ))}
      {failed}
      {cursor !== null && <Button look="plain" small className={styles.more} onClick={() => void actions.loadMoreThreads()}>{text.chats.more}</Button>}
    </>
  )
}

function headingOf(group: ThreadGroup): string {
  return group.kind === 'month' ? text.chats.month(group.at ?? 0) : text.chats[group.kind]
}

function Skeleton() {
  return (
    <div className={styles.skeleton} aria-busy="true">
      <p className="visually-hidden">{text.chats.loading}</p>
      {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => <span key={key} />)}
    </div>
  )
}

const themes = onDemand(async () => (await import('./theme-items.tsx')).ThemeItems)

function ThemeSwitch() {
  const theme = useStore((state) => state.preferences.theme)
  const Icon = themeIcons[theme]
  return (
    <Menu
      items={themes}
      side="top"
      trigger={<button type="button" className={styles.theme}><Icon size={16} />{text.theme.label}</button>}
    >
      {(Items) => <Items />}
    </Menu>
  )
}

