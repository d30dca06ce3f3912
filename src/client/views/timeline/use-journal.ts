import { useEffect, useState } from 'react'
import type { RunId } from '../../../shared/ids.ts'
import type { EventPage } from '../../../shared/protocol.ts'
import { useActions } from '../../store/react.ts'

export type Journal =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly events: EventPage['events'] }
  | { readonly kind: 'error'; readonly message: string }

/** The whole journal of a run that has ended (`when`), page by page; leaving stops the reading. */
export function useJournal(run: RunId, when: boolean): Journal {
  const actions = useActions()
  const [journal, setJournal] = useState<Journal>({ kind: 'loading' })
  useEffect(() => {
    if (!when) return undefined
    let gone = false
    const read = async () => {
      const events: EventPage['events'] = []
      for (let after: string | undefined, more = true; more && !gone;) {
        const page = await actions.journal(run, after)
        events.push(...page.events)
        after = page.cursor
        more = page.more && page.events.length > 0
      }
      return events
    }
    read().then(
      (events) => {
        if (!gone) setJournal({ kind: 'ready', events })
      },
      (error: unknown) => {
        if (!gone) setJournal({ kind: 'error', message: error instanceof Error ? error.message : String(error) })
      },
    )
    return () => {
      gone = true
    }
  }, [actions, run, when])
  return journal
}

/** As a bug report takes it: one event a line. */
export function saveJournal(run: RunId, events: EventPage['events']): void {
  const address = URL.createObjectURL(new Blob(events.map((event) => `${JSON.stringify(event)}\n`), { type: 'application/jsonl' }))
  const link = document.createElement('a')
  link.href = address
  link.download = `holdfast-run-${run}.jsonl`
  link.click()
  // Once the browser has taken it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
