/**
 * Streams over `@microsoft/fetch-event-source`, on a leash: GET only, one call per attempt, `openWhenHidden`, `onerror` rethrows. Left to
 * itself it retries, resumes from the wrong place and listens to visibility; all of that is the run machine's to decide.
 */
import { fetchEventSource } from '@microsoft/fetch-event-source'
import { decodeFrame, formatCursor, ProtocolError } from '../../shared/protocol.ts'
import type { FeedTransport } from './feed.ts'
import type { Closed, Transport } from './transport.ts'

export interface FetchTransportDeps {
  /** `window.fetch`, or one of a test. */
  readonly fetch: typeof fetch
  /** Put before every path; the page's own origin by default. */
  readonly base?: string
}

/** Carries the streams of runs. */
export function createFetchTransport({ fetch: send, base = '' }: FetchTransportDeps): Transport {
  return {
    open({ run, after }, handlers) {
      const query = after === null ? '' : `?after=${formatCursor(after)}`
      return openEventStream(send, `${base}/api/runs/${run}/stream${query}`, {
        opened: handlers.opened,
        heard: handlers.heard,
        closed: handlers.closed,
        message(message) {
          const frame = decodeFrame(message)
          if (frame !== null) handlers.frame(frame)
        },
      })
    },
  }
}

/** Carries `/api/feed`. */
export function createFetchFeedTransport({ fetch: send, base = '' }: FetchTransportDeps): FeedTransport {
  return {
    open: (handlers) => openEventStream(send, `${base}/api/feed`, {
      opened: handlers.opened,
      heard: handlers.heard,
      closed: handlers.closed,
      message: ({ event, data }) => handlers.message(event, data),
    }),
  }
}

interface Message {
  readonly event: string
  readonly id: string
  readonly data: string
}

interface EventStreamHandlers {
  opened(): void
  heard(): void
  /** May throw ProtocolError: then the stream is closed as malformed. */
  message(message: Message): void
  closed(why: Closed): void
}

/** One connection. The answer aborts it; after that, and after `closed`, no handler is called. */
function openEventStream(send: typeof fetch, url: string, handlers: EventStreamHandlers): () => void {
  const abort = new AbortController()
  const { signal } = abort

  function close(why: Closed): void {
    if (signal.aborted) return
    abort.abort() // whatever is left of the answer is not read
    handlers.closed(why)
  }

  /** Sees the answer before the library does: only an event stream is handed on, and every chunk of it is heard. */
  async function tapped(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const response = await send(input, init)
    const why = judge(response)
    if (why !== null) throw new Refusal(why)
    if (signal.aborted || response.body === null) return response
    handlers.opened()
    const heard = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (!signal.aborted) handlers.heard()
        controller.enqueue(chunk)
      },
    })
    return new Response(response.body.pipeThrough(heard), { headers: response.headers })
  }

  function onMessage(message: Message): void {
    // Keep-alive comments come as messages without a word in them.
    if (signal.aborted || (message.event === '' && message.data === '')) return
    try {
      handlers.message(message)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      close({ kind: 'malformed', reason: error.message })
    }
  }

  async function run(): Promise<void> {
    try {
      await fetchEventSource(url, {
        method: 'GET',
        cache: 'no-store',
        redirect: 'manual',
        signal,
        openWhenHidden: true,
        fetch: tapped,
        onopen: () => Promise.resolve(), // `tapped` has judged it
        onmessage: onMessage,
        onerror(error) {
          throw error // the run machine decides whether and when to try again
        },
      })
      close({ kind: 'lost', reason: 'The connection was closed before the answer was complete.' })
    } catch (error) {
      if (error instanceof Refusal) close(error.why)
      else close({ kind: 'lost', reason: reasonOf(error) })
    }
  }

  // Nothing is called before `open` has returned.
  queueMicrotask(() => {
    if (!signal.aborted) void run()
  })
  return () => abort.abort()
}

class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly why: Closed

  constructor(why: Closed) {
    super(why.kind)
    this.why = why
  }
}

/** Null: an event stream. The body of anything else is never parsed. */
function judge(response: Response): Closed | null {
  const { status } = response
  if (status === 204) return { kind: 'exhausted' }
  if (status === 200) {
    const type = response.headers.get('content-type') ?? ''
    if (/^text\/event-stream\b/i.test(type)) return null
    return { kind: 'lost', reason: `Something between the page and the server answered with ${type === '' ? 'no content type' : type} instead of the stream.` }
  }
  // Of a redirect a browser tells nothing but that there is one (status 0). The server sends none: somebody before it wants a login.
  if (status === 401 || status === 0 || (status >= 300 && status < 400)) return { kind: 'unauthorized', message: 'Your login ran out. Log in again to go on.' }
  if (status === 400) return { kind: 'malformed', reason: 'the server does not understand our place in the stream' }
  const transient = status === 408 || status === 425 || status === 429
  if (status > 400 && status < 500 && !transient) {
    return { kind: 'refused', message: status === 403 ? 'You may not see this answer.' : `This answer is not on the server any more (${status}).` }
  }
  // 5xx, and whatever else a proxy may think of
  return { kind: 'lost', reason: `The server is not answering at present (${status}).`, retryAfterMs: retryAfter(response) }
}

const LONGEST_RETRY_AFTER_MS = 300_000

/** Seconds, or a date, which counts from the answer's own Date: this machine's clock may be wrong. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('retry-after')?.trim()
  if (value === undefined || value === '') return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.parse(response.headers.get('date') ?? '')
  return Number.isFinite(ms) ? Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, ms)) : undefined
}

function reasonOf(error: unknown): string {
  // `fetch` says nothing of use to a person, and every browser says it differently.
  return error instanceof TypeError ? 'The connection to the server was lost.' : `The connection to the server was lost (${error instanceof Error ? error.message : String(error)}).`
}
