import { useEffect, useRef, useState } from 'react'
import { selectTurns } from '../../store/turns.ts'
import { useGetState, useStore } from '../../store/react.ts'
import { newsOf } from './announce.ts'

/** The words for the status line. What was already so when a thread was opened is not news. */
export function useAnnouncement(): string {
  const current = useStore((state) => state.current)
  // The key changes a few times per run, not with each piece of text.
  const key = useStore((state) => newsOf(selectTurns(state, current).at(-1))?.key ?? '')
  const getState = useGetState()
  const heard = useRef({ thread: current, key })
  const [said, setSaid] = useState('')
  useEffect(() => {
    const before = heard.current
    heard.current = { thread: current, key }
    if (before.thread !== current && !(before.thread === null && key.startsWith('running'))) setSaid('')
    else if (before.key !== key) setSaid(newsOf(selectTurns(getState(), current).at(-1))?.words() ?? '')
  }, [current, key, getState])
  return said
}
