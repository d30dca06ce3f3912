/** Model servers on this machine, found by asking where they usually listen. Loopback only, briefly, and silently where nobody answers. */
import type { Clock } from '../../clock.ts'
import { listModels } from './models.ts'
import { settingsRemedies } from './provider-errors.ts'

export interface LocalServer {
  /** The id of its agent: the same each time, so that chats find it again. */
  readonly id: string
  readonly title: string
  readonly baseUrl: string
}

export const usualServers: readonly LocalServer[] = [
  { id: 'ollama', title: 'Ollama', baseUrl: 'http://127.0.0.1:11434/v1' },
  { id: 'lm-studio', title: 'LM Studio', baseUrl: 'http://127.0.0.1:1234/v1' },
]

const ANSWER_WITHIN_MS = 1_000

/** Which of them answer now with models to offer. */
export async function findLocalServers(places: readonly LocalServer[], clock: Clock): Promise<readonly LocalServer[]> {
  const answers = await Promise.all(places.map(async (place) => {
    try {
      const models = await listModels({ baseUrl: place.baseUrl, apiKey: null, remedies: settingsRemedies, clock }, ANSWER_WITHIN_MS)
      return models.length > 0
    } catch {
      return false // nobody there, or somebody else: both are usual
    }
  }))
  return places.filter((_, i) => answers[i] === true)
}
