import { AgentError } from '../../../src/server/agents/agent.ts'
import type { AgentEvent } from '../../../src/server/agents/agent.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import type { AgentScript } from '../../support/scripted-agent.ts'
import { ask, describeAgentConformance } from './conformance.ts'
import type { Scene } from './conformance.ts'

const used: AgentEvent = { type: 'used', modelCalls: 1 }
const toolStarted: AgentEvent[] = [
  { type: 'part.started', part: 'tool', kind: 'tool', name: 'add', call: 'c1' },
  { type: 'part.delta', part: 'tool', field: 'input', text: '{"a":1,' },
  { type: 'part.delta', part: 'tool', field: 'input', text: '"b":2}' },
]
const huge = 'x'.repeat(10_000_000)

/** The suite's own suite: the double keeps the rules that it lets others be tested by. */
const scripts: Record<Scene, AgentScript> = {
  async *text() {
    yield used
    yield* says('Hello ', 'world')
  },
  async *thinking() {
    yield { type: 'part.started', part: 'thought', kind: 'thinking' }
    yield { type: 'part.delta', part: 'thought', text: 'Hm.' }
    yield { type: 'part.ended', part: 'thought', state: 'done' }
    yield* says('Hello')
  },
  async *tool() {
    yield* toolStarted
    yield { type: 'part.ended', part: 'tool', state: 'done', output: '3' }
    yield* says('3')
  },
  async *'tool-failure'() {
    yield* toolStarted
    yield { type: 'part.ended', part: 'tool', state: 'failed', error: 'too small' }
    yield* says('Sorry')
  },
  async *approval(_input, context) {
    yield* toolStarted
    const { decision } = await context.approve({ part: 'tool', question: 'Add?', input: '{"a":1,"b":2}', options: ['approve', 'deny'] })
    if (decision === 'approve') yield { type: 'part.ended', part: 'tool', state: 'done', output: '3' }
    else yield { type: 'part.ended', part: 'tool', state: 'denied' }
  },
  async *failure() {
    yield { type: 'part.started', part: 'answer', kind: 'text' }
    yield { type: 'part.delta', part: 'answer', text: 'Hello wor' }
    throw new AgentError({ code: 'scripted', message: 'The script says so. Retry.', retryable: true })
  },
  async *silence(_input, { signal }) {
    yield { type: 'part.started', part: 'answer', kind: 'text' }
    yield { type: 'part.delta', part: 'answer', text: 'Hello wor' }
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  },
  async *huge() {
    yield* says(huge)
  },
  async *'half-emoji'() {
    yield* says('\ud83d', '\ude00', '👩\u200d', '🚀')
  },
}

describeAgentConformance('a scripted agent', {
  scenes: Object.keys(scripts) as Scene[],
  open: async (scene) => ({
    agent: createScriptedAgent(scripts[scene]),
    input: ask('Hi'),
    ...(scene === 'half-emoji' && { text: '😀👩‍🚀' }),
    leftovers: () => 0,
    close: async () => {},
  }),
})
