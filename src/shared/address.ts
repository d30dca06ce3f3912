/** Where things are found in the browser: a thread at `/t/<id>`, a message in it at `/t/<id>#m-<message>`, a new chat at `/`. */
import type { MessageId, ThreadId } from './ids.ts'

export function pathOf(thread: ThreadId | null, message?: MessageId): string {
  return thread === null ? '/' : `/t/${thread}${message === undefined ? '' : `#m-${message}`}`
}
