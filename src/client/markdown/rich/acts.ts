/** What the controls of an answer do. Copying takes the element's text, which is the exact source whatever was drawn over it. */
import type { Act } from '../controls.ts'

export interface ActDeps {
  readonly copy: (text: string) => Promise<boolean>
  readonly copied: () => string
  /** Wraps long lines of code, or no longer; the page shows it when this returns. */
  readonly toggleWrap: () => void
}

const COPIED_MS = 1_600

export function createActs({ copy, copied, toggleWrap }: ActDeps): Act {
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
    'diagram-size': (button) => inPlace(button, () => flip(button, 'data-large')),
  }
  return (control) => acts[control.dataset['act'] ?? '']?.(control)
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
