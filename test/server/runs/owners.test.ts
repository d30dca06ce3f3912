/** Every interleaving of two servers, their store and a person around one run. */
import { expect, test } from 'vitest'
import { allIsWell, choices, firstWorld, keyOf, mustHold } from './owners-model.ts'
import type { Choice, Drive, World } from './owners-model.ts'
import type { Outcome } from '../../../src/shared/protocol.ts'

const DEPTH = Number(process.env['EXPLORE_OWNERS_DEPTH'] ?? 8)

type Act = (choice: Choice, world: World) => World

/** Two ways to worlds alike go on alike, so a world is walked from once, where it is met first. */
function explore(depth: number, act: Act = (choice, world) => choice.take(world)) {
  let level: { readonly world: World; readonly path: string }[] = [{ world: firstWorld, path: '' }]
  const seen = new Set([keyOf(firstWorld)])
  const outcomes = new Set<string>()
  const known = new Map<string, Outcome>()
  let steps = 0
  for (let at = 1; at <= depth; at++) {
    const next: typeof level = []
    for (const { world, path } of level) {
      for (const choice of choices(world)) {
        const way = path === '' ? choice.name : `${path} → ${choice.name}`
        steps += 1
        try {
          const after = act(choice, world)
          if (after === world) continue
          mustHold(world, after)
          const key = keyOf(after)
          if (seen.has(key)) continue
          seen.add(key)
          outcomes.add(allIsWell(after, known))
          next.push({ world: after, path: way })
        } catch (error) {
          return { steps, worlds: seen.size, outcomes: [...outcomes].toSorted(), broke: `${error instanceof Error ? error.message : String(error)}: ${way}` }
        }
      }
    }
    level = next
  }
  return { steps, worlds: seen.size, outcomes: [...outcomes].toSorted(), broke: null }
}

test(`two owners, Stop, crashes and a failing store keep the promises of a run in every order to depth ${DEPTH}`, { timeout: 240_000 }, () => {
  const { steps, worlds, outcomes, broke } = explore(DEPTH)
  console.info(`explored all sequences of ${DEPTH} happenings around two owners: ${worlds} distinct worlds, ${steps} steps from them`)
  expect(broke).toBeNull()
  expect(outcomes).toEqual(['cancelled', 'completed', 'failed', 'interrupted'])
})

const eachDrive = (world: World, change: (drive: Drive) => Drive): World => ({
  ...world, servers: world.servers.map((server) => (server.drive === null ? server : { ...server, drive: change(server.drive) })) as unknown as World['servers'],
})

// A checker that sees nothing also passes: each of these breaks one rule and must be caught.
const brokenWorlds: Record<string, Act> = {
  'lets a server write with whatever epoch is in force': (choice, world) => choice.take(choice.name.includes('writes') ? eachDrive(world, (drive) => ({ ...drive, epoch: world.rows.run?.epoch ?? 1 })) : world),
  'delivers what is not journaled': (choice, world) => eachDrive(choice.take(world), (drive) => ({ ...drive, committed: drive.state.recording.transcript })),
  'forgets a recorded Stop when it takes over': (choice, world) => {
    const { run } = world.rows
    if (run === undefined || !choice.name.includes('takes over')) return choice.take(world)
    const after = choice.take({ ...world, rows: { ...world.rows, run: { ...run, status: 'running' } }, servers: world.servers.map((server) => ({ ...server, claimed: server.claimed === null ? null : { ...server.claimed, stopped: false } })) as unknown as World['servers'] })
    return { ...after, rows: { ...after.rows, run } }
  },
  'leaves a start that landed and reported failure to itself': (choice, world) => {
    const after = choice.take(world)
    return choice.name.includes('starts: landed') ? { ...after, servers: world.servers } : after
  },
  'writes an outcome over another': (choice, world) => {
    const { run } = world.rows
    return choice.take(run?.outcome === 'failed' && choice.name.includes('keeps leases') ? { ...world, rows: { ...world.rows, run: { ...run, outcome: 'completed' } } } : world)
  },
}
test.each(Object.entries(brokenWorlds))('the exploration catches a world that %s', (_name, act) => {
  expect(explore(6, act).broke).not.toBeNull()
})
