import { DropdownMenu } from 'radix-ui'
import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'
import { text } from '../text.ts'
import type { MenuLook } from './menu.tsx'
import styles from './menu.module.css'

interface BodyProps extends MenuLook {
  readonly children: ReactNode
  /** The key that opened it first: focus goes to the first item, as on every later opening. */
  readonly byKey: boolean
}

/** Not modal: the modal kind locks scrolling with a style element, which the page's content security policy refuses. */
export function MenuBody({ trigger, children, align = 'start', side = 'bottom', wide = false, onClosed, byKey }: BodyProps) {
  const content = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (byKey) content.current?.querySelector<HTMLElement>('[role^=menuitem]:not([data-disabled])')?.focus({ preventScroll: true })
  }, [byKey])
  return (
    <DropdownMenu.Root modal={false} defaultOpen dir={text.direction}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          ref={content}
          className={wide ? `${styles.menu} ${styles.wide}` : styles.menu}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          loop
          onCloseAutoFocus={(event) => {
            if (onClosed?.() === true) event.preventDefault()
          }}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
