import { listModels } from '../agents/openai/models.ts'
import { environmentRemedies } from '../agents/openai/provider-errors.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Finding } from './doctor.ts'

/** Asks each agent that is set up for its models, which costs nothing and needs the key to be right. */
export async function checkAgents({ openai }: Config): Promise<Finding[]> {
  if (openai === null) return [{ what: 'agents', state: 'good', says: 'the demo agent answers. Set OPENAI_BASE_URL to plug in a real one.' }]
  const what = `agent at ${openai.baseUrl}`
  try {
    const models = await listModels({ baseUrl: openai.baseUrl, apiKey: openai.apiKey, remedies: environmentRemedies, clock: systemClock })
    if (openai.model !== null && models.length > 0 && !models.includes(openai.model)) {
      return [{ what, state: 'bad', says: `has no model “${openai.model}”.`, remedy: `Set OPENAI_MODEL to one of ${models.slice(0, 8).join(', ')}${models.length > 8 ? ' …' : ''}.` }]
    }
    return [{ what, state: 'good', says: `answers, with ${models.length} ${models.length === 1 ? 'model' : 'models'}.` }]
  } catch (error) {
    return [{ what, state: 'bad', says: (error as Error).message, remedy: 'Check OPENAI_BASE_URL and OPENAI_API_KEY, and that the server there runs.' }]
  }
}
