/** The agents this server offers. */
import type { AgentList } from '../../shared/protocol.ts'
import type { Agent } from './agent.ts'

export interface AgentRegistry {
  /** Every agent as it is now, in the order given, and which one answers where nobody chose. */
  list(): AgentList
  get(id: string): Agent | undefined
  readonly default: string
}

/** `defaultId` must be the id of one of `agents`, and ids must differ; throws otherwise. */
export function createAgentRegistry(agents: readonly Agent[], defaultId: string): AgentRegistry {
  const byId = new Map(agents.map((agent) => [agent.describe().id, agent]))
  if (byId.size !== agents.length) throw new Error('Two agents have the same id')
  if (!byId.has(defaultId)) throw new Error(`The default agent "${defaultId}" is not among ${[...byId.keys()].join(', ')}`)
  return {
    list: () => ({ agents: agents.map((agent) => agent.describe()), default: defaultId }),
    get: (id) => byId.get(id),
    default: defaultId,
  }
}
