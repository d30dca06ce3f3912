import { Ellipsis } from 'lucide-react'
import { memo, useRef, useState } from 'react'
import type { KeyboardEvent, MouseEvent } from 'react'
import type { Thread } from '../../../shared/protocol.ts'
import { useActions } from '../../store/react.ts'
import { text } from '../text.ts'
import { Menu } from '../ui/menu.tsx'
import { onDemand } from '../ui/on-demand.ts'
import styles from './thread-list.module.css'

const items = onDemand(async () => (await import('./thread-items.tsx')).ThreadItems)

interface ThreadRowProps {
  readonly thread: Thread
  readonly current: boolean
  readonly onChosen: () => void
}

export const ThreadRow = memo(function ThreadRow({ thread, current, onChosen }: ThreadRowProps) {
  const actions = useActions()
  const [renaming, setRenaming] = useState(false)
  const toRename = useRef(false)
  const title = thread.title === '' ? text.chats.untitled : thread.title
  const mark = markOf(thread, current)

  const follow = (event: MouseEvent) => {
    // A click with a modifier opens another tab, as on any link.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return
    event.preventDefault()
    actions.openThread(thread.id)
    onChosen()
  }
  if (renaming) {
    return (
      <li className={styles.row}>
        <Rename title={thread.title} onDone={(next) => {
          setRenaming(false)
          if (next !== null && next !== thread.title) void actions.rename(thread.id, next)
        }} />
      </li>
    )
  }
  return (
    <li className={styles.row} data-current={current || undefined}>
      <a href={`/t/${thread.id}`} className={styles.link} aria-current={current ? 'page' : undefined} onClick={follow} title={title}>
        <span dir="auto" className={styles.title}>{title}</span>
        {mark !== null && <span className={styles.mark} data-mark={mark}><span className="visually-hidden">{text.chats[mark]}</span></span>}
      </a>
      <Menu
        items={items}
        align="end"
        trigger={<button type="button" className={styles.options} aria-label={text.chats.options(title)}><Ellipsis size={16} /></button>}
        onClosed={() => {
          const taken = toRename.current
          toRename.current = false
          if (taken) setRenaming(true)
          return taken
        }}
      >
        {(Items) => <Items thread={thread} onRename={() => { toRename.current = true }} />}
      </Menu>
    </li>
  )
})

/** What the row tells about its run. A thread in view shows its own news. */
function markOf(thread: Thread, current: boolean): 'waiting' | 'running' | 'unread' | null {
  if (thread.activeRun?.waiting === true) return 'waiting'
  if (thread.activeRun !== null) return 'running'
  return thread.unread && !current ? 'unread' : null
}

function Rename({ title, onDone }: { readonly title: string; readonly onDone: (title: string | null) => void }) {
  const done = useRef(false)
  const finish = (value: string | null) => {
    if (done.current) return
    done.current = true
    const trimmed = value?.trim() ?? ''
    onDone(trimmed === '' ? null : trimmed)
  }
  const key = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') finish(event.currentTarget.value)
    if (event.key === 'Escape') finish(null)
  }
  return (
    <input
      ref={(input) => input?.select()}
      data-renaming=""
      className={styles.rename}
      aria-label={text.chats.renameLabel}
      defaultValue={title}
      maxLength={200}
      autoFocus
      onKeyDown={key}
      onBlur={(event) => finish(event.currentTarget.value)}
    />
  )
}
