import { useEffect, useRef } from 'react'
import { isApple } from '../ui/is-apple.ts'
import { commands } from './commands.ts'
import type { CommandContext } from './commands.ts'
import { isPlain, matches } from './keys.ts'

/** Runs the command whose keys are pressed. */
export function useCommands(context: () => CommandContext): void {
  const latest = useRef(context)
  useEffect(() => {
    latest.current = context
  })
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return
      const command = commands.find(({ keys, run }) => run !== null && keys !== undefined && matches(keys, event, isApple))
      if (command?.keys === undefined || (isPlain(command.keys) && (event.repeat || isWriting(event.target)))) return
      // What lies over the page has the keys for itself.
      if (document.querySelector('dialog[open], [role=menu]') !== null) return
      const now = latest.current()
      if (command.leavesKeys?.(now) === true) return
      event.preventDefault()
      command.run?.(now)
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
