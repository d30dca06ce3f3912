/** A transport that does only what a test tells it: every attempt is there to be opened, fed, cut, and looked at. */
import type { RunId } from '../../src/shared/ids.ts'
import type { Cursor, StreamFrame } from '../../src/shared/protocol.ts'
import type { Closed, Transport } from '../../src/client/stream/transport.ts'

export interface ScriptedAttempt {
  readonly run: RunId
  readonly after: Cursor | null
  /** False once it was aborted or closed. */
  isOpen(): boolean
  /** True if the page gave it up. */
  wasAborted(): boolean
  opened(): void
  frame(...frames: StreamFrame[]): void
  heard(): void
  closed(why: Closed): void
  /** Speaks in spite of having been aborted, as only a broken transport would. */
  readonly rogue: { opened(): void; frame(frame: StreamFrame): void; closed(why: Closed): void }
}

export interface ScriptedTransport extends Transport {
  readonly attempts: readonly ScriptedAttempt[]
  /** The newest attempt. Throws if there is none. */
  latest(): ScriptedAttempt
  openCount(): number
  /** The most attempts that were ever open at once. */
  mostOpen(): number
}

export function createScriptedTransport(): ScriptedTransport {
  const attempts: ScriptedAttempt[] = []
  let most = 0
  const openCount = () => attempts.filter((attempt) => attempt.isOpen()).length
  return {
    attempts,
    openCount,
    mostOpen: () => most,
    latest() {
      const attempt = attempts.at(-1)
      if (attempt === undefined) throw new Error('no attempt was made')
      return attempt
    },
    open({ run, after }, handlers) {
      let open = true
      let aborted = false
      const whileOpen = (call: () => void) => {
        if (open) call()
      }
      attempts.push({
        run,
        after,
        isOpen: () => open,
        wasAborted: () => aborted,
        opened: () => whileOpen(handlers.opened),
        heard: () => whileOpen(handlers.heard),
        frame(...frames) {
          for (const frame of frames) whileOpen(() => handlers.frame(frame))
        },
        closed: (why) => whileOpen(() => {
          open = false
          handlers.closed(why)
        }),
        rogue: handlers,
      })
      most = Math.max(most, openCount())
      return () => {
        aborted ||= open
        open = false
      }
    },
  }
}
