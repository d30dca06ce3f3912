/** What each write to the agents that people set up decides; same rules as transactions.ts. */
import { fromStoredAgent } from './records.ts'
import type { StoredAgent } from './storage.ts'
import type { Tables } from './tables.ts'
import { unchanged } from './thread-rows.ts'
import type { Done } from './thread-rows.ts'

export function putAgent(tables: Tables, agent: StoredAgent): Done<null> {
  tables.putAgent(fromStoredAgent(agent))
  return unchanged(null)
}

export function removeAgent(tables: Tables, input: { readonly id: string }): Done<boolean> {
  return unchanged(tables.removeAgent(input.id))
}
