/**
 * Keeps the page itself, never what it shows: answers of `/api` are not touched. The build puts `FILES` (what the page is made of) and `BUILD` (a name
 * that changes with any of them) in front of this file. A page is asked of the server first, so a reload always brings the newest; only where the
 * server cannot be reached does the kept one open, and says itself that it is offline.
 */
const CACHE = `holdfast-${BUILD}`

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys().then((names) => {
      // The build before this one stays: a page of it may still be open and want one of its parts.
      const kept = names.filter((name) => name.startsWith('holdfast-') && name !== CACHE).slice(-1)
      return Promise.all(names.filter((name) => name.startsWith('holdfast-') && name !== CACHE && !kept.includes(name)).map((name) => caches.delete(name)))
    }).then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin || /^\/(api|metrics|sandbox)\b/.test(pathname)) return
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch((error) => kept('/', error)))
  // Their names change with what is in them.
  else if (pathname.startsWith('/assets/')) event.respondWith(caches.match(request).then((found) => found ?? fetchAndKeep(request)))
  else if (pathname !== '/version.json') event.respondWith(fetch(request).catch((error) => kept(request, error)))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const path = event.notification.data?.path ?? '/'
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then(([window]) => (window === undefined ? self.clients.openWindow(path) : window.focus().then(() => window.navigate(path)))),
  )
})

async function kept(request, error) {
  const found = await caches.match(request)
  if (found === undefined) throw error
  return found
}

async function fetchAndKeep(request) {
  const answer = await fetch(request)
  if (answer.ok) await caches.open(CACHE).then((cache) => cache.put(request, answer.clone()))
  return answer
}
