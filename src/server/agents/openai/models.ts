/** Which models a provider offers. */
import type { Clock } from '../../clock.ts'
import { getShort, OutboundError } from '../outbound.ts'
import { connectionError, field, providerError, refusalError } from './provider-errors.ts'
import type { Remedies } from './provider-errors.ts'

export interface ModelList {
  /** What is known now; asks the provider in the background if that is nothing. */
  known(): readonly string[]
  /** Asks if need be. Rejects with an AgentError that names the remedy. */
  ask(): Promise<readonly string[]>
}

export interface ModelListOptions extends Provider {
  /** Told when models become known that were not before. */
  readonly onKnown?: (() => void) | undefined
}

export interface Provider {
  readonly baseUrl: string
  readonly apiKey: string | null
  readonly remedies: Remedies
  readonly clock: Clock
}

/** After a failure the provider is left alone this long. */
const ASK_AGAIN_MS = 30_000
const ANSWER_WITHIN_MS = 10_000
const MOST_MODELS = 500
const MOST_BYTES = 4 * 1024 * 1024

export function createModelList({ onKnown, ...provider }: ModelListOptions): ModelList {
  const { clock } = provider
  let models: readonly string[] = []
  let asking: Promise<readonly string[]> | null = null
  let notBeforeAt = 0

  async function load(): Promise<readonly string[]> {
    models = await listModels(provider)
    if (models.length > 0) onKnown?.()
    return models
  }

  function ask(): Promise<readonly string[]> {
    if (models.length > 0) return Promise.resolve(models)
    asking ??= load().finally(() => {
      asking = null
      notBeforeAt = clock.now() + ASK_AGAIN_MS
    })
    return asking
  }

  return {
    ask,
    known() {
      // A failure here is nobody's business yet: a run that needs a model asks again and tells it.
      if (models.length === 0 && asking === null && clock.now() >= notBeforeAt) ask().catch(() => undefined)
      return models
    },
  }
}

/** Asks a provider for its models. Rejects with an AgentError that names the cause in plain words and the remedy. */
export async function listModels({ baseUrl, apiKey, remedies, clock }: Provider, withinMs = ANSWER_WITHIN_MS): Promise<readonly string[]> {
  const answer = await getShort(`${baseUrl.replace(/\/+$/, '')}/models`, apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }, { clock, withinMs, mostBytes: MOST_BYTES })
    .catch((error: unknown) => {
      if (!(error instanceof OutboundError)) throw connectionError(error, baseUrl, false, remedies)
      throw error.kind === 'too-large'
        ? providerError('bad_response', `The provider’s list of models is too long. ${remedies.name}.`, { cause: error })
        : providerError('idle', `The provider at ${new URL(baseUrl).host} did not answer within ${Math.round(withinMs / 1000)} s. ${remedies.address}.`, { cause: error })
    })
  const { status, body } = answer
  if (status === 404) throw providerError('provider_error', `The provider has no list of models at this address (404). ${remedies.usual}.`)
  if (status < 200 || status >= 300) throw refusalError({ status, body, model: null, apiKey, remedies })
  return readIds(body, remedies)
}

function readIds(body: string, remedies: Remedies): string[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch (error) {
    if (/^\s*</.test(body)) throw providerError('bad_response', `There is a web page at this address, not a model server. ${remedies.usual}.`, { cause: error })
    throw providerError('bad_response', `The provider’s list of models is not JSON. ${remedies.address}, or name the model: ${remedies.name}.`, { cause: error })
  }
  const data = field(parsed, 'data')
  if (!Array.isArray(data)) return []
  return data.map((entry) => field(entry, 'id')).filter((id): id is string => typeof id === 'string' && id !== '').slice(0, MOST_MODELS)
}
