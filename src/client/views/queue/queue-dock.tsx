import { lazy, Suspense } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import { selectQueue } from '../../store/activity.ts'
import { useStore } from '../../store/react.ts'

const QueueList = lazy(async () => ({ default: (await import('./queue-list.tsx')).QueueList }))

/** The queue, fetched when something first waits. */
export function QueueDock({ thread }: { readonly thread: ThreadId }) {
  const waits = useStore((state) => selectQueue(state, thread).length > 0)
  return waits ? <Suspense fallback={null}><QueueList thread={thread} /></Suspense> : null
}
