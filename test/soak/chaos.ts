/** `npm run soak:chaos [-- --runs 1000 --kills 200 --seed 1]`: prints its figures; leaves with 1 if anything was lost, doubled or stuck. */
import { parseArgs } from 'node:util'
import { describeReport, storm } from './storm.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String((Math.random() * 0x7fffffff) | 0) },
  },
})
const seed = Number(values.seed)
const beganAt = Date.now()
console.info(`seed ${seed}`)
const report = await storm({ seed, runs: Number(values.runs), kills: Number(values.kills), atOnce: 8, watchersPerRun: 2, onProgress: (text) => console.info(text) })
console.info(`in ${Math.round((Date.now() - beganAt) / 60_000)} minutes: ${describeReport(report)}`)
process.exit(report.violations.length === 0 ? 0 : 1)
