import { createContext } from 'react'
import type { DropdownMenu } from 'radix-ui'

/** What an open menu is made of. It comes with the menu's own chunk, so that a page that opens none does not load it. */
export const MenuParts = createContext<typeof DropdownMenu | null>(null)
