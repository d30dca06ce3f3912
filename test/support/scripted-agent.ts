/** An agent that says what a test's generator yields. */
import type { AgentInfo } from '../../src/shared/protocol.ts'
import type { Agent, AgentContext, AgentEvent, AgentInput } from '../../src/server/agents/agent.ts'

export type AgentScript = (input: AgentInput, context: AgentContext) => AsyncIterable<AgentEvent>

export interface ScriptedAgent extends Agent {
  /** What each run was given, oldest first. */
  readonly inputs: readonly AgentInput[]
  /** The contexts that go with them: a test looks here whether the signal aborted. */
  readonly contexts: readonly AgentContext[]
  /** Replaces the script for later runs. */
  script(script: AgentScript): void
}

/** `id` is 'scripted' unless `info` says otherwise; ready, and can do approvals. */
export function createScriptedAgent(script: AgentScript, info: Partial<AgentInfo> = {}): ScriptedAgent {
  const inputs: AgentInput[] = []
  const contexts: AgentContext[] = []
  let current = script
  return {
    inputs,
    contexts,
    describe: () => ({
      id: 'scripted',
      title: 'Scripted',
      models: [{ id: 'scripted-model', title: 'Scripted' }],
      can: { steer: false, approvals: true, resume: false, files: false },
      ready: true,
      ...info,
    }),
    run(input, context) {
      inputs.push(input)
      contexts.push(context)
      return current(input, context)
    },
    script(next) {
      current = next
    },
  }
}

/** The events of one text part, one delta per string: `yield* says('Hello ', 'world')`. */
export function* says(...deltas: string[]): Generator<AgentEvent, void> {
  yield { type: 'part.started', part: 'answer', kind: 'text' }
  for (const text of deltas) yield { type: 'part.delta', part: 'answer', text }
  yield { type: 'part.ended', part: 'answer', state: 'done' }
}
