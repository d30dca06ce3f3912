import { useEffect } from 'react'
import { selectActivity } from '../../store/activity.ts'
import { useActions, useStore } from '../../store/react.ts'

/** Esc stops the answer in view. What lies open over the page (menu, drawer, rename) takes the first Esc. */
export function useStopKey(): void {
  const actions = useActions()
  const current = useStore((state) => state.current)
  const activity = useStore((state) => selectActivity(state, state.current))
  useEffect(() => {
    if (current === null || activity === 'idle') return undefined
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.isComposing || event.keyCode === 229) return
      if (document.querySelector('[role=menu], [role=dialog], dialog[open], [data-renaming], [data-find]') !== null) return
      actions.stop(current)
    }
    // In the capture phase of the window: before a menu closes itself and is gone from the page.
    window.addEventListener('keydown', press, { capture: true })
    return () => window.removeEventListener('keydown', press, { capture: true })
  }, [actions, current, activity])
}
