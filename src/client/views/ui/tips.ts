/** When a tooltip shows, and where. Without React, for it follows the pointer and not the page's state. */
export type Side = 'top' | 'bottom' | 'left' | 'right'

export interface TipSink {
  show(target: HTMLElement): void
  hide(target: HTMLElement): void
}

const DELAY_MS = 450
/** Going from one control to the next shows the next one's at once. */
const WARM_MS = 300
const GAP = 6
const EDGE = 8

/** Follows pointer and focus over `[data-tip]`. Esc, a press, scrolling and leaving hide; the answer stops it all. */
export function watchTips(page: Document, sink: TipSink): () => void {
  let target: HTMLElement | null = null
  let shown = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let hiddenAt = Number.NEGATIVE_INFINITY

  function leave(): void {
    clearTimeout(timer)
    if (target !== null && shown) {
      sink.hide(target)
      hiddenAt = performance.now()
    }
    target = null
    shown = false
  }
  function show(): void {
    // What it would say lies open already.
    if (target?.isConnected !== true || target.matches('[aria-haspopup][aria-expanded=true]')) return leave()
    sink.show(target)
    shown = true
  }
  function enter(next: HTMLElement | null, delay: number): void {
    if (next === target) return
    leave()
    target = next
    if (next !== null) timer = setTimeout(show, performance.now() - hiddenAt < WARM_MS ? 0 : delay)
  }
  const tipped = (event: Event) => (event.target instanceof Element ? event.target.closest<HTMLElement>('[data-tip]') : null)

  const over = (event: Event) => {
    if ((event as PointerEvent).pointerType !== 'touch') enter(tipped(event), DELAY_MS)
  }
  const focus = (event: Event) => {
    const next = tipped(event)
    // Only a focus that is to be seen: one that came by a press has a pointer to say the rest.
    if (next?.matches(':focus-visible') === true) enter(next, 0)
  }
  const key = (event: Event) => {
    if ((event as KeyboardEvent).key === 'Escape') leave()
  }
  const listeners: readonly (readonly [string, (event: Event) => void])[] = [
    ['pointerover', over], ['pointerdown', leave], ['focusin', focus], ['focusout', leave], ['keydown', key], ['scroll', leave],
  ]
  for (const [type, listener] of listeners) page.addEventListener(type, listener, { capture: true, passive: true })
  page.documentElement.addEventListener('pointerleave', leave)
  return () => {
    leave()
    for (const [type, listener] of listeners) page.removeEventListener(type, listener, { capture: true })
    page.documentElement.removeEventListener('pointerleave', leave)
  }
}

/** Puts `box` beside `target`, on the other side where there is no room, and inside of the window. */
export function placeTip(box: HTMLElement, target: HTMLElement): void {
  const at = target.getBoundingClientRect()
  const { width, height } = box.getBoundingClientRect()
  const { clientWidth, clientHeight } = box.ownerDocument.documentElement
  const place = {
    top: { x: at.left + (at.width - width) / 2, y: at.top - height - GAP },
    bottom: { x: at.left + (at.width - width) / 2, y: at.bottom + GAP },
    left: { x: at.left - width - GAP, y: at.top + (at.height - height) / 2 },
    right: { x: at.right + GAP, y: at.top + (at.height - height) / 2 },
  }
  const opposite = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' } as const
  const wanted = (target.dataset['tipSide'] ?? 'bottom') as Side
  const fits = ({ x, y }: { x: number; y: number }, side: Side) =>
    side === 'top' || side === 'bottom' ? y >= EDGE && y + height <= clientHeight - EDGE : x >= EDGE && x + width <= clientWidth - EDGE
  const { x, y } = fits(place[wanted], wanted) ? place[wanted] : place[opposite[wanted]]
  const within = (value: number, size: number, room: number) => Math.max(EDGE, Math.min(value, room - size - EDGE))
  box.style.left = `${Math.round(within(x, width, clientWidth))}px`
  box.style.top = `${Math.round(within(y, height, clientHeight))}px`
}
