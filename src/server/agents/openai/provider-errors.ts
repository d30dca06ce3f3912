/** What a provider's failures are called, and how they are told: with its own words where it gave any, never with the key. */
import type { RunError } from '../../../shared/protocol.ts'
import { AgentError } from '../agent.ts'

/** For `RunError.code`. */
export type ProviderErrorCode =
  | 'provider_error' | 'rate_limited' | 'provider_closed' | 'idle' | 'unauthorised' | 'unknown_model' | 'bad_response'

const LONGEST_WORDS = 500
/** Shorter ones are placeholders ("none", "test"), which are words as well. */
const SHORTEST_KEY = 6

/** What a person can do, in whole sentences without the full stop: another thing for an agent of the environment than for one of Settings. */
export interface Remedies {
  readonly noKey: string
  readonly badKey: string
  /** How a model is named. */
  readonly name: string
  readonly noModels: string
  readonly address: string
  /** What is most often wrong with an address. */
  readonly usual: string
  readonly move: string
}

export const environmentRemedies: Remedies = {
  noKey: 'set OPENAI_API_KEY and start the server again',
  badKey: 'set OPENAI_API_KEY to a valid one and start the server again',
  name: 'set OPENAI_MODEL',
  noModels: 'Set OPENAI_MODEL and start the server again',
  address: 'Check OPENAI_BASE_URL and the network',
  usual: 'OPENAI_BASE_URL usually ends in /v1',
  move: 'set OPENAI_BASE_URL to that one',
}

export const settingsRemedies: Remedies = {
  noKey: 'enter one in Settings, Agents',
  badKey: 'enter a valid one in Settings, Agents',
  name: 'enter it in Settings, Agents',
  noModels: 'Load one there, or enter its name in Settings, Agents',
  address: 'Check the address and the network',
  usual: 'The address usually ends in /v1',
  move: 'enter that one in Settings, Agents',
}

export function providerError(code: ProviderErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}): AgentError {
  const error: RunError = { code, message, retryable: options.retryable ?? code !== 'unauthorised' }
  return new AgentError(error, options.cause === undefined ? undefined : { cause: options.cause })
}

/** A provider's answer that was not 200. `body` is its text, perhaps cut short; `model` the one that was asked for. */
export interface Refusal {
  readonly status: number
  readonly body: string
  readonly model: string | null
  readonly apiKey: string | null
  readonly remedies: Remedies
}

export function refusalError({ status, body, model, apiKey, remedies }: Refusal): AgentError {
  const parsed = parse(body)
  const said = wordsOf(parsed, apiKey) ?? (parsed === undefined && !/^\s*</.test(body) ? clean(body, apiKey) : '')
  const quoted = said === '' ? '' : `: ${said}`
  if (status === 401) {
    return providerError('unauthorised', apiKey === null
      ? `The provider wants a key: ${remedies.noKey}.`
      : `The provider refused the key: ${remedies.badKey}.`)
  }
  if (status === 429) return providerError('rate_limited', `The provider is busy or a limit is reached (429)${quoted}`)
  if (isUnknownModel(status, parsed, said)) {
    return providerError('unknown_model', `The provider does not know the model "${model ?? ''}" (${status})${quoted}. Choose another, or ${remedies.name}.`, { retryable: false })
  }
  if (status === 404) return providerError('provider_error', `The provider has no chat at this address (404)${quoted}. ${remedies.usual}.`)
  if (status >= 300 && status < 400) return providerError('provider_error', `The provider sends us to another address (${status}): ${remedies.move}.`)
  return providerError('provider_error', `The provider answered ${status}${quoted}`)
}

/** An `error` that came inside the stream, in whatever shape. */
export function streamedError(value: unknown, apiKey: string | null): AgentError {
  const said = wordsOf(value, apiKey) ?? 'it gave no reason'
  const code = String(field(value, 'code') ?? field(field(value, 'error'), 'code') ?? '')
  const busy = code === '429' || /rate.?limit/i.test(code)
  return providerError(busy ? 'rate_limited' : 'provider_error', `The provider reported an error${/^\d{3}$/.test(code) ? ` (${code})` : ''}: ${said}`)
}

/** A request that got no answer, or a connection that broke. `began`: some of the answer had come. */
export function connectionError(error: unknown, baseUrl: string, began: boolean, remedies: Remedies): AgentError {
  const code = networkCode(error)
  if (began) return providerError('provider_closed', `The provider closed the stream before the answer was finished${code === null ? '' : ` (${code})`}.`, { cause: error })
  const { host } = new URL(baseUrl)
  const why = code === null ? '' : ` (${code})`
  const remedy = code === 'ECONNREFUSED' ? 'Is it running?' : `${remedies.address}.`
  return providerError('provider_error', `The provider at ${host} could not be reached${why}. ${remedy}`, { cause: error })
}

/** The system's name of a network failure, such as ECONNRESET; null where there is none. */
export function networkCode(error: unknown): string | null {
  for (let cause = error, depth = 0; cause !== undefined && cause !== null && depth < 5; cause = field(cause, 'cause'), depth++) {
    const code = field(cause, 'code')
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code
  }
  return null
}

/** Retrying helps: the provider is busy or ill, and has not run out of money or patience for good. */
export function isWorthRetrying(status: number, body: string): boolean {
  if (status === 429) return !/insufficient_quota|billing/i.test(body)
  return status === 408 || status === 409 || (status >= 500 && status !== 501 && status !== 505)
}

/** True for a refusal because of the tools in the request: many small local models have none. */
export function refusesTools(status: number, body: string): boolean {
  return (status === 400 || status === 422) && /(?:not|n't) support (?:tools|tool|function)|tool.{0,40}not supported/i.test(body)
}

/** What a model may not take, by what a person attached. */
export type Attachment = 'picture' | 'pdf'

/**
 * Which of what was `sent` a refusal is about, in the words of the servers that are about; some give it the status of a breakdown. Null: it is about
 * something else, a damaged or too large file included, which must be said and not be left out.
 */
export function refusedAttachments(status: number, body: string, sent: ReadonlySet<Attachment>): Attachment | null {
  if (sent.size === 0 || status < 400 || status === 401 || status === 429 || /format|too (?:large|long|many)|exceed|\bsize\b|decode|corrupt|damaged|password|encrypted|\bpages?\b/i.test(body)) return null
  const refuses = /support|not a|unknown|missing data|invalid|no endpoints|can(?:no|')t|not one of|allowed|must (?:be|have)/i.test(body)
  if (!refuses) return null
  if (sent.has('pdf') && /[`'"]file[`'"]|type:? file|\bfile (?:input|part|content)|\bfiles\b|\bor [`'"]image_url|\bpdfs?\b|\bdocuments?\b/i.test(body)) return 'pdf'
  if (sent.has('picture') && /\bimages?\b|image_url|\bvision\b|multi-?modal/i.test(body)) return 'picture'
  // Those that only say which kinds of content they do know.
  return sent.has('pdf') && /content|part type|multi-?modal/i.test(body) ? 'pdf' : null
}

/** One line of at most 500 characters, without the key or anything that looks like one. */
export function clean(text: string, apiKey: string | null): string {
  const keyless = apiKey === null || apiKey.length < SHORTEST_KEY ? text : text.replaceAll(apiKey, '[key]')
  const line = keyless
    .replaceAll(/\b(?:sk|pk|key|gsk|xai|AIza)[-_][\w*.-]{6,}/g, '[key]')
    .replaceAll(/\bBearer\s+\S+/gi, 'Bearer [key]')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return line.length <= LONGEST_WORDS ? line : `${line.slice(0, LONGEST_WORDS - 1)}…`
}

/** The message in an error object of any common shape: `{error:{message}}`, `{error:"…"}`, `{message}`, `{detail}`. */
export function wordsOf(value: unknown, apiKey: string | null): string | null {
  const error = field(value, 'error')
  for (const candidate of [field(error, 'message'), error, field(value, 'message'), field(value, 'detail'), value]) {
    if (typeof candidate === 'string' && candidate.trim() !== '') return clean(candidate, apiKey)
  }
  return null
}

function isUnknownModel(status: number, parsed: unknown, said: string): boolean {
  if (status !== 404 && status !== 400) return false
  if (field(field(parsed, 'error'), 'code') === 'model_not_found') return true
  return /model/i.test(said) && /not (?:found|exist|available|a valid)|unknown|does(?: not|n't) exist|invalid model/i.test(said)
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined // no JSON: its text is quoted as it is
    throw error
  }
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
