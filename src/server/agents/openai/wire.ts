/**
 * The way to the provider: a `fetch` for one run that waits out busy providers and says so, notices silence, bounds what it
 * takes in, and remembers why it failed, because what the SDK passes on of a failure depends on where it happened.
 */
import { noticeOf } from '../../../shared/notices.ts'
import type { Notice } from '../../../shared/protocol.ts'
import type { Clock } from '../../clock.ts'
import type { AgentError } from '../agent.ts'
import { openOutbound } from '../outbound.ts'
import { sleep } from '../sleep.ts'
import { connectionError, field, isWorthRetrying, networkCode, providerError, refusalError, refusedAttachments, refusesTools, streamedError } from './provider-errors.ts'
import type { Attachment, Remedies } from './provider-errors.ts'

export interface WireOptions {
  readonly baseUrl: string
  readonly apiKey: string | null
  readonly remedies: Remedies
  readonly clock: Clock
  /** Silence on the connection after which the provider is given up, ms. */
  readonly idleMs: number
  /** Requests made for one answer, the first included. */
  readonly tries: number
  /** 0 ≤ x < 1, for jitter. */
  readonly random: () => number
  /** Tells the person what is going on. */
  readonly notice: (notice: Omit<Notice, 'at'>) => void
}

export interface Wire {
  readonly fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>
  /** Why it failed, once it has. */
  fault(): AgentError | null
  /** True once the provider has said `[DONE]` in its newest answer. */
  sawDone(): boolean
}

const FIRST_WAIT_MS = 1000
/** A provider that asks for more patience than this is told as busy instead. */
const LONGEST_WAIT_MS = 60_000
const MOST_REFUSAL_BYTES = 64 * 1024
const MOST_ANSWER_BYTES = 64 * 1024 * 1024
const MOST_ANSWER_MS = 60 * 60_000

export function createWire(options: WireOptions): Wire {
  const { baseUrl, apiKey, remedies, clock, idleMs, tries, random, notice } = options
  let fault: AgentError | null = null
  let done = false
  /** What this model has refused to be given. */
  const refused = new Set<Attachment>()

  const fail = (error: AgentError): AgentError => {
    fault ??= error
    return error
  }

  /** Aborts `request` after idleMs; the answer stops the watch. */
  const watchIdle = (request: AbortController): (() => void) =>
    clock.after(idleMs, () => {
      const seconds = Math.round(idleMs / 1000)
      request.abort(fail(providerError('idle', `The provider was silent for ${seconds} s, so the connection was closed. Retry, or choose another model.`)))
    })

  /** One request, as far as its status. Rejects with an AgentError or the abort's reason. */
  async function request(url: string | URL | Request, init: RequestInit, signal: AbortSignal): Promise<Answer> {
    const own = new AbortController()
    const linked = AbortSignal.any([signal, own.signal])
    const unwatch = watchIdle(own)
    try {
      const response = await openOutbound(url, { ...init, signal: linked })
      return { response, own }
    } catch (error) {
      if (linked.aborted) throw linked.reason
      throw connectionError(error, baseUrl, false, remedies)
    } finally {
      unwatch()
    }
  }

  async function persist(url: string | URL | Request, init: RequestInit, signal: AbortSignal): Promise<Response> {
    let sent = without(refused, init)
    for (let attempt = 1; ; attempt++) {
      const tried = await attemptOnce(url, sent, signal)
      if (tried.kind === 'answer') return guard(tried.answer)
      if (tried.kind === 'refused' && hasTools(sent) && refusesTools(tried.status, tried.body)) {
        notice(noticeOf('info', 'model-without-tools'))
        sent = withoutTools(sent)
        continue
      }
      const attachments = tried.kind === 'refused' ? refusedAttachments(tried.status, tried.body, attachmentsIn(sent)) : null
      if (attachments !== null) {
        notice(noticeOf('warning', attachments === 'picture' ? 'model-without-pictures' : 'model-without-pdfs'))
        refused.add(attachments)
        sent = without(refused, sent)
        continue
      }
      const waitMs = attempt < tries ? waitBefore(attempt, tried, clock.now(), random) : null
      if (waitMs === null) {
        throw tried.kind === 'refused' ? refusalError({ ...tried, model: modelOf(sent), apiKey, remedies }) : tried.error
      }
      const seconds = Math.max(1, Math.round(waitMs / 1000))
      notice(tried.kind === 'lost' ? noticeOf('warning', 'provider-unreachable', { seconds })
        : tried.status === 429 ? noticeOf('warning', 'provider-busy', { seconds })
        : noticeOf('warning', 'provider-trouble', { seconds, status: tried.status }))
      await sleep(clock, waitMs, signal)
    }
  }

  async function attemptOnce(url: string | URL | Request, init: RequestInit, signal: AbortSignal): Promise<Tried> {
    let answer: Answer
    try {
      answer = await request(url, init, signal)
    } catch (error) {
      // Nobody listens there: waiting a few seconds changes nothing, and the person should hear it at once.
      const code = networkCode(error)
      const worth = code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' || code === 'EPIPE'
      if (signal.aborted || fault !== null || !worth) throw error
      return { kind: 'lost', error: error as AgentError }
    }
    const { response } = answer
    if (response.ok) return { kind: 'answer', answer }
    const body = await readSome(guard(answer, 'as it is'), MOST_REFUSAL_BYTES)
    return { kind: 'refused', status: response.status, body, headers: response.headers }
  }

  /** Hands the body on piece by piece, watching for silence, excess and the end. */
  function guard({ response, own }: Answer, check: 'must stream' | 'as it is' = 'must stream'): Response {
    const { body, headers, status } = response
    if (body === null) throw providerError('bad_response', 'The provider sent an empty response.')
    const type = headers.get('content-type') ?? ''
    if (check === 'must stream' && /text\/html/i.test(type)) {
      own.abort()
      throw providerError('bad_response', `The provider answered with a web page. ${remedies.usual}.`)
    }
    const reader = body.getReader()
    const findDone = createDoneFinder()
    const startedAt = clock.now()
    let bytes = 0
    const takeStock = (more: number) => {
      bytes += more
      const excess = bytes > MOST_ANSWER_BYTES ? `sent more than ${MOST_ANSWER_BYTES / 1024 / 1024} MB`
        : clock.now() - startedAt > MOST_ANSWER_MS ? `took more than ${MOST_ANSWER_MS / 60_000} minutes` : null
      if (excess === null) return
      own.abort()
      throw fail(providerError('provider_error', `The provider ${excess} for one answer, so it was cut off.`))
    }
    const guarded = new ReadableStream<Uint8Array>({
      async pull(controller) {
        // Watched only while we wait: a reader that takes its time is no fault of the provider's.
        const unwatch = watchIdle(own)
        try {
          const { done: ended, value } = await reader.read()
          if (ended) return controller.close()
          takeStock(value.byteLength)
          done ||= findDone(value)
          controller.enqueue(value)
        } catch (error) {
          if (fault === null && networkCode(error) !== null) fail(connectionError(error, baseUrl, true, remedies))
          throw fault ?? error
        } finally {
          unwatch()
        }
      },
      async cancel(reason) {
        await reader.cancel(reason)
      },
    }, { highWaterMark: 0 })
    return new Response(guarded, { status, headers })
  }

  return {
    async fetch(url, init = {}) {
      done = false
      const signal = init.signal ?? new AbortController().signal
      try {
        const response = await persist(url, init, signal)
        if (!/application\/json/i.test(response.headers.get('content-type') ?? '')) return response
        // Some answer 200 with an error object; some cannot stream.
        throw await explainJson(response, apiKey)
      } catch (error) {
        if (!signal.aborted && fault === null && isAgentError(error)) fail(error)
        throw error
      }
    },
    fault: () => fault,
    sawDone: () => done,
  }
}

interface Answer {
  readonly response: Response
  readonly own: AbortController
}

type Tried =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly status: number; readonly body: string; readonly headers: Headers }
  | { readonly kind: 'lost'; readonly error: AgentError }

/** How long to wait before the next try, ms; null if there should be none. */
function waitBefore(attempt: number, tried: Exclude<Tried, { kind: 'answer' }>, now: number, random: () => number): number | null {
  if (tried.kind === 'refused') {
    if (!isWorthRetrying(tried.status, tried.body)) return null
    const asked = retryAfterMs(tried.headers, now)
    if (asked !== null) return asked <= LONGEST_WAIT_MS ? asked : null
  }
  // Jitter: two hundred runs that were refused together should not come back together.
  return Math.round(FIRST_WAIT_MS * 2 ** (attempt - 1) * (1 + random() / 4))
}

/** Reads Retry-After, in seconds or as a date, and OpenAI's retry-after-ms. */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const exact = headers.get('retry-after-ms')
  if (exact !== null && /^\d+(?:\.\d+)?$/.test(exact)) return Number(exact)
  const said = headers.get('retry-after')
  if (said === null) return null
  if (/^\d+(?:\.\d+)?$/.test(said)) return Number(said) * 1000
  const at = Date.parse(said)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

async function explainJson(response: Response, apiKey: string | null): Promise<AgentError> {
  const body = await readSome(response, MOST_REFUSAL_BYTES)
  try {
    const value = JSON.parse(body) as unknown
    if (typeof value === 'object' && value !== null && 'error' in value) return streamedError(value, apiKey)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error // half a JSON: told below
  }
  return providerError('bad_response', 'The provider did not stream its answer. Holdfast needs a server that supports "stream": true.')
}

async function readSome(response: Response, mostBytes: number): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const chunks: Uint8Array[] = []
  for (let bytes = 0; bytes < mostBytes;) {
    const { done, value } = await reader.read() as { done: boolean; value?: Uint8Array }
    if (done || value === undefined) break
    chunks.push(value)
    bytes += value.byteLength
  }
  await reader.cancel()
  return Buffer.concat(chunks).toString('utf8')
}

/** Tells whether a `[DONE]` line has gone by, cut anywhere. JSON holds no raw line break, so text can not feign it. */
function createDoneFinder(): (chunk: Uint8Array) => boolean {
  let carry = Buffer.from('\n')
  return (chunk) => {
    const seen = Buffer.concat([carry, chunk])
    carry = Buffer.from(seen.subarray(-14))
    return seen.includes('\ndata: [DONE]') || seen.includes('\ndata:[DONE]') || seen.includes('\rdata: [DONE]')
  }
}

function isAgentError(error: unknown): error is AgentError {
  return error instanceof Error && error.name === 'AgentError'
}

function bodyOf(init: RequestInit): Record<string, unknown> {
  return typeof init.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : {}
}

const hasTools = (init: RequestInit) => 'tools' in bodyOf(init)

function withoutTools(init: RequestInit): RequestInit {
  const { tools: _tools, tool_choice: _choice, ...body } = bodyOf(init)
  return { ...init, body: JSON.stringify(body) }
}

interface Said {
  readonly content?: unknown
}

const saidIn = (init: RequestInit) => (bodyOf(init)['messages'] ?? []) as readonly Said[]

function attachmentOf(piece: unknown): Attachment | null {
  const type = field(piece, 'type')
  return type === 'image_url' ? 'picture' : type === 'file' ? 'pdf' : null
}

function attachmentsIn(init: RequestInit): ReadonlySet<Attachment> {
  return new Set(saidIn(init).flatMap(({ content }) => (Array.isArray(content) ? content.flatMap((piece) => attachmentOf(piece) ?? []) : [])))
}

/** Their names stand in the text beside them. A message of text alone becomes one text, for a server that knows no other shape. */
function without(kinds: ReadonlySet<Attachment>, init: RequestInit): RequestInit {
  if (kinds.size === 0) return init
  const messages = saidIn(init).map((message) => {
    if (!Array.isArray(message.content)) return message
    const left = (message.content as unknown[]).filter((piece) => {
      const kind = attachmentOf(piece)
      return kind === null || !kinds.has(kind)
    })
    if (left.length === message.content.length) return message
    return { ...message, content: left.every((piece) => attachmentOf(piece) === null) ? left.map((piece) => String(field(piece, 'text') ?? '')).join('\n\n') : left }
  })
  return { ...init, body: JSON.stringify({ ...bodyOf(init), messages }) }
}

function modelOf(init: RequestInit): string | null {
  const { model } = bodyOf(init)
  return typeof model === 'string' ? model.slice(0, 100) : null
}
