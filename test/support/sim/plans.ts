/** Plans for the simulated world: a climate, and what people do and what strikes, step by step. fast-check makes them from a seed, and shrinks those that fail. */
import fc from 'fast-check'
import { writes } from './machine.ts'
import type { AnswerFault } from './network.ts'
import type { Write } from './machine.ts'
import type { Climate } from './weather.ts'

export const PAGES = 3

/** What a person does, on one of the pages. `pick` says to which message, branch or question. */
export const deeds = [
  'send', 'send in a new chat', 'stop', 'retry', 'edit', 'go on', 'look at another branch', 'answer a question', 'switch chats', 'send again',
  'edit what waits', 'move what waits', 'remove what waits', 'send now', 'steer', 'let the queue go on', 'show', 'go online', 'open',
] as const
export type Deed = (typeof deeds)[number]
const mishaps = ['reload', 'close', 'hide', 'go offline', 'stir'] as const

/** What a person does. */
export interface DeedStep {
  readonly do: Deed
  readonly page: number
  readonly pick: number
  readonly waitMs: number
}

export type Step = DeedStep | ({ readonly waitMs: number } & (
  | { readonly do: (typeof mishaps)[number]; readonly page: number; readonly pick: number }
  | { readonly do: 'cut'; readonly page: number; readonly how: 'fin' | 'rst'; readonly bytes: number }
  | { readonly do: 'swallow'; readonly page: number; readonly ms: number }
  | { readonly do: 'spoil'; readonly page: number; readonly fault: AnswerFault }
  | { readonly do: 'kill' | 'shut down' | 'freeze' | 'rival' | 'outage'; readonly ms: number }
  | { readonly do: 'fail a write'; readonly write: Write; readonly how: 'lost' | 'landed' }
))

export function isDeed(step: Step): step is DeedStep {
  return (deeds as readonly string[]).includes(step.do)
}

export interface Plan {
  /** For all that the plan does not say. */
  readonly seed: number
  readonly climate: Climate
  readonly steps: readonly Step[]
  /** So long the weather stays as it is behind the last step, while people wait and help: most runs live through it. */
  readonly stormMs: number
}

const page = fc.nat({ max: PAGES - 1 })
const pick = fc.nat({ max: 1_000 })
const waitMs = fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 60 }) }, { weight: 10, arbitrary: fc.nat({ max: 1_500 }) }, { weight: 2, arbitrary: fc.nat({ max: 15_000 }) })
const ms = (max: number) => fc.nat({ max })
const on = <D extends Deed | (typeof mishaps)[number]>(...some: D[]) => fc.record({ do: fc.constantFrom(...some), page, pick, waitMs })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: on('send') },
  { weight: 12, arbitrary: on(...deeds.filter((deed) => deed !== 'send')) },
  { weight: 5, arbitrary: on(...mishaps) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), page, how: fc.constantFrom('fin' as const, 'rst' as const), bytes: ms(400), waitMs }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('swallow' as const), page, ms: ms(60_000), waitMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('spoil' as const), page, fault: fc.constantFrom('lost' as const, 'unsent' as const, 502 as const, 503 as const, 'html' as const), waitMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'shut down' as const, 'freeze' as const, 'rival' as const, 'outage' as const), ms: ms(20_000), waitMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail a write' as const), write: fc.constantFrom(...writes), how: fc.constantFrom('lost' as const, 'landed' as const), waitMs }) },
)

/** Mostly dry: a shrunk plan has only the weather that it needs. */
const chance = (max: number) => fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: fc.nat({ max: Math.round(max * 100) }).map((percent) => percent / 100) })
const climate: fc.Arbitrary<Climate> = fc.record({
  cut: chance(1), hole: chance(0.8), answer: chance(0.6), write: chance(0.8), read: chance(0.25), crash: chance(0.04), slow: chance(0.8),
})

/** Without bias to small ones: a world in which little happens tells little. */
export const plans: fc.Arbitrary<Plan> = fc.noBias(fc.record({ seed: fc.nat(), climate, steps: fc.array(step, { maxLength: 50, size: 'max' }), stormMs: ms(120_000) }))

/** The plan of the world with this number: the first that fast-check makes of it. */
export function planOf(world: number): Plan {
  const [plan] = fc.sample(plans, { seed: world, numRuns: 1 })
  if (plan === undefined) throw new Error('fast-check gave no plan')
  return plan
}
