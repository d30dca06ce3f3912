/** Notices as the browser shows them, and who is looking at any of its tabs. */
import type { Notice, Notices } from './attention.ts'
import type { Log } from './deps.ts'

export { createAttention } from './attention.ts'

const VISIBLE_LOCK = 'holdfast-visible'

/** `words` gives a notice its text when it is shown, in the language of then. */
export function createBrowserNotices(page: Window & typeof globalThis, words: (notice: Notice) => { title: string; body: string }, log: Log): Notices {
  return {
    async ask() {
      if (!('Notification' in page)) return false
      return page.Notification.permission === 'granted' || (await page.Notification.requestPermission()) === 'granted'
    },
    show(notice, onOpen) {
      if (!('Notification' in page) || page.Notification.permission !== 'granted') return
      const { title, body } = words(notice)
      // Of two tabs that both speak while the lead changes hands, the browser shows one: the tag is the same.
      const options = { body, tag: `holdfast:${notice.thread.id}:${notice.kind}`, icon: '/icon-192.png' }
      try {
        const shown = new page.Notification(title, options)
        shown.addEventListener('click', () => {
          page.focus()
          onOpen()
          shown.close()
        })
      } catch {
        // On a phone only a service worker may; it opens the address that goes with the notice.
        page.navigator.serviceWorker.ready
          .then((registration) => registration.showNotification(title, { ...options, data: { path: `/t/${notice.thread.id}` } }))
          .catch((error: unknown) => log('a notification was not shown', { error: String(error) }))
      }
    },
  }
}

/**
 * Every visible tab holds a shared lock while it is visible; asking whether anybody holds it is asking whether anybody looks. Without
 * locks a tab knows of itself only.
 */
export function watchVisible(page: Document, locks: LockManager | null, log: Log): () => Promise<boolean> {
  let release: (() => void) | null = null
  const visible = () => page.visibilityState === 'visible'
  const change = () => {
    if (locks === null) return
    if (!visible()) {
      release?.()
      release = null
    } else if (release === null) {
      const held = new Promise<void>((resolve) => { release = resolve })
      locks.request(VISIBLE_LOCK, { mode: 'shared' }, () => held).catch((error: unknown) => log('locks do not work here', { error: String(error) }))
    }
  }
  page.addEventListener('visibilitychange', change)
  change()
  return async () => {
    if (visible()) return true
    if (locks === null) return false
    const { held = [] } = await locks.query()
    return held.some((lock) => lock.name === VISIBLE_LOCK)
  }
}
