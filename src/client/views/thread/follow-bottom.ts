/**
 * Keeps the end of a growing conversation in view until the reader moves away from it. Lives without React.
 *
 * Rules: one upward wheel, touch, key or scrollbar move releases, whatever the speed of the text; growth never resumes; resuming needs a
 * move that ends at the bottom, `resume()`, or nothing to scroll. Away from the bottom nothing here writes: the
 * browser's scroll anchoring holds what is being read.
 */
export interface FollowBottom {
  /** Goes to the end and stays there. */
  resume(): void
  /** Puts the reader back where they were. */
  restore(place: ReadingPlace): void
  /**
   * Brings a message to the top of the view and lets what comes below it grow out of sight: only a move of the reader's own that ends at the
   * bottom, or `resume`, follows the end again.
   */
  park(message: string, offset: number): void
  place(): ReadingPlace
  destroy(): void
}

/** Where somebody reads: at the end, or so many px below the top of the message with this id. */
export type ReadingPlace = { readonly kind: 'end' } | { readonly kind: 'at'; readonly message: string; readonly offset: number }

export interface FollowEvents {
  /** Whether the end is followed, and whether something came below while it was not. */
  changed(state: { readonly following: boolean; readonly newBelow: boolean }): void
  /** The reader comes near the top. True: older messages will come in above. */
  nearTop(): boolean
}

/** How near to the bottom counts as there: less than a line, more than a rounding error. */
const AT_BOTTOM_PX = 6
const NEAR_TOP_PX = 600
const upKeys = new Set(['ArrowUp', 'PageUp', 'Home'])
const downKeys = new Set(['ArrowDown', 'PageDown', 'End', ' '])

/** `scroller` scrolls, `content` is its one child. Begins by following. */
export function createFollowBottom(scroller: HTMLElement, content: HTMLElement, events: FollowEvents): FollowBottom {
  let following = true
  let newBelow = false
  /** A finger or the scrollbar has hold of the page: nothing is written under it. */
  let held = false
  /** A block was opened or closed by hand: it must stay under the pointer. */
  let toggled = false
  /** The reader was put here and has not moved since. */
  let parked = false
  let touchY = 0
  let lastTop = scroller.scrollTop
  let lastHeight = scroller.scrollHeight
  let lastWidth = scroller.clientWidth
  /** A sign of the text that is read, and how far below the view's top it stood when it last stood still. */
  let read: { readonly sign: Range; readonly top: number } | null = null

  const gap = () => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop
  /** Put where the end is all that stands below, a reader has nothing to jump to. */
  const told = () => ({ following: following || (parked && !newBelow), newBelow })
  const set = (next: { following?: boolean; newBelow?: boolean; parked?: boolean }) => {
    const before = told()
    following = next.following ?? following
    newBelow = next.newBelow ?? newBelow
    parked = next.parked ?? parked
    const after = told()
    if (after.following !== before.following || after.newBelow !== before.newBelow) events.changed(after)
  }
  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight
    lastTop = scroller.scrollTop
  }
  const goTo = (message: HTMLElement, offset: number) => {
    scroller.scrollTop += message.getBoundingClientRect().top - scroller.getBoundingClientRect().top + offset
    lastTop = scroller.scrollTop
    lastHeight = scroller.scrollHeight
  }
  const release = () => {
    if (following && scroller.scrollHeight > scroller.clientHeight + 1) set({ following: false })
  }
  const resumeIfThere = () => {
    if (!following && !parked && gap() <= AT_BOTTOM_PX) set({ following: true, newBelow: false })
  }

  const below = (sign: Range) => sign.getBoundingClientRect().top - scroller.getBoundingClientRect().top
  const stoodStill = () => {
    const sign = signIn(scroller, content)
    read = sign === null ? null : { sign, top: below(sign) }
  }
  /** Lines break elsewhere now, and where margins change with the width, as on a phone that is turned, the browser does not hold the place. */
  const widened = () => {
    if (scroller.clientWidth === lastWidth) return
    lastWidth = scroller.clientWidth
    if (following || read === null || !read.sign.startContainer.isConnected) return
    scroller.scrollTop += below(read.sign) - read.top
  }

  // Runs after layout and before paint, once a frame: the one write of that frame, and no flash before it.
  const resized = () => {
    widened()
    const height = scroller.scrollHeight
    const grew = height > lastHeight
    lastHeight = height
    if (following && toggled && gap() > AT_BOTTOM_PX) set({ following: false })
    else if (following && !held) toEnd()
    else if (!following && !parked && gap() <= 0 && height <= scroller.clientHeight + 1) set({ following: true, newBelow: false })
    else if (grew && !following && gap() > AT_BOTTOM_PX) set({ newBelow: true })
    toggled = false
    lastTop = scroller.scrollTop
  }
  const observer = new ResizeObserver(resized)
  observer.observe(content)
  observer.observe(scroller)

  const wheel = (event: WheelEvent) => {
    if (event.ctrlKey) return
    set({ parked: false })
    if (event.deltaY < 0 && !consumedInside(event.target, scroller)) release()
    // At the very bottom a downward wheel gives no scroll event.
    if (event.deltaY > 0) requestAnimationFrame(resumeIfThere)
  }
  const touchStart = (event: TouchEvent) => {
    held = true
    set({ parked: false })
    touchY = event.touches[0]?.clientY ?? 0
  }
  const touchMove = (event: TouchEvent) => {
    const y = event.touches[0]?.clientY ?? touchY
    if (y > touchY + 2 && !consumedInside(event.target, scroller)) release()
    touchY = y
  }
  const letGo = () => {
    if (!held) return
    held = false
    resumeIfThere()
    if (following) toEnd()
  }
  const pointerDown = (event: PointerEvent) => {
    // On the scroller itself and right of its content: the scrollbar.
    if (event.pointerType === 'mouse' && event.target === scroller && event.offsetX >= scroller.clientWidth) {
      held = true
      set({ parked: false })
    }
  }
  const key = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [role=menu]') !== null) return
    if (upKeys.has(event.key) || downKeys.has(event.key)) set({ parked: false })
    if (upKeys.has(event.key) || (event.key === ' ' && event.shiftKey)) release()
    else if (downKeys.has(event.key)) requestAnimationFrame(resumeIfThere)
  }
  const click = (event: MouseEvent) => {
    toggled = event.target instanceof Element && event.target.closest('button[aria-expanded]') !== null
  }
  const scrolled = () => {
    const top = scroller.scrollTop
    const up = top < lastTop - 1
    const down = top > lastTop
    // Upwards without the content having shrunk: dragging the scrollbar or a selection, find in page, a screen reader.
    if (up && scroller.scrollHeight >= lastHeight) release()
    else if (down) resumeIfThere()
    lastTop = top
    // At the very top the browser does not hold the reading position while something comes in above.
    if (top < NEAR_TOP_PX && !following && events.nearTop() && top === 0) scroller.scrollTop = 1
  }

  scroller.addEventListener('wheel', wheel, { passive: true })
  scroller.addEventListener('touchstart', touchStart, { passive: true })
  scroller.addEventListener('touchmove', touchMove, { passive: true })
  scroller.addEventListener('touchend', letGo)
  scroller.addEventListener('touchcancel', letGo)
  scroller.addEventListener('pointerdown', pointerDown)
  scroller.addEventListener('keydown', key)
  scroller.addEventListener('click', click, { capture: true })
  scroller.addEventListener('scroll', scrolled, { passive: true })
  scroller.addEventListener('scrollend', stoodStill)
  window.addEventListener('pointerup', letGo)

  return {
    resume() {
      held = false
      set({ following: true, newBelow: false, parked: false })
      toEnd()
    },
    restore(place) {
      if (place.kind === 'end') return this.resume()
      const message = messages(content).find((one) => one.dataset['message'] === place.message)
      if (message === undefined) return this.resume()
      goTo(message, place.offset)
      set({ parked: false, following: gap() <= AT_BOTTOM_PX, newBelow: gap() > AT_BOTTOM_PX && newBelow })
    },
    park(id, offset) {
      const message = messages(content).find((one) => one.dataset['message'] === id)
      if (message === undefined) return
      goTo(message, offset)
      set({ parked: true, following: false, newBelow: false })
    },
    place() {
      if (following) return { kind: 'end' }
      const edge = scroller.getBoundingClientRect().top
      const message = messages(content).find((one) => one.getBoundingClientRect().bottom > edge)
      const id = message?.dataset['message']
      return message === undefined || id === undefined ? { kind: 'end' } : { kind: 'at', message: id, offset: edge - message.getBoundingClientRect().top }
    },
    destroy() {
      observer.disconnect()
      scroller.removeEventListener('wheel', wheel)
      scroller.removeEventListener('touchstart', touchStart)
      scroller.removeEventListener('touchmove', touchMove)
      scroller.removeEventListener('touchend', letGo)
      scroller.removeEventListener('touchcancel', letGo)
      scroller.removeEventListener('pointerdown', pointerDown)
      scroller.removeEventListener('keydown', key)
      scroller.removeEventListener('click', click, { capture: true })
      scroller.removeEventListener('scroll', scrolled)
      scroller.removeEventListener('scrollend', stoodStill)
      window.removeEventListener('pointerup', letGo)
    },
  }
}

/** Of the view's height: where the eyes are, as far as one can tell. */
const EYES = 0.3

/** The sign of text that stands where somebody reads; null where there is none, or the browser does not tell. */
function signIn(scroller: HTMLElement, content: HTMLElement): Range | null {
  const box = scroller.getBoundingClientRect()
  const at = document.caretPositionFromPoint?.(box.left + box.width / 2, box.top + box.height * EYES) ?? null
  if (at === null || !content.contains(at.offsetNode)) return null
  const sign = new Range()
  sign.setStart(at.offsetNode, at.offset)
  return sign
}

function messages(content: HTMLElement): HTMLElement[] {
  return [...content.querySelectorAll<HTMLElement>('[data-message]')]
}

/** True if something inside (a long output, thinking) can itself scroll up, and so takes the move. */
function consumedInside(target: EventTarget | null, scroller: HTMLElement): boolean {
  for (let at = target instanceof Element ? target : null; at !== null && at !== scroller; at = at.parentElement) {
    // In a column-reverse box the distance from its end counts below zero.
    const canGoUp = at.scrollTop > 0 || (at.scrollTop > at.clientHeight - at.scrollHeight && getComputedStyle(at).flexDirection === 'column-reverse')
    if (at.scrollHeight > at.clientHeight + 1 && canGoUp && /auto|scroll/.test(getComputedStyle(at).overflowY)) return true
  }
  return false
}
