/** The short form of `npm run soak:chaos`. */
import { expect, test } from 'vitest'
import { seedOf } from '../support/seed.ts'
import { describeReport, storm } from './storm.ts'

test('thirty runs under cuts, resets, black holes and two SIGKILLs: nothing lost, nothing twice, nobody stuck', { timeout: 180_000 }, async () => {
  const report = await storm({ seed: seedOf('storm'), runs: 30, atOnce: 8, kills: 2, watchersPerRun: 2 })
  console.info(describeReport(report))
  expect(report.violations).toEqual([])
  expect(report.kills).toBe(2)
  expect(report.connections).toBeGreaterThan(60)
})
