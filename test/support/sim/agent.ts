/** An agent that does, at random, whatever agents do: think, call tools, ask, take up what is said to it, fail, say nothing, not listen. */
import { AgentError } from '../../../src/server/agents/agent.ts'
import type { Agent, AgentContext, AgentEvent } from '../../../src/server/agents/agent.ts'
import type { ManualClock } from '../manual-clock.ts'
import { createScriptedAgent } from '../scripted-agent.ts'

const words = ['Once ', 'upon ', 'a ', 'time, ', '👩‍👩‍👧 ', 'there\n\n', '\u0000', '**was** ', 'é', '\uFEFF', '`x` ', '🚀', '\uD83D', '\uDE80 ']

export function createMoodyAgent(clock: ManualClock, random: () => number): Agent {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const pause = (signal: AbortSignal | null) => new Promise<void>((resolve, reject) => {
    const leave = () => {
      cancel()
      reject(signal?.reason as Error)
    }
    const cancel = clock.after(random() < 0.95 ? random() * 60 : random() * 3_000, () => {
      signal?.removeEventListener('abort', leave)
      resolve()
    })
    signal?.addEventListener('abort', leave)
  })

  async function* say(part: string, kind: 'text' | 'thinking', signal: AbortSignal | null): AsyncGenerator<AgentEvent> {
    yield { type: 'part.started', part, kind }
    for (let left = Math.floor(random() * 16); left >= 0; left--) {
      if (random() < 0.6) await pause(signal)
      yield { type: 'part.delta', part, text: pick(words) }
    }
    yield { type: 'part.ended', part, state: 'done' }
  }

  async function* use(part: string, { signal, approve }: AgentContext): AsyncGenerator<AgentEvent> {
    yield { type: 'part.started', part, kind: 'tool', name: 'calculator', call: part }
    for (const text of ['{"expression":', '"1+', '1"}']) {
      await pause(signal)
      yield { type: 'part.delta', part, field: 'input', text }
    }
    if (random() < 0.4) {
      const { decision } = await approve({ part, question: 'May I?', input: '{"expression":"1+1"}', options: ['approve', 'deny'] })
      if (decision === 'deny') return yield { type: 'part.ended', part, state: 'denied' }
    }
    await pause(signal)
    yield { type: 'used', usage: { inputTokens: 3, outputTokens: 5 }, modelCalls: 1, toolCalls: 1 }
    yield { type: 'part.ended', part, state: 'done', output: '2' }
  }

  return createScriptedAgent(async function* (_input, context) {
    // One that does not listen goes on talking after Stop, until its time is over.
    const signal = random() < 0.1 ? null : context.signal
    const mood = random()
    await pause(signal)
    if (mood < 0.05) return
    if (random() < 0.4) yield* say('thought', 'thinking', signal)
    for (let round = 0; round < 2 && random() < 0.4; round++) yield* use(`tool-${round}`, context)
    yield* say('answer', 'text', signal)
    // What a person said meanwhile is answered too.
    for (let round = 0; round < 3 && context.steering().length > 0; round++) {
      yield { type: 'message.started', message: `answer-${round}` }
      yield* say(`more-${round}`, 'text', signal)
    }
    if (mood < 0.12) throw new AgentError({ code: 'provider_error', message: 'The provider said no.', retryable: true })
    if (mood < 0.17) await new Promise((_resolve, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason as Error)))
    if (mood < 0.25) {
      yield { type: 'message.started', message: 'second' }
      yield* say('last', 'text', signal)
    }
  }, { can: { steer: true, approvals: true, resume: false, files: false } })
}
