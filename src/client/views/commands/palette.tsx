import { Bot, Command as CommandIcon, CornerDownLeft, MessageSquare, Search, TextSearch } from 'lucide-react'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { selectChoice } from '../../store/choice.ts'
import { selectThreadList } from '../../store/thread-list.ts'
import { useStore } from '../../store/react.ts'
import type { Found } from '../../store/state.ts'
import { partsText } from '../parts-text.ts'
import { text } from '../text.ts'
import { Dialog } from '../ui/dialog.tsx'
import { isApple } from '../ui/is-apple.ts'
import { commands, makesSense } from './commands.ts'
import { titles } from './titles.ts'
import type { CommandContext } from './commands.ts'
import { useSearch } from '../search/use-search.ts'
import { find } from './find.ts'
import { Keys } from './key-caps.tsx'
import styles from './palette.module.css'

interface Entry {
  readonly id: string
  readonly title: string
  readonly about?: string | undefined
  readonly keys?: string | undefined
  readonly icon: ReactNode
  readonly choose: (context: CommandContext) => void
}

interface Group {
  readonly title: string
  readonly entries: readonly Entry[]
}

const RECENT = 6
const MOST = 20

/** Chats, actions and agents behind one field. */
export function Palette({ context, onClose }: { readonly context: () => CommandContext; readonly onClose: () => void }) {
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const { found, busy } = useSearch(query)
  const groups = useGroups(query, found)
  const entries = useMemo(() => groups.flatMap((group) => group.entries), [groups])
  const list = useRef<HTMLDivElement>(null)
  const id = useId()
  const chosen = entries[Math.min(at, entries.length - 1)]

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])

  const take = (entry: Entry | undefined) => {
    if (entry === undefined) return
    onClose()
    entry.choose(context())
  }
  const key = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step !== undefined && entries.length > 0) setAt((Math.min(at, entries.length - 1) + step + entries.length) % entries.length)
    else if (event.key === 'Enter') take(chosen)
    else if (event.key === 'k' && (isApple ? event.metaKey : event.ctrlKey)) onClose()
    else return
    event.preventDefault()
  }
  return (
    <Dialog label={partsText().commands.palette} onClose={onClose}>
      <div className={styles.head}>
        <Search size={18} aria-hidden="true" />
        <input
          autoFocus
          className={styles.field}
          role="combobox"
          aria-label={partsText().commands.query}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen === undefined ? undefined : `${id}-${chosen.id}`}
          aria-autocomplete="list"
          placeholder={partsText().commands.placeholder}
          autoComplete="off"
          spellCheck={false}
          dir="auto"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value)
            setAt(0)
          }}
          onKeyDown={key}
        />
      </div>
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={partsText().commands.results} className={styles.list}>
        {groups.map((group) => (
          <div key={group.title} role="group" aria-label={group.title}>
            <div className={styles.heading} aria-hidden="true">{group.title}</div>
            {group.entries.map((entry) => (
              <button
                type="button"
                tabIndex={-1}
                key={entry.id}
                id={`${id}-${entry.id}`}
                role="option"
                aria-selected={entry === chosen}
                className={styles.entry}
                onPointerMove={() => setAt(entries.indexOf(entry))}
                onClick={() => take(entry)}
              >
                {entry.icon}
                <span dir="auto" className={styles.title}>{entry.title}</span>
                {entry.about !== undefined && <span dir="auto" className={styles.about}>{entry.about}</span>}
                {entry.keys !== undefined && <Keys keys={entry.keys} />}
                <CornerDownLeft size={14} className={styles.enter} aria-hidden="true" />
              </button>
            ))}
          </div>
        ))}
      </div>
      {entries.length === 0 && !busy && <p role="status" className={styles.none}>{partsText().commands.none(query.trim())}</p>}
    </Dialog>
  )
}

/** `found`: what the server found, in chats that the list does not hold and in what was said. */
function useGroups(query: string, found: readonly Found[]): readonly Group[] {
  const state = useStore((now) => now)
  return useMemo(() => {
    const asked = query.trim() !== ''
    const listed = find(query, selectThreadList(state), ({ title }) => (title === '' ? text.chats.untitled : title), asked ? MOST : RECENT)
    const hits = asked ? found : []
    const threads = [...listed, ...hits.filter(({ thread, hit }) => hit.message === null && !listed.some((one) => one.id === thread.id)).map(({ thread }) => thread)]
    const actions = find(query, commands.filter((one) => one.run !== null && one.keysOnly !== true && makesSense(one, state)), ({ id }) => titles[id](text, partsText()), MOST)
    const current = selectChoice(state, state.current)?.agent.id
    const agents = find(query, (state.agents?.agents ?? []).filter((agent) => agent.ready && agent.id !== current), ({ title }) => partsText().commands.talkTo(title), MOST)
    const groups: Group[] = [
      { title: asked ? text.chats.label : partsText().commands.recent, entries: threads.map((thread) => ({
        id: `thread-${thread.id}`,
        title: thread.title === '' ? text.chats.untitled : thread.title,
        about: thread.activeRun?.waiting === true ? text.chats.waiting : thread.activeRun !== null ? text.chats.running : thread.unread ? text.chats.unread : undefined,
        icon: <MessageSquare size={16} />,
        choose: (context) => context.actions.openThread(thread.id),
      })) },
      { title: partsText().commands.messages, entries: hits.flatMap(({ thread, hit: { message, snippet } }) => (message === null ? [] : [{
        id: `message-${message}`,
        title: snippet.text,
        about: thread.title === '' ? text.chats.untitled : thread.title,
        icon: <TextSearch size={16} />,
        choose: (context: CommandContext) => context.actions.openThread(thread.id, message),
      }])) },
      { title: partsText().commands.actions, entries: actions.map((command) => ({
        id: command.id, title: titles[command.id](text, partsText()), keys: command.keys, icon: <CommandIcon size={16} />, choose: (context) => command.run?.(context),
      })) },
      { title: text.agent.heading, entries: agents.map((agent) => ({
        id: `agent-${agent.id}`, title: partsText().commands.talkTo(agent.title), icon: <Bot size={16} />, choose: ({ actions: page }) => page.choose(agent.id, agent.models[0]?.id ?? null),
      })) },
    ]
    return groups.filter((group) => group.entries.length > 0)
  }, [query, found, state])
}
