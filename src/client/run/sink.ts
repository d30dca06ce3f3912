/** What a run's stream controller tells the rest of the page, and with which right. */
import type { RunId, ThreadId } from '../../shared/ids.ts'
import type { Cursor, HeldReason, Message, Run, Transcript } from '../../shared/protocol.ts'

/**
 * The right to change what a thread shows of its live run. Made when a controller starts, checked in the store at one door:
 * a call with a token that is not the thread's newest changes nothing but what is the caller's own.
 */
export interface OwnerToken {
  readonly thread: ThreadId
  readonly run: RunId
  /** Grows with every controller of this page; the newest owns. */
  readonly generation: number
}

/** What is shown and how far into the journal it reaches: they change together or not at all. */
export interface LiveView {
  readonly transcript: Transcript
  readonly cursor: Cursor
}

/** How the page stands with the server about one run. */
export type Connection =
  /** `sinceAt`: an earlier connection was lost then and this attempt is to replace it; absent on the first one. */
  | { readonly kind: 'connecting'; readonly sinceAt?: number }
  /** `held`: why the server's store takes nothing of the run just now; it goes on by itself. */
  | { readonly kind: 'streaming'; readonly held?: HeldReason }
  /** The connection was lost at `sinceAt`; the next attempt is at `retryAt`. Both in ms by the page's clock. */
  | { readonly kind: 'waiting'; readonly sinceAt: number; readonly retryAt: number; readonly reason: string }
  | { readonly kind: 'paused' }
  /** The agent is done. `unsaved`: the server has not been able to say that the transcript is saved. */
  | { readonly kind: 'settling'; readonly unsaved: boolean }
  | { readonly kind: 'failed'; readonly reason: 'login' | 'refused' | 'protocol'; readonly message: string }

/** How following a run came to its end. */
export type Finale =
  /** The server's saved record. It holds at least every character that was shown. */
  | { readonly kind: 'settled'; readonly run: Run; readonly messages: readonly Message[] }
  /** Refused for good: what was shown stays, marked. */
  | { readonly kind: 'failed'; readonly reason: 'login' | 'refused' | 'protocol'; readonly message: string }
  /** A newer run owns the thread: release only what is this run's own. */
  | { readonly kind: 'superseded' }

export interface StreamSink {
  applyEvents(token: OwnerToken, live: LiveView): void
  setConnection(token: OwnerToken, connection: Connection): void
  /** At most once per token. */
  finalize(token: OwnerToken, finale: Finale): void
}
