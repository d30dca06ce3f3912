/** What carries a run's frames from the server. `createFetchTransport` is the real one; tests script their own. */
import type { RunId } from '../../shared/ids.ts'
import type { Cursor, StreamFrame } from '../../shared/protocol.ts'

export interface Transport {
  /**
   * Opens one connection and never opens another by itself. The answer aborts it; after that, and after `closed`, no handler is called.
   * No handler is called before `open` has returned. `after`: null asks for a snapshot.
   */
  open(request: { readonly run: RunId; readonly after: Cursor | null }, handlers: TransportHandlers): () => void
}

export interface TransportHandlers {
  /** The answer is an event stream. */
  opened(): void
  /** Bytes came, whole frames or not. */
  heard(): void
  frame(frame: StreamFrame): void
  /** Called once, last. */
  closed(why: Closed): void
}

export type Closed =
  /** Gone in a way that says nothing about the run: EOF, RST, 5xx, a page where a stream was due. */
  | { readonly kind: 'lost'; readonly reason: string; readonly retryAfterMs?: number | undefined }
  /** 204: there is nothing behind the cursor and never will be. */
  | { readonly kind: 'exhausted' }
  /** 400 for our cursor, or a frame that does not follow the contract. */
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'unauthorized'; readonly message: string }
  /** 403, 404, 410 and the like: asking again will not help. */
  | { readonly kind: 'refused'; readonly message: string }

/** Where streams write what a person may one day need to know. */
export interface StreamLog {
  debug(message: string, details?: Readonly<Record<string, unknown>>): void
  warn(message: string, details?: Readonly<Record<string, unknown>>): void
  error(message: string, details?: Readonly<Record<string, unknown>>): void
}
