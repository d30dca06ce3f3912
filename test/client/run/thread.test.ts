/** Two runs of one thread in a tab, and one run in two tabs: every interleaving with the server and the person. */
import { expect, test } from 'vitest'
import { step } from '../../../src/client/run/step.ts'
import type { Machine } from './step-model.ts'
import { brokenBy, choices, comesToRest, keyOf, threadWorld } from './thread-model.ts'
import type { ThreadWorld } from './thread-model.ts'

const DEPTH = Number(process.env['EXPLORE_THREAD_DEPTH'] ?? 8)

interface Setting {
  readonly tabs: number
  readonly runs: number
}

/** Two ways to worlds alike go on alike, so a world is walked from once, where it is met first. */
function explore({ tabs, runs }: Setting, depth: number, machine: Machine = step) {
  let level: { readonly world: ThreadWorld; readonly path: string }[] = [{ world: threadWorld(tabs), path: '' }]
  const seen = new Set(level.map(({ world }) => keyOf(world)))
  const restful = new Set<string>()
  let steps = 0
  for (let at = 1; at <= depth; at++) {
    const next: typeof level = []
    for (const { world, path } of level) {
      for (const choice of choices(world, runs, machine)) {
        const after = choice.take(world)
        const way = `${path} → ${choice.name}`
        steps += 1
        if (typeof after === 'string') return { steps, worlds: seen.size, broke: `${after}:${way}` }
        const key = keyOf(after)
        if (seen.has(key)) continue
        seen.add(key)
        const broke = brokenBy(world, after) ?? comesToRest(after, restful, machine)
        if (broke !== null) return { steps, worlds: seen.size, broke: `${broke}:${way}` }
        next.push({ world: after, path: way })
      }
    }
    level = next
  }
  return { steps, worlds: seen.size, broke: null }
}

const settings: Record<string, Setting> = {
  'two runs on one thread': { tabs: 1, runs: 2 },
  'one run in two tabs': { tabs: 2, runs: 1 },
}

test.each(Object.entries(settings))(`%s: every sequence of happenings to depth ${DEPTH} keeps the invariants, and comes to rest`, { timeout: 240_000 }, (name, setting) => {
  const { steps, worlds, broke } = explore(setting, DEPTH)
  console.info(`explored all sequences of ${DEPTH} happenings around ${name}: ${worlds} distinct worlds, ${steps} steps from them`)
  expect(broke).toBeNull()
})

// A checker that sees nothing also passes: each of these machines breaks one rule and must be caught.
const brokenMachines: Record<string, Machine> = {
  'goes on streaming when another run has followed': (state, event) => (event.type === 'displaced' ? [state, []] : step(state, event)),
  'takes a run for saved that is not': (state, event) => step(state, event.type === 'checked' && event.result.kind === 'missing' ? { ...event, result: { kind: 'stale' } } : event),
  'streams while it is hidden': (state, event) => (event.type === 'paused' ? [state, []] : step(state, event)),
  'is not woken by what it was told to wait for': (state, event) => (event.type === 'woke' ? [state, []] : step(state, event)),
}
test.each(Object.entries(brokenMachines))('the exploration catches a machine that %s', (_name, machine) => {
  expect(explore({ tabs: 1, runs: 2 }, 6, machine).broke).not.toBeNull()
})
