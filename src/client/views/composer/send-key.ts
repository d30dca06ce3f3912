/** What a key pressed in the message field means. Pure. */
import type { Preferences } from '../../store/preferences.ts'

export interface PressedKey {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly isComposing: boolean
  readonly keyCode: number
}

/** Safari ends a composition just before it reports the Enter that ended it. */
const JUST_AFTER_MS = 60

/**
 * True if the key sends: Enter, or Ctrl/Cmd+Enter where that is preferred (then Enter alone breaks the line). Never while an input
 * method composes: `isComposing`, key code 229, or within a moment of the end of a composition. `sinceCompositionMs` is Infinity where
 * there was none.
 */
export function sends(pressed: PressedKey, sinceCompositionMs: number, sendKey: Preferences['sendKey']): boolean {
  if (pressed.key !== 'Enter' || pressed.shiftKey || pressed.altKey) return false
  if (sendKey === 'mod-enter' && !pressed.ctrlKey && !pressed.metaKey) return false
  return !pressed.isComposing && pressed.keyCode !== 229 && sinceCompositionMs > JUST_AFTER_MS
}
