/**
 * What can be pressed in an answer says by `data-act` what it does, and knows nothing else. One listener for the whole page hears it; what carries it
 * out is loaded with the first press.
 */
export type Act = (control: HTMLElement) => void

/** Listens on `document` until the answer is called. */
export function listenToControls(document: Document, load: () => Promise<Act>, onFailure: (error: unknown) => void): () => void {
  const press = (event: MouseEvent) => {
    // The first of the path, because a formula's button stands in a shadow root.
    const pressed = event.composedPath()[0]
    const control = pressed instanceof Element ? pressed.closest<HTMLElement>('[data-act]') : null
    if (control === null) return
    event.preventDefault()
    load().then((act) => act(control), onFailure)
  }
  document.addEventListener('click', press)
  return () => document.removeEventListener('click', press)
}
