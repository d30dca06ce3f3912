import { cloneElement, useEffect, useId, useRef } from 'react'
import type { HTMLAttributes, ReactElement } from 'react'
import { log } from '../../log.ts'
import { whenIdle } from '../../markdown/rich/lazy.ts'
import type { Side } from './tips.ts'
import styles from './tooltip.module.css'

interface TooltipProps {
  readonly text: string
  readonly keys?: string | undefined
  readonly side?: Side
  /** The control. Where it shows no words it needs the same text as its accessible name. */
  readonly children: ReactElement<HTMLAttributes<HTMLElement>>
}

/** The name of a control that shows none, or what more there is to say of it. */
export function Tooltip({ text, keys, side = 'bottom', children }: TooltipProps) {
  return cloneElement<object>(children, tip(text, side, keys))
}

/** The same as attributes, for a control that draws itself. */
export function tip(text: string, side: Side, keys?: string) {
  return { 'data-tip': text, 'data-tip-side': side, 'data-tip-keys': keys }
}

/** Draws the tooltip of whatever is pointed at or focused; one for the whole page, since no two are ever open. */
export function Tooltips() {
  const box = useRef<HTMLDivElement>(null)
  const words = useRef<HTMLSpanElement>(null)
  const keys = useRef<HTMLElement>(null)
  const id = useId()
  useEffect(() => {
    let stop: (() => void) | null = null
    let gone = false
    // Nobody points at anything before the page is drawn.
    whenIdle(() => void import('./tips.ts').then(({ placeTip, watchTips }) => {
      if (gone) return
      stop = watchTips(document, {
        show(target) {
          if (box.current === null || words.current === null || keys.current === null) return
          words.current.textContent = target.dataset['tip'] ?? ''
          keys.current.textContent = target.dataset['tipKeys'] ?? ''
          if (target.getAttribute('aria-label') !== target.dataset['tip']) target.setAttribute('aria-describedby', id)
          box.current.showPopover()
          placeTip(box.current, target)
        },
        hide(target) {
          if (target.getAttribute('aria-describedby') === id) target.removeAttribute('aria-describedby')
          box.current?.hidePopover()
        },
      })
    }, (error: unknown) => log.debug('no tooltips: their code has not come', { error: String(error) })))
    return () => {
      gone = true
      stop?.()
    }
  }, [id])
  return (
    <div ref={box} id={id} role="tooltip" popover="manual" className={styles.tooltip}>
      <span ref={words} />
      <kbd ref={keys} className={styles.keys} />
    </div>
  )
}
