/** Keys of a shortcut, as text: `mod+k`, `alt+arrowup`, `?`. `mod` is Cmd on Apple's machines and Ctrl elsewhere. */
export interface Pressed {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** Whether these are the keys. A sign such as `?` is matched as it is typed: where it lies on a keyboard, with Shift or without, differs. */
export function matches(keys: string, pressed: Pressed, apple: boolean): boolean {
  const parts = keys.split('+')
  const key = parts.at(-1)
  const mod = apple ? pressed.metaKey : pressed.ctrlKey
  const other = apple ? pressed.ctrlKey : pressed.metaKey
  if (pressed.key.toLowerCase() !== key || other) return false
  if (mod !== parts.includes('mod') || pressed.altKey !== parts.includes('alt')) return false
  return parts.length === 1 || pressed.shiftKey === parts.includes('shift')
}

/** A shortcut without Ctrl, Cmd or Alt is a letter to whoever writes. */
export function isPlain(keys: string): boolean {
  return !/\b(mod|alt)\+/.test(keys)
}

const signs = new Map([['arrowup', '↑'], ['arrowdown', '↓'], ['escape', 'Esc'], ['enter', 'Enter']])
const appleSigns = new Map([['mod', '⌘'], ['alt', '⌥'], ['shift', '⇧']])
const otherSigns = new Map([['mod', 'Ctrl'], ['alt', 'Alt'], ['shift', 'Shift']])

/** What is printed on each key. */
export function caps(keys: string, apple: boolean): string[] {
  return keys.split('+').map((key) => (apple ? appleSigns : otherSigns).get(key) ?? signs.get(key) ?? key.toUpperCase())
}
