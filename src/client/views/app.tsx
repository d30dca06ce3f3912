import { PanelLeft, SquarePen } from 'lucide-react'
import { createElement, lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import type { ThreadId } from '../../shared/ids.ts'
import '../theme/tokens.css'
import '../theme/base.css'
import '../theme/shell.css'
import { selectContent } from '../store/content.ts'
import { selectAttention, selectThread } from '../store/thread-list.ts'
import { useActions, useStore, useGetState } from '../store/react.ts'
import styles from './app.module.css'
import { useAttention } from './attention/use-attention.ts'
import { keysOf } from './commands/commands.ts'
import type { CommandContext, Over } from './commands/commands.ts'
import { useCommands } from './commands/use-commands.ts'
import { Composer } from './composer/composer.tsx'
import { Status } from './connection/status.tsx'
import { useStopKey } from './composer/use-stop-key.ts'
import { text } from './text.ts'
import { QueueDock } from './queue/queue-dock.tsx'
import { ThreadList } from './thread-list/thread-list.tsx'
import { ThreadMenu } from './thread/thread-menu.tsx'
import { ThreadView } from './thread/thread-view.tsx'
import { Welcome } from './thread/welcome.tsx'
import { Toasts } from './toasts/toasts.tsx'
import { IconButton } from './ui/button.tsx'
import { onDemand, prepared } from './ui/on-demand.ts'
import type { OnDemand } from './ui/on-demand.ts'
import { Tooltips } from './ui/tooltip.tsx'
import { useMedia } from './ui/use-media.ts'

interface OverProps {
  readonly context: () => CommandContext
  /** The chat that was in view when it was opened. */
  readonly thread: ThreadId | null
  readonly onClose: () => void
}

/** What can be called up, each fetched when it is first wanted. */
const overParts: Readonly<Record<Over, OnDemand<(props: OverProps) => ReactNode>>> = {
  palette: onDemand(async () => (await import('./commands/palette.tsx')).Palette),
  shortcuts: onDemand(async () => (await import('./commands/shortcuts.tsx')).Shortcuts),
  branches: onDemand(async () => ofThread((await import('./branches/branch-map.tsx')).BranchMap)),
  outline: onDemand(async () => ofThread((await import('./outline/outline.tsx')).Outline)),
  find: onDemand(async () => ofThread((await import('./find/find-bar.tsx')).FindBar)),
}

/** Belongs to the chat in view, and goes with it. */
function ofThread(part: (props: { readonly thread: ThreadId; readonly onClose: () => void }) => ReactNode) {
  return ({ thread, onClose }: OverProps) => (thread === null ? null : createElement(part, { thread, onClose }))
}

const Nothing = () => null
const Settings = lazy(async () => ({ default: (await import('./settings/settings.tsx')).Settings }))

/** The whole page. Stands inside a StoreProvider. */
export function App() {
  const current = useStore((state) => state.current)
  const title = useStore((state) => selectThread(state, state.current)?.title)
  const missing = useStore((state) => selectContent(state, state.current)?.status === 'missing')
  const settings = useStore((state) => state.settings)
  const drawer = useMedia('(max-width: 760px)')
  const [wanted, setWanted] = useState({ sidebar: true, drawer: false })
  const open = drawer ? wanted.drawer : wanted.sidebar
  const setOpen = (next: boolean) => setWanted((so) => (drawer ? { ...so, drawer: next } : { ...so, sidebar: next }))
  const opener = useRef<HTMLButtonElement>(null)
  const wasOpen = useRef(open)
  const actions = useActions()
  const [over, setOver] = useState<{ readonly part: Over; readonly thread: ThreadId | null } | null>(null)
  const getState = useGetState()
  const news = useStore((state) => selectAttention(state).count > 0)
  // Shown once it is here; should it not come, the page's root tells why and the next press tries again.
  const show = async (part: Over) => {
    if (await prepared(overParts[part])) setOver({ part, thread: getState().current })
  }
  const closeOver = useCallback(() => setOver(null), [])
  // What was called up for one chat goes with it.
  useEffect(() => closeOver, [current, closeOver])
  const context = (): CommandContext => ({ state: getState(), actions, show: (next) => void show(next), toggleSidebar: () => setOpen(!open) })
  useStopKey()
  useCommands(context)

  const named = title !== undefined && title !== '' ? title : current === null ? text.name : missing ? text.thread.notFound : text.chats.untitled
  useAttention(named)

  useEffect(() => {
    // What had the focus went away with the list.
    const at = document.activeElement
    if (wasOpen.current && !open && (at === null || at === document.body || at.closest('[inert]') !== null)) opener.current?.focus({ preventScroll: true })
    wasOpen.current = open
  }, [open])

  const close = () => setOpen(false)
  const covered = drawer && open
  const lying = over !== null && over.thread === current && createElement(overParts[over.part].get() ?? Nothing, { context, thread: over.thread, onClose: closeOver })
  return (
    <>
      <div className={styles.page} data-sidebar={open ? 'open' : 'closed'}>
        <a className={styles.skip} href="#message">{text.skipToMessage}</a>
        <ThreadList open={open} drawer={drawer} onClose={close} onChosen={() => drawer && setOpen(false)} />
        {covered && <button type="button" className={styles.scrim} aria-hidden="true" tabIndex={-1} onClick={close} />}
        <main className={styles.main} inert={covered}>
          <header className={styles.bar}>
            {!open || drawer ? (
              <IconButton ref={opener} label={text.chats.show} keys={keysOf('sidebar')} data-news={news || undefined} aria-expanded={open} onClick={() => setOpen(true)}><PanelLeft size={18} /></IconButton>
            ) : null}
            <h1 dir="auto" className={current === null ? 'visually-hidden' : styles.title}>{named}</h1>
            {current !== null && !missing && <ThreadMenu show={(part) => void show(part)} />}
            {!open || drawer ? (
              <IconButton label={text.chats.newChat} keys={keysOf('new-chat')} onClick={() => actions.openThread(null)}><SquarePen size={18} /></IconButton>
            ) : null}
          </header>
          {over?.part === 'find' && lying}
          {current === null ? <Welcome /> : <ThreadView key={current} thread={current} />}
          <div className={styles.dock}>
            <Status />
            {current !== null && <QueueDock thread={current} />}
            <Composer thread={current} />
          </div>
        </main>
        <Toasts />
      </div>
      <Tooltips />
      {over?.part !== 'find' && lying}
      {settings !== null && <Suspense><Settings section={settings} /></Suspense>}
    </>
  )
}
