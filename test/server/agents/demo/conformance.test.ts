import { createDemoAgent } from '../../../../src/server/agents/demo/demo-agent.ts'
import { markdownTour } from '../../../../src/server/agents/demo/markdown-tour.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { ask, describeAgentConformance } from '../conformance.ts'
import type { Scene } from '../conformance.ts'

const words: Record<Scene, string> = {
  text: 'how does Stop work?', thinking: 'think', tool: 'what is 12 * 7?', 'tool-failure': 'what is 1 / 0?', approval: 'approval', failure: 'fail',
  huge: 'long 10000', 'half-emoji': 'markdown rate 100000', silence: 'rate 1',
}

describeAgentConformance('the demo agent', {
  scenes: Object.keys(words) as Scene[],
  async open(scene) {
    const clock = createManualClock()
    return {
      agent: createDemoAgent({ clock }),
      input: ask(words[scene]),
      ...(scene === 'half-emoji' && { text: markdownTour }),
      pump: () => clock.advance(scene === 'huge' ? 1000 : 20),
      leftovers: () => clock.pending(),
      close: async () => {},
    }
  },
})
