import { useEffect } from 'react'
import { selectAttention } from '../../store/thread-list.ts'
import { useStore } from '../../store/react.ts'
import { text } from '../text.ts'

/** Marks the page's title and icon with what is running, done and unread, or waiting for somebody, in any thread. */
export function useAttention(title: string): void {
  const mark = useStore((state) => selectAttention(state).mark)
  const count = useStore((state) => selectAttention(state).count)
  useEffect(() => {
    document.title = text.attention.title(count, title)
  }, [count, title])
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
    const href = mark === null ? '/favicon.svg' : `/favicon-${mark}.svg`
    // The same address, set again, would be fetched again.
    if (icon !== null && icon.getAttribute('href') !== href) icon.href = href
  }, [mark])
}
