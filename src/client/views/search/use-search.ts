import { useEffect, useState } from 'react'
import { useActions } from '../../store/react.ts'
import type { Found } from '../../store/state.ts'

export interface Search extends Answer {
  /** An answer is on its way. */
  readonly busy: boolean
}

interface Answer {
  /** What was asked for that this answers; `''` before the first answer. */
  readonly query: string
  readonly found: readonly Found[]
  readonly error: string | null
}

const nothing: Answer = { query: '', found: [], error: null }
/** Short enough to feel live, long enough that a word is one request. */
const PAUSE_MS = 120

/** Searches while somebody types. An answer that comes late changes nothing; what was found stays until something newer is. */
export function useSearch(query: string): Search {
  const actions = useActions()
  const wanted = query.trim()
  const [answer, setAnswer] = useState(nothing)
  useEffect(() => {
    if (wanted === '') return undefined
    let current = true
    const timer = setTimeout(() => {
      void actions.search(wanted).then((came) => {
        if (!current) return
        setAnswer(came.kind === 'found'
          ? { query: wanted, found: came.found, error: null }
          : { query: wanted, found: [], error: came.message })
      })
    }, PAUSE_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [wanted, actions])
  return { ...answer, busy: answer.query !== wanted }
}
