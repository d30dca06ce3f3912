/**
 * `npm run soak:sim [-- --faults 1000000] [--processes 2] [--seed 1]`: simulated worlds until so many faults have struck. Progress as it goes; a broken promise ends
 * it with the number of its world. `--world <n>` lives through one world again; with `--shrink` its plan is made as small as it can be while it still breaks.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { plans, planOf } from '../support/sim/plans.ts'
import { explainBroken, explainTally, pretendToBeABrowser, search } from '../support/sim/search.ts'
import type { Broken, Tally } from '../support/sim/search.ts'
import { live } from '../support/sim/world.ts'

type Word = { readonly tally: Tally } | { readonly tally: Tally; readonly broken: Broken | null; readonly done: true }

const { values } = parseArgs({
  options: { faults: { type: 'string' }, processes: { type: 'string' }, seed: { type: 'string' }, world: { type: 'string' }, shrink: { type: 'boolean' }, from: { type: 'string' }, step: { type: 'string' } },
})
const say = (line: string) => void process.stdout.write(`${line}\n`)
const wanted = Number(values.faults ?? 1_000_000)

if (values.from !== undefined) await searchForParent(Number(values.from), Number(values.step))
else if (values.world !== undefined) await repeat(Number(values.world))
else await soak(Number(values.processes ?? 2), Number(values.seed ?? Math.floor(Math.random() * 0x3fffffff)))

/** One of several processes. */
async function searchForParent(from: number, step: number): Promise<void> {
  pretendToBeABrowser()
  const tell = (word: Word) => void process.send?.(word)
  const { tally, broken } = await search(from, step, wanted, (so) => tell({ tally: so }))
  tell({ tally, broken, done: true })
}

async function repeat(world: number): Promise<void> {
  pretendToBeABrowser()
  if (values.shrink === true) {
    const found = await fc.check(
      fc.asyncProperty(plans, async (plan) => {
        const { violations } = await live(plan)
        if (violations.length > 0) throw new Error(violations.join('\n'))
      }),
      { seed: world, numRuns: 1, interruptAfterTimeLimit: 600_000 },
    )
    say(found.failed ? `${JSON.stringify(found.counterexample?.[0], null, 1)}\n${found.errorInstance instanceof Error ? found.errorInstance.message : ''}` : 'no promise broken')
    return
  }
  const { violations, faults, runs } = await live(planOf(world))
  say(violations.length > 0 ? explainBroken({ world, violations }) : `world ${world}: no promise broken, ${[...faults.values()].reduce((sum, count) => sum + count, 0)} faults, ${runs} runs`)
  process.exitCode = violations.length > 0 ? 1 : 0
}

async function soak(processes: number, seed: number): Promise<void> {
  say(`${wanted} faults from world ${seed} on, in ${processes} processes`)
  const startedAt = performance.now()
  const tallies = Array.from({ length: processes }, (): Tally => ({ worlds: 0, faults: 0, runs: 0, commits: 0, byKind: {} }))
  const total = () => tallies.reduce<Tally>((sum, tally) => ({
    worlds: sum.worlds + tally.worlds, faults: sum.faults + tally.faults, runs: sum.runs + tally.runs, commits: sum.commits + tally.commits,
    byKind: Object.fromEntries([...new Set([...Object.keys(sum.byKind), ...Object.keys(tally.byKind)])].map((kind) => [kind, ((sum.byKind as Record<string, number>)[kind] ?? 0) + ((tally.byKind as Record<string, number>)[kind] ?? 0)])),
  }), { worlds: 0, faults: 0, runs: 0, commits: 0, byKind: {} })
  const seconds = () => Math.round((performance.now() - startedAt) / 1_000)
  const progress = setInterval(() => say(`${seconds()} s: ${explainTally(total())}`), 30_000)
  const broken = await Promise.all(tallies.map((_, index) => new Promise<Broken | null>((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--from', String(seed + index), '--step', String(processes), '--faults', String(Math.ceil(wanted / processes))], { execArgv: ['--import', 'tsx'] })
    child.on('message', (word: Word) => {
      tallies[index] = word.tally
      if (!('done' in word)) return
      resolve(word.broken)
      if (word.broken !== null) say(explainBroken(word.broken))
      child.disconnect()
    })
    child.on('exit', (code) => reject(new Error(`a process of the soak left with ${code}`)))
  })))
  clearInterval(progress)
  say(`${seconds()} s in all: ${explainTally(total())}`)
  const found = broken.filter((one) => one !== null)
  say(found.length === 0 ? 'no promise broken' : `broken in the worlds ${found.map(({ world }) => world).join(', ')}`)
  process.exitCode = found.length === 0 ? 0 : 1
}
