import { useLayoutEffect } from 'react'
import type { RefObject } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import { useActions, useStore } from '../../store/react.ts'
import { turnWith } from './entries.ts'
import type { ThreadEntry } from './entries.ts'
import type { FollowBottom } from './follow-bottom.ts'
import type { ThreadWindow } from './thread-window.ts'
import { draws } from './window.ts'
import type { Piece } from './window.ts'

/** Of the view's height, above a message that somebody was led to. */
const ABOVE = 0.12

interface Shown {
  readonly thread: ThreadId
  readonly entries: readonly ThreadEntry[]
  readonly pieces: readonly Piece[]
  readonly look: ThreadWindow
  readonly follow: RefObject<FollowBottom | null>
  readonly content: RefObject<HTMLElement | null>
  readonly ready: boolean
}

/** Takes the reader to the message that was asked for, as soon as it is loaded, and marks it. */
export function useTarget({ thread, entries, pieces, look, follow, content, ready }: Shown): void {
  const target = useStore((state) => (state.target?.thread === thread ? state.target : null))
  const actions = useActions()
  useLayoutEffect(() => {
    if (target === null || !ready || follow.current === null || content.current === null) return
    const entry = turnWith(entries, target.message)
    if (entry === undefined) return
    const index = entries.indexOf(entry)
    if (!draws(pieces, { from: index, to: index + 1 })) {
      // Draws it before the next frame, which brings us back here.
      look.lookAt(entry.key)
      return
    }
    const messages = [...content.current.querySelectorAll<HTMLElement>('[data-message]')]
    const element = messages.find((one) => one.dataset['message'] === target.message) ?? messages.find((one) => one.dataset['message'] === entry.key)
    if (element === undefined) return
    const above = content.current.parentElement?.clientHeight ?? 0
    follow.current.restore({ kind: 'at', message: element.dataset['message'] ?? '', offset: target.offset ?? -Math.round(above * ABOVE) })
    if (target.offset === undefined) mark(element, target.quiet !== true)
    actions.arrived(target)
  }, [target, entries, pieces, look, follow, content, ready, actions])
}

/** A tint that fades. Who was led here by a link reads on from here by keyboard, too. */
function mark(element: HTMLElement, focus: boolean): void {
  element.dataset['marked'] = ''
  element.addEventListener('animationend', () => delete element.dataset['marked'], { once: true })
  if (!focus) return
  element.tabIndex = -1
  element.focus({ preventScroll: true })
}
