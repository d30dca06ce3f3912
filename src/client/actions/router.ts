/** A thread's address is `/t/<id>`; `/` is a new chat. */
import type { ThreadId } from '../../shared/ids.ts'
import { isId } from '../../shared/ids.ts'

export interface Router {
  current(): ThreadId | null
  /** A step that Back undoes; none where the address is the same already. */
  push(thread: ThreadId | null): void
  /** Back and Forward; the answer stops listening. */
  listen(moved: (thread: ThreadId | null) => void): () => void
}

/** The part of `window` that the router uses. */
export interface Addressed {
  readonly location: { readonly pathname: string }
  readonly history: { pushState(data: unknown, unused: string, url: string): void }
  addEventListener(type: 'popstate', listener: () => void): void
  removeEventListener(type: 'popstate', listener: () => void): void
}

export function createRouter(page: Addressed): Router {
  const current = () => readPath(page.location.pathname)
  return {
    current,
    push(thread) {
      const path = pathOf(thread)
      if (path !== page.location.pathname) page.history.pushState(null, '', path)
    },
    listen(moved) {
      const listener = () => moved(current())
      page.addEventListener('popstate', listener)
      return () => page.removeEventListener('popstate', listener)
    },
  }
}

export function pathOf(thread: ThreadId | null): string {
  return thread === null ? '/' : `/t/${thread}`
}

function readPath(path: string): ThreadId | null {
  const id = /^\/t\/([^/]+)\/?$/.exec(path)?.[1]
  return isId(id) ? (id as ThreadId) : null
}
