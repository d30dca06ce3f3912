/** Has the browser keep the page, so that it opens without the server and can be installed. */

/** What is needed of Trusted Types: the browser's own, where it has them. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown }
}

const SCRIPT = '/sw.js'
/** After the page has loaded: its chat is drawn by then, and forty files are not fetched while it is. */
const SETTLED_MS = 3_000

/** Registers once the page has nothing better to do. Without it all works but opening offline, so trouble is only told to `log`. */
export function registerServiceWorker(page: Window, log: (message: string, details: object) => void): void {
  if (!('serviceWorker' in page.navigator)) return
  const register = () => {
    const { trustedTypes } = page as { trustedTypes?: TrustedTypes }
    // The page's policy takes script addresses from this policy alone, and this one makes a single one.
    const url = trustedTypes?.createPolicy('holdfast-service-worker', {
      createScriptURL(given) {
        if (given !== SCRIPT) throw new TypeError(`${given} is no service worker of this page.`)
        return given
      },
    }).createScriptURL(SCRIPT) ?? SCRIPT
    page.navigator.serviceWorker.register(url as string).catch((error: unknown) => log('the page is not kept for opening offline', { error: String(error) }))
  }
  const idle = () => ('requestIdleCallback' in page ? page.requestIdleCallback(register, { timeout: 5_000 }) : register())
  const later = () => page.setTimeout(idle, SETTLED_MS)
  if (page.document.readyState === 'complete') later()
  else page.addEventListener('load', later, { once: true })
}
