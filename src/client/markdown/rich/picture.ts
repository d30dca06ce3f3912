/**
 * A picture of another host, on request: shown by a page of an opaque origin, because this one may load nothing from elsewhere. The other host learns
 * that somebody looks, and no more: no cookies where the browser can leave them out, no referrer.
 */
import picturePage from 'virtual:picture-page'

/** Shows the picture that `button` stands for, or takes it away again. */
export function togglePicture(button: HTMLElement, failed: string): void {
  const there = button.nextElementSibling
  if (there?.hasAttribute('data-picture') === true) {
    there.remove()
    button.setAttribute('aria-expanded', 'false')
    return
  }
  button.removeAttribute('data-failed')
  button.setAttribute('aria-expanded', 'true')
  const frame = button.ownerDocument.createElement('iframe')
  frame.setAttribute('sandbox', 'allow-scripts')
  frame.setAttribute('credentialless', '')
  frame.setAttribute('data-picture', '')
  frame.title = button.textContent
  frame.referrerPolicy = 'no-referrer'
  frame.addEventListener('load', () => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      const size = sizeOf(data)
      if (size !== null) {
        frame.style.setProperty('--picture-width', `${size.width}px`)
        frame.style.setProperty('--picture-shape', `${size.width} / ${size.height}`)
        return
      }
      frame.remove()
      button.setAttribute('aria-expanded', 'false')
      button.setAttribute('data-failed', failed)
    }
    // An opaque origin has no name to address it by.
    frame.contentWindow?.postMessage(button.dataset['image'] ?? '', '*', [port2])
  }, { once: true })
  frame.src = picturePage
  button.after(frame)
}

/** Nobody's word is taken for more than a shape: a picture that says it is endless is shown square. */
function sizeOf(data: unknown): { readonly width: number; readonly height: number } | null {
  if (typeof data !== 'object' || data === null) return null
  const { width, height } = data as { readonly width?: unknown; readonly height?: unknown }
  // A drawing without a size of its own says 0.
  if (typeof width !== 'number' || typeof height !== 'number' || !(width > 0 && height > 0)) return { width: 640, height: 640 }
  return { width, height: Math.min(height, width * 3) }
}
