/** What stands in a menu. Fetched with it. */
import { Check } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import styles from './menu.module.css'

interface ItemProps {
  readonly icon?: ReactNode
  readonly children: ReactNode
  readonly danger?: boolean
  readonly onChoose: () => void
}

export function MenuItem({ icon, children, danger = false, onChoose }: ItemProps) {
  return (
    <DropdownMenu.Item className={danger ? `${styles.item} ${styles.danger}` : styles.item} onSelect={onChoose}>
      {icon}
      {children}
    </DropdownMenu.Item>
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
  return (
    <DropdownMenu.RadioGroup value={value ?? ''} onValueChange={(next) => onChoose(next as T)}>
      <DropdownMenu.Label className={styles.label}>{label}</DropdownMenu.Label>
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={styles.item} disabled={option.disabled ?? false}>
          {option.icon}
          <span className={styles.choice}>
            <span className={styles.title}>{option.title}</span>
            {option.about !== undefined && <span className={styles.about}>{option.about}</span>}
          </span>
          <span className={styles.chosen}><DropdownMenu.ItemIndicator><Check size={16} /></DropdownMenu.ItemIndicator></span>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}

export function MenuLine() {
  return <DropdownMenu.Separator className={styles.line} />
}
