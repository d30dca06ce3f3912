/** Which models the provider offers, asked when somebody first wants to know. */
import type { Clock } from '../../clock.ts'
import { connectionError, field, providerError, refusalError } from './provider-errors.ts'

export interface ModelList {
  /** What is known now; asks the provider in the background if that is nothing. */
  known(): readonly string[]
  /** Asks if need be. Rejects with an AgentError that names the remedy. */
  ask(): Promise<readonly string[]>
}

export interface ModelListOptions {
  readonly baseUrl: string
  readonly apiKey: string | null
  readonly clock: Clock
}

/** After a failure the provider is left alone this long. */
const ASK_AGAIN_MS = 30_000
const ANSWER_WITHIN_MS = 10_000
const MOST_MODELS = 500
const MOST_BYTES = 4 * 1024 * 1024

export function createModelList({ baseUrl, apiKey, clock }: ModelListOptions): ModelList {
  let models: readonly string[] = []
  let asking: Promise<readonly string[]> | null = null
  let notBeforeAt = 0

  async function load(): Promise<readonly string[]> {
    const abort = new AbortController()
    const cancel = clock.after(ANSWER_WITHIN_MS, () => abort.abort())
    try {
      const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/models`, {
        headers: apiKey === null ? {} : { authorization: `Bearer ${apiKey}` },
        redirect: 'manual',
        signal: abort.signal,
      }).catch((error: unknown) => {
        throw connectionError(error, baseUrl, false)
      })
      const body = await readCapped(response)
      if (!response.ok) throw refusalError({ status: response.status, body, model: null, apiKey })
      models = readIds(body)
      return models
    } finally {
      cancel()
    }
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

async function readCapped(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  for (let bytes = 0; reader !== undefined;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array }
    if (done || value === undefined) break
    bytes += value.byteLength
    if (bytes > MOST_BYTES) {
      await reader.cancel()
      throw providerError('bad_response', 'The provider’s list of models is too long. Set OPENAI_MODEL.')
    }
    chunks.push(value)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readIds(body: string): string[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch (error) {
    throw providerError('bad_response', 'The provider’s list of models is not JSON. Check OPENAI_BASE_URL, or set OPENAI_MODEL.', { cause: error })
  }
  const data = field(parsed, 'data')
  if (!Array.isArray(data)) return []
  return data.map((entry) => field(entry, 'id')).filter((id): id is string => typeof id === 'string' && id !== '').slice(0, MOST_MODELS)
}
