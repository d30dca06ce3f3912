/** Where the keyboard of a phone lies over the page and does not make it smaller (iOS), the page makes itself as high as what is seen of it. */

/** Less than this that is out of sight is a bar of the browser's, coming or going. */
const LEAST_KEYBOARD_PX = 120

export interface SeenPage {
  readonly visualViewport: Pick<VisualViewport, 'height' | 'scale' | 'addEventListener'> | null
  readonly innerHeight: number
  readonly document: { readonly documentElement: { readonly style: Pick<CSSStyleDeclaration, 'setProperty' | 'removeProperty'> } }
  scrollTo(x: number, y: number): void
}

/** Keeps `--page-height` at the height above the keyboard, in px; there is none where the keyboard is away, or makes the page smaller by itself. */
export function stayAboveKeyboard(page: SeenPage): void {
  const view = page.visualViewport
  if (view === null) return
  const fit = () => {
    // Who zooms in with two fingers sees less as well, and wants no other page.
    const covered = view.scale > 1 ? 0 : page.innerHeight - view.height
    const { style } = page.document.documentElement
    if (covered < LEAST_KEYBOARD_PX) {
      style.removeProperty('--page-height')
      return
    }
    style.setProperty('--page-height', `${view.height}px`)
    // The browser has moved the page up to show the field: what is at its top would be out of reach.
    page.scrollTo(0, 0)
  }
  view.addEventListener('resize', fit)
}
