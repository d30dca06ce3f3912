import { createOpenAIAgent } from '../../../../src/server/agents/openai/openai-agent.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { createScriptedProvider, delay, eof, finish, raw, reasoning, stall, text, toolCall } from '../../../support/scripted-provider.ts'
import type { ProviderStep } from '../../../support/scripted-provider.ts'
import { ask, describeAgentConformance } from '../conformance.ts'
import type { Scene } from '../conformance.ts'

const huge = 'x'.repeat(10_000_000)
const emoji = '😀👩‍🚀 é \u0000 \ufeff end'
const delta = Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: '👍🏽' } }] })}\n\n`)
const middle = delta.indexOf(Buffer.from('👍')) + 2

/** What the provider does in the first and in any later round of a run. */
const scenes: Partial<Record<Scene, readonly [ProviderStep[], ProviderStep[]?]>> = {
  text: [[text('Hel', 'lo ', 'wor', 'ld'), finish()]],
  thinking: [[reasoning('Hm', '. '), text('Hel', 'lo'), finish()]],
  tool: [[toolCall('calculator', ['{"expre', 'ssion":"12*7"}']), finish('tool_calls')], [text('It is ', '84'), finish()]],
  'tool-failure': [[toolCall('calculator', ['{"expression":', '"1/0"}']), finish('tool_calls')], [text('That ', 'fails'), finish()]],
  failure: [[text('Hel', 'lo wor'), eof()]],
  silence: [[text('Hel'), stall()]],
  huge: [[text(huge), finish()]],
  'half-emoji': [[
    text(...emoji), // by code points
    text(...'😀'), text('\ud83d'), text('\ude00'),
    // In the middle of a character's bytes, so late that it is a chunk of its own.
    raw(delta.subarray(0, middle)), delay(20), raw(delta.subarray(middle)),
    finish(),
  ]],
}

const texts: Partial<Record<Scene, string>> = { text: 'Hello world', thinking: 'Hello', failure: 'Hello wor', huge, 'half-emoji': `${emoji}😀😀👍🏽` }

describeAgentConformance('the openai agent', {
  scenes: Object.keys(scenes) as Scene[],
  async open(scene) {
    const script = scenes[scene]
    const provider = await createScriptedProvider()
    const clock = createManualClock()
    provider.script((request) => (request.body?.messages.at(-1)?.role === 'tool' ? script?.[1] : script?.[0]) ?? null)
    const whole = texts[scene]
    return {
      agent: createOpenAIAgent({ baseUrl: provider.url, model: 'scripted-model', clock }),
      input: ask('Hi'),
      ...(whole !== undefined && { text: whole }),
      leftovers: () => clock.pending() + provider.openCalls(),
      close: () => provider.close(),
    }
  },
})
