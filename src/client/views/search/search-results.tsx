import { Archive } from 'lucide-react'
import type { KeyboardEvent, MouseEvent } from 'react'
import { pathOf } from '../../../shared/address.ts'
import type { Found } from '../../store/state.ts'
import { useActions, useStore } from '../../store/react.ts'
import { moment, text } from '../text.ts'
import { useNow } from '../ui/use-now.ts'
import { Marked } from './marked.tsx'
import styles from './search.module.css'
import type { Search } from './use-search.ts'

interface SearchResultsProps {
  readonly search: Search
  readonly onChosen: () => void
  /** Arrow up on the first result. */
  readonly onLeave: () => void
}

const MINUTE_MS = 60_000

export function SearchResults({ search, onChosen, onLeave }: SearchResultsProps) {
  const { query, found, error, busy } = search
  if (error !== null) return <p role="alert" className={styles.note}>{error}</p>
  if (found.length === 0) return <p role="status" className={styles.note}>{busy || query === '' ? text.search.busy : text.search.nothing(query)}</p>
  const move = (event: KeyboardEvent<HTMLAnchorElement>) => {
    const links = [...(event.currentTarget.closest('[data-search-results]')?.querySelectorAll('a') ?? [])]
    const at = links.indexOf(event.currentTarget)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key]
    if (next === undefined || at < 0) return
    event.preventDefault()
    if (next < 0) onLeave()
    else links[Math.min(next, links.length - 1)]?.focus()
  }
  return (
    <>
      <p role="status" className="visually-hidden">{text.search.count(found.length)}</p>
      <ul role="list" className={styles.results} data-search-results="" aria-busy={busy}>
        {found.map((one) => <Result key={one.thread.id} found={one} onChosen={onChosen} onKeyDown={move} />)}
      </ul>
    </>
  )
}

interface ResultProps {
  readonly found: Found
  readonly onChosen: () => void
  readonly onKeyDown: (event: KeyboardEvent<HTMLAnchorElement>) => void
}

function Result({ found: { thread, hit }, onChosen, onKeyDown }: ResultProps) {
  const actions = useActions()
  const current = useStore((state) => state.current === thread.id)
  const now = useNow(MINUTE_MS)
  const follow = (event: MouseEvent) => {
    // A click with a modifier opens another tab, as on any link.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return
    event.preventDefault()
    actions.openThread(thread.id, hit.message ?? undefined)
    onChosen()
  }
  return (
    <li>
      <a
        href={pathOf(thread.id, hit.message ?? undefined)}
        className={styles.result}
        aria-current={current ? 'page' : undefined}
        onClick={follow}
        onKeyDown={onKeyDown}
      >
        <span className={styles.head}>
          <span dir="auto" className={styles.title}><Marked text={thread.title === '' ? text.chats.untitled : thread.title} marks={hit.title} /></span>
          {thread.archived && <Archive size={13} aria-label={text.chats.archived} />}
          <span className={styles.when}>{moment(hit.at ?? thread.updatedAt, now)}</span>
        </span>
        {hit.message !== null && <span dir="auto" className={styles.snippet}><Marked text={hit.snippet.text} marks={hit.snippet.marks} /></span>}
      </a>
    </li>
  )
}
