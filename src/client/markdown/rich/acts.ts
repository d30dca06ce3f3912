/** What the controls of an answer do. Copying takes the element's text, which is the exact source whatever was drawn over it. */
import type { Act } from '../controls.ts'
import { togglePicture } from './picture.ts'

export interface ActDeps {
  readonly copy: (text: string) => Promise<boolean>
  readonly copied: () => string
  readonly pictureFailed: () => string
  /** Wraps long lines of code, or no longer; the page shows it when this returns. */
  readonly toggleWrap: () => void
}

const COPIED_MS = 1_600

export function createActs({ copy, copied, pictureFailed, toggleWrap }: ActDeps): Act {
  const copyFrom = async (button: Element, source: string) => {
    if (!await copy(source)) return
    button.setAttribute('data-copied', copied())
    setTimeout(() => button.removeAttribute('data-copied'), COPIED_MS)
  }
  const acts: Readonly<Record<string, Act>> = {
    'copy-code': (button) => void copyFrom(button, button.closest('figure')?.querySelector('pre > code')?.textContent ?? ''),
    'copy-maths': (button) => void copyFrom(button, (button.getRootNode() as ShadowRoot).host.textContent),
    wrap: (button) => inPlace(button, toggleWrap),
    'diagram-source': (button) => inPlace(button, () => flip(button, 'data-shows-source')),
    picture: (button) => togglePicture(button, pictureFailed()),
    footnote: (reference) => {
      const note = noteOf(reference)
      if (note === undefined) return
      cameFrom.set(note, reference)
      show(note, note.querySelector('[data-act=footnote-back]'))
    },
    'footnote-back': (back) => {
      const note = back.closest<HTMLElement>('[data-footnote-text]')
      const reference = note === null ? undefined : cameFrom.get(note) ?? partOf(note)?.querySelector<HTMLElement>(`[data-footnote=${CSS.escape(note.dataset['footnoteText'] ?? '')}] > a`)
      if (reference !== undefined && reference !== null) show(reference, reference)
    },
    'diagram-size': (button) => inPlace(button, () => flip(button, 'data-large')),
  }
  return (control) => acts[control.dataset['act'] ?? '']?.(control)
}

/** Where each footnote was last come to from. */
const cameFrom = new WeakMap<HTMLElement, HTMLElement>()

const partOf = (inside: Element): Element | null | undefined => inside.closest('[data-book], [data-footnotes]')?.parentElement

function noteOf(reference: HTMLElement): HTMLElement | undefined {
  const label = reference.parentElement?.dataset['footnote']
  return [...partOf(reference)?.querySelectorAll<HTMLElement>('[data-footnote-text]') ?? []].find((note) => note.dataset['footnoteText'] === label)
}

const ARRIVED_MS = 1_600

/** Brings it into view, marks it for a moment, and puts the focus where one goes on from. The address stays that of the chat. */
function show(target: HTMLElement, focus: HTMLElement | null): void {
  target.scrollIntoView({ block: 'nearest' })
  focus?.focus({ preventScroll: true })
  target.setAttribute('data-arrived', '')
  setTimeout(() => target.removeAttribute('data-arrived'), ARRIVED_MS)
}

function flip(button: Element, state: string): void {
  const on = button.closest('figure')?.toggleAttribute(state)
  const label = button.getAttribute(on === true ? 'data-label-pressed' : 'data-label') ?? ''
  button.setAttribute('aria-label', label)
  button.setAttribute('title', label)
}

/** What changes its height under the pointer leaves the pointer where it is. */
function inPlace(button: Element, change: () => void): void {
  const scroller = button.closest('[data-thread]')
  const before = button.getBoundingClientRect().top
  change()
  if (scroller !== null) scroller.scrollTop += button.getBoundingClientRect().top - before
}
