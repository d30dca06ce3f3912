/** The agents this server offers now. Who is among them may change while it runs. */
import type { Agent, AgentRegistry } from './agent.ts'

/** `defaultId` must be the id of one of `agents`, and ids must differ; throws otherwise. */
export function createAgentRegistry(first: readonly Agent[], firstDefault: string): AgentRegistry {
  let offered = check(first, firstDefault)
  const listeners = new Set<() => void>()
  const touched = () => {
    for (const listener of listeners) listener()
  }
  return {
    list: () => ({ agents: [...offered.byId.values()].map((agent) => agent.describe()), default: offered.defaultId }),
    get: (id) => offered.byId.get(id),
    get default() {
      return offered.defaultId
    },
    offer(agents, defaultId) {
      offered = check(agents, defaultId)
      touched()
    },
    touched,
    follow(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function check(agents: readonly Agent[], defaultId: string): { readonly byId: ReadonlyMap<string, Agent>; readonly defaultId: string } {
  const byId = new Map(agents.map((agent) => [agent.describe().id, agent]))
  if (byId.size !== agents.length) throw new Error('Two agents have the same id')
  if (!byId.has(defaultId)) throw new Error(`The default agent "${defaultId}" is not among ${[...byId.keys()].join(', ')}`)
  return { byId, defaultId }
}
