import { Check } from 'lucide-react'
import { cloneElement, use, useState } from 'react'
import type { HTMLAttributes, KeyboardEvent, MouseEvent, ReactElement, ReactNode } from 'react'
import { MenuParts } from './menu-parts.ts'
import styles from './menu.module.css'
import { onDemand } from './on-demand.ts'

export interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement<HTMLAttributes<HTMLElement>>
  readonly children: ReactNode
  readonly align?: 'start' | 'end'
  readonly side?: 'top' | 'bottom'
  readonly wide?: boolean
  /** Answers true if it took care of the focus itself. */
  readonly onClosed?: (() => boolean) | undefined
}

const body = onDemand(() => import('./menu-body.tsx'))
/** Somebody is about to open one. Should it fail, opening tries again and the page's root tells why. */
const prepare = () => void body.load().catch(() => undefined)

/** A menu under a button. All but the button is fetched when a pointer or the focus first comes near one. */
export function Menu(props: MenuProps) {
  const [asked, setAsked] = useState<'pointer' | 'key' | null>(null)
  const part = body.get()
  if (asked !== null && part !== null) return <part.MenuBody {...props} byKey={asked === 'key'} />
  const open = (by: 'pointer' | 'key') => void body.load().then(() => setAsked(by), () => undefined)
  return cloneElement(props.trigger, {
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

function useParts() {
  const parts = use(MenuParts)
  if (parts === null) throw new Error('A menu item stands outside of a Menu; wrap it in one.')
  return parts
}

interface ItemProps {
  readonly icon?: ReactNode
  readonly children: ReactNode
  readonly danger?: boolean
  readonly onChoose: () => void
}

export function MenuItem({ icon, children, danger = false, onChoose }: ItemProps) {
  const { Item } = useParts()
  return (
    <Item className={danger ? `${styles.item} ${styles.danger}` : styles.item} onSelect={onChoose}>
      {icon}
      {children}
    </Item>
  )
}

interface ChoiceProps<T extends string> {
  readonly label: string
  readonly value: T | null
  readonly options: readonly { readonly value: T; readonly title: ReactNode; readonly icon?: ReactNode; readonly about?: string | undefined; readonly disabled?: boolean }[]
  readonly onChoose: (value: T) => void
}

/** One of several, with a mark at the chosen one. */
export function MenuChoice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>) {
  const { RadioGroup, Label, RadioItem, ItemIndicator } = useParts()
  return (
    <RadioGroup value={value ?? ''} onValueChange={(next) => onChoose(next as T)}>
      <Label className={styles.label}>{label}</Label>
      {options.map((option) => (
        <RadioItem key={option.value} value={option.value} className={styles.item} disabled={option.disabled ?? false}>
          {option.icon}
          <span className={styles.choice}>
            <span className={styles.title}>{option.title}</span>
            {option.about !== undefined && <span className={styles.about}>{option.about}</span>}
          </span>
          <span className={styles.chosen}><ItemIndicator><Check size={16} /></ItemIndicator></span>
        </RadioItem>
      ))}
    </RadioGroup>
  )
}

export function MenuLine() {
  const { Separator } = useParts()
  return <Separator className={styles.line} />
}
