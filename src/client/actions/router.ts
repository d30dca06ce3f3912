/** A thread's address is `/t/<id>`, that of a message in it `/t/<id>#m-<message>`; `/` is a new chat. */
import type { MessageId, ThreadId } from '../../shared/ids.ts'
import { pathOf } from '../../shared/address.ts'
import { isId } from '../../shared/ids.ts'

export interface Router {
  current(): ThreadId | null
  /** The message that the address names, if it names one. */
  message(): MessageId | null
  /** A step that Back undoes; none where the address is the same already. */
  push(thread: ThreadId | null, message?: MessageId): void
  /** Back and Forward; the answer stops listening. */
  listen(moved: (thread: ThreadId | null, message: MessageId | null) => void): () => void
}

/** The part of `window` that the router uses. */
export interface Addressed {
  readonly location: { readonly pathname: string; readonly hash: string }
  readonly history: { pushState(data: unknown, unused: string, url: string): void }
  addEventListener(type: 'popstate', listener: () => void): void
  removeEventListener(type: 'popstate', listener: () => void): void
}

export function createRouter(page: Addressed): Router {
  const current = () => readPath(page.location.pathname)
  const message = () => readHash(page.location.hash)
  return {
    current,
    message,
    push(thread, to) {
      const path = pathOf(thread, to)
      if (path !== page.location.pathname + page.location.hash) page.history.pushState(null, '', path)
    },
    listen(moved) {
      const listener = () => moved(current(), message())
      page.addEventListener('popstate', listener)
      return () => page.removeEventListener('popstate', listener)
    },
  }
}

function readHash(hash: string): MessageId | null {
  const id = /^#m-(.+)$/.exec(hash)?.[1]
  return isId(id) ? (id as MessageId) : null
}

function readPath(path: string): ThreadId | null {
  const id = /^\/t\/([^/]+)\/?$/.exec(path)?.[1]
  return isId(id) ? (id as ThreadId) : null
}
