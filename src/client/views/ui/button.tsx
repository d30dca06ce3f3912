import type { ButtonHTMLAttributes, Ref } from 'react'
import { tip } from './tooltip.tsx'
import styles from './button.module.css'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'outline' | 'accent' | 'danger'
  readonly small?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button with words. */
export function Button({ look = 'outline', small = false, className, type = 'button', ...rest }: ButtonProps) {
  return <button {...rest} type={type} className={join(styles.button, styles[look], small && styles.small, className)} />
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> {
  /** What it does: its name for assistive technology and its tooltip. */
  readonly label: string
  readonly keys?: string | undefined
  readonly small?: boolean
  readonly ref?: Ref<HTMLButtonElement>
  readonly side?: 'top' | 'bottom' | 'left' | 'right'
}

/** A button with a picture and a tooltip that names it. */
export function IconButton({ label, keys, small = false, side = 'bottom', className, type = 'button', ...rest }: IconButtonProps) {
  return <button {...tip(label, side, keys)} {...rest} type={type} aria-label={label} className={join(styles.icon, small && styles.iconSmall, className)} />
}

export function join(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}
