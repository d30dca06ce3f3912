/**
 * An agent that does what the message says, as JSON, for the server that tests start:
 * `{ "pieces": 50, "everyMs": 5, "chars": 20 }` pours that many numbered pieces; with `"hold": true` it then waits until it is stopped.
 * `{ "effect": "<file>" }` calls a tool that adds a line to a file once there is one of that name with `.go` behind it, and the process dies
 * before the tool's result is recorded.
 */
import { appendFileSync, existsSync } from 'node:fs'

const pieceOf = ({ chars, name = '' }, i) => `${name}${i} `.padEnd(chars, '·')

/** The pieces that a plan pours, in order. @param {{ pieces: number, chars: number, name?: string }} plan */
export function piecesOf(plan) {
  return Array.from({ length: plan.pieces }, (_, i) => pieceOf(plan, i))
}

/** @returns {import('../../src/server/agents/agent.ts').Agent} */
export function createPlannedAgent() {
  return {
    describe: () => ({ id: 'planned', title: 'Planned', models: [], can: { steer: false, approvals: false, resume: false, files: false }, ready: true }),
    async *run({ messages }, { signal }) {
      const part = messages.at(-1)?.parts[0]
      const plan = JSON.parse(part?.kind === 'text' ? part.text : '{}')
      if (plan.effect !== undefined) {
        yield { type: 'part.started', part: 'tool', kind: 'tool', name: 'effect', call: 'effect' }
        yield { type: 'part.delta', part: 'tool', field: 'input', text: JSON.stringify(plan.effect) }
        while (!existsSync(`${plan.effect}.go`)) await new Promise((resolve) => setTimeout(resolve, 2))
        appendFileSync(plan.effect, 'done\n')
        process.kill(process.pid, 'SIGKILL')
        for (;;);
      }
      yield { type: 'part.started', part: 'answer', kind: 'text' }
      const since = Date.now()
      for (let i = 0; i < plan.pieces; i++) {
        if (signal.aborted) return
        yield { type: 'part.delta', part: 'answer', text: pieceOf(plan, i) }
        // Never owes time: a late timer is made up for, so that a plan takes as long as it says on a busy machine too.
        const ahead = since + (i + 1) * plan.everyMs - Date.now()
        if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead))
      }
      if (plan.hold === true) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    },
  }
}
