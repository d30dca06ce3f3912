/** Lives one world after the other until so many faults have struck, or until one breaks a promise. */
import { planOf } from './plans.ts'
import type { FaultKind } from './weather.ts'
import { live } from './world.ts'

export interface Tally {
  worlds: number
  faults: number
  runs: number
  /** Times that a page drew. */
  commits: number
  readonly byKind: Partial<Record<FaultKind, number>>
}

export interface Broken {
  readonly world: number
  readonly violations: readonly string[]
}

/** fetch-event-source asks these of a browser; answers how to take them away again. */
export function pretendToBeABrowser(): () => void {
  const before = { window: Reflect.get(globalThis, 'window') as unknown, document: Reflect.get(globalThis, 'document') as unknown }
  Object.assign(globalThis, { window: { clearTimeout, setTimeout }, document: { removeEventListener: () => undefined } })
  return () => void Object.assign(globalThis, before)
}

/** Worlds are numbered; the number is the seed of its plan and of all that happens in it. Told after each world. */
export async function search(from: number, step: number, faults: number, told: (tally: Tally) => void = () => undefined): Promise<{ readonly tally: Tally; readonly broken: Broken | null }> {
  const tally: Tally = { worlds: 0, faults: 0, runs: 0, commits: 0, byKind: {} }
  for (let world = from; tally.faults < faults; world += step) {
    const lived = await live(planOf(world))
    tally.worlds += 1
    tally.runs += lived.runs
    tally.commits += lived.commits
    for (const [kind, count] of lived.faults) {
      tally.faults += count
      tally.byKind[kind] = (tally.byKind[kind] ?? 0) + count
    }
    if (lived.violations.length > 0) return { tally, broken: { world, violations: lived.violations } }
    told(tally)
  }
  return { tally, broken: null }
}

export function explainBroken({ world, violations }: Broken): string {
  return `world ${world} broke a promise:\n  ${violations.join('\n  ')}\nrepeat it:  npm run soak:sim -- --world ${world}\nmake it small:  npm run soak:sim -- --world ${world} --shrink`
}

export function explainTally({ worlds, faults, runs, commits, byKind }: Tally): string {
  const kinds = Object.entries(byKind).toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${count} × ${kind}`)
  return `${faults} faults struck in ${worlds} worlds with ${runs} runs, and pages drew ${commits} times (${kinds.join(', ')})`
}
