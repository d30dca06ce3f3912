import { cloneElement, useState } from 'react'
import type { HTMLAttributes, KeyboardEvent, MouseEvent, ReactElement, ReactNode } from 'react'
import { onDemand } from './on-demand.ts'
import type { OnDemand } from './on-demand.ts'

export interface MenuLook {
  /** The button that opens it. */
  readonly trigger: ReactElement<HTMLAttributes<HTMLElement>>
  readonly align?: 'start' | 'end'
  readonly side?: 'top' | 'bottom'
  readonly wide?: boolean
  /** Answers true if it took care of the focus itself. */
  readonly onClosed?: (() => boolean) | undefined
}

interface MenuProps<Items> extends MenuLook {
  /** Fetched with the menu's own part. */
  readonly items: OnDemand<Items>
  readonly children: (Items: Items) => ReactNode
}

const body = onDemand(() => import('./menu-body.tsx'))

/** A menu under a button. All but the button is fetched when a pointer or the focus first comes near one. */
export function Menu<Items>({ items, children, ...look }: MenuProps<Items>) {
  const [asked, setAsked] = useState<'pointer' | 'key' | null>(null)
  const part = body.get()
  const itemsHere = items.get()
  if (asked !== null && part !== null && itemsHere !== null) return <part.MenuBody {...look} byKey={asked === 'key'}>{children(itemsHere)}</part.MenuBody>
  const load = () => Promise.all([body.load(), items.load()])
  /** Somebody is about to open it. Should it fail, opening tries again and the page's root tells why. */
  const prepare = () => void load().catch(() => undefined)
  const open = (by: 'pointer' | 'key') => void load().then(() => setAsked(by), () => undefined)
  return cloneElement(look.trigger, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onPointerEnter: prepare,
    onFocus: prepare,
    onClick: (event: MouseEvent) => open(event.detail === 0 ? 'key' : 'pointer'),
    onKeyDown(event: KeyboardEvent) {
      if (event.key !== 'ArrowDown') return
      event.preventDefault()
      open('key')
    },
  })
}
