import { useState } from 'react'

/** What a person opened or closed by hand, by key; outlives the views. */
const chosen = new Map<string, boolean>()

/** Open or closed: as the person left it, else `unless`. */
export function useToggle(key: string, unless: boolean): readonly [open: boolean, toggle: () => void] {
  const [own, setOwn] = useState(() => chosen.get(key))
  const open = own ?? unless
  const toggle = () => {
    chosen.set(key, !open)
    setOwn(!open)
  }
  return [open, toggle]
}
