/** Which agent is talked to. */
import type { ThreadId } from '../../shared/ids.ts'
import type { AgentInfo } from '../../shared/protocol.ts'
import { remember } from './remember.ts'
import type { State } from './state.ts'
import { selectThread } from './thread-list.ts'

export interface Choice {
  readonly agent: AgentInfo
  readonly model: string | null
  /** The agent that was meant is not offered any more: this one answers instead. */
  readonly gone: boolean
}

const choices = new WeakMap<object, Map<string, Choice | null>>()

/** The agent and model that the next message in `thread` goes to: the person's choice, else the thread's, else the default. */
export function selectChoice(state: State, thread: ThreadId | null): Choice | null {
  const list = state.agents
  if (list === null) return null
  const known = selectThread(state, thread)
  const wanted = state.choice.agent ?? known?.agent ?? list.default
  const model = state.choice.agent === null ? (known?.model ?? null) : state.choice.model
  const made = remember(choices, list, () => new Map<string, Choice | null>())
  const key = `${wanted} ${model ?? ''}`
  const kept = made.get(key)
  if (kept !== undefined) return kept
  const agent = list.agents.find((one) => one.id === wanted) ?? list.agents.find((one) => one.id === list.default) ?? null
  const has = agent?.models.some((one) => one.id === model) === true
  const choice = agent === null ? null : { agent, model: has ? model : (agent.models[0]?.id ?? null), gone: agent.id !== wanted }
  made.set(key, choice)
  return choice
}
