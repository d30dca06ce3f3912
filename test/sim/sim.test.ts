import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedOf } from '../support/seed.ts'
import { fairWeather } from '../support/sim/weather.ts'
import { planOf } from '../support/sim/plans.ts'
import { explainBroken, explainTally, pretendToBeABrowser, search } from '../support/sim/search.ts'
import { live } from '../support/sim/world.ts'

let leave = () => {}
beforeAll(() => { leave = pretendToBeABrowser() })
afterAll(() => leave())

/** About a minute of one core; `npm run soak:sim` lives through a million. */
const FAULTS = Number(process.env['SIM_FAULTS'] ?? 20_000)

test(`${FAULTS} faults in simulated worlds: nothing lost, nothing twice, nothing stuck`, { timeout: 1_800_000 }, async () => {
  const { tally, broken } = await search(seedOf('the simulated worlds') >>> 0, 1, FAULTS)
  process.stdout.write(`${explainTally(tally)}\n`)
  expect(broken === null ? null : explainBroken(broken)).toBeNull()
})

test('a world is the same each time, so that its number is all that is needed to repeat it', { timeout: 120_000 }, async () => {
  const [once, again] = [await live(planOf(7)), await live(planOf(7))]
  expect({ ...again, faults: [...again.faults] }).toEqual({ ...once, faults: [...once.faults] })
  expect(once.runs).toBeGreaterThan(0)
})

test('in fair weather all that is sent is answered, and no fault is counted', { timeout: 120_000 }, async () => {
  const send = (page: number, waitMs: number) => ({ do: 'send' as const, page, pick: 0, waitMs })
  const lived = await live({ seed: 1, climate: fairWeather, steps: [send(0, 5), send(0, 3_000), send(1, 100), send(2, 5_000)], stormMs: 0 })
  expect(lived).toMatchObject({ violations: [], runs: 4 })
  expect([...lived.faults]).toEqual([])
})
