import fc from 'fast-check'
import { expect, test } from 'vitest'
import { admits, currentAttempt, isFinal, wakeAt } from '../../../src/client/run/state.ts'
import type { RunMachineEvent, RunState } from '../../../src/client/run/state.ts'
import { begin, SILENCE_MS, step } from '../../../src/client/run/step.ts'
import { keyOf, live, possible } from './step-model.ts'
import { recordRun } from '../../support/recorded-run.ts'
import { seedOf } from '../../support/seed.ts'
import type { Machine, World } from './step-model.ts'

const recorded = recordRun()
const at = (now: number, random = 0.5) => ({ now, random })
const DEPTH = Number(process.env['EXPLORE_DEPTH'] ?? 8)

function worldOf(pauses: Parameters<typeof begin>[0] = []): World {
  const [state, effects] = begin(pauses, at(0))
  return { state, now: 0, open: effects[0]?.type === 'connect' ? effects[0].attempt : null, checks: 0, finals: 0, stopsUnderWay: 0 }
}

test(`every sequence of events to depth ${DEPTH} keeps the invariants that can be told from states and effects`, { timeout: 240_000 }, () => {
  const { steps, worlds, kinds, deepest, broke } = explore(DEPTH, step)
  console.info(`explored all sequences of ${DEPTH} events: ${worlds} distinct worlds, ${steps} steps from them, the last new world at depth ${deepest} ${JSON.stringify(kinds)}`)
  expect(broke).toBeNull()
  expect(Object.keys(kinds).sort()).toEqual(['connecting', 'failed', 'logged-out', 'paused', 'settled', 'settling', 'streaming', 'superseded', 'waiting'])
})

// A checker that sees nothing also passes: each of these machines breaks one rule and must be caught.
const brokenMachines: Record<string, Machine> = {
  'lets in news of an older attempt': (state, event) => step(state, 'attempt' in event ? { ...event, attempt: currentAttempt(state) ?? event.attempt } : event),
  'lets in the answer of an older check': (state, event) => step(state, 'check' in event && state.kind === 'settling' ? { ...event, check: state.check } : event),
  'takes a close for the end': (state, event) => step(state, event.type === 'lost' ? { ...event, type: 'ended' } : event),
  'forgets to hang up': (state, event) => {
    const [next, effects] = step(state, event)
    return [next, effects.filter((effect) => effect.type !== 'disconnect')]
  },
  'finalizes twice': (state, event) => {
    const [next, effects] = step(state, event)
    return [next, [...effects, ...effects.filter((effect) => effect.type === 'finalize')]]
  },
  'forgets other reasons to pause': (state, event) => {
    const [next, effects] = step(state, event)
    return event.type === 'resumed' && state.kind === 'paused' && next.kind === 'paused' ? begin([], event) : [next, effects]
  },
  'waits for ever for a check': (state, event) => {
    const [next, effects] = step(state, event)
    return [next.kind === 'settling' && next.checkAt === null ? { ...next, deadlineAt: null } : next, effects]
  },
  'sends Stop on every press': (state, event) => {
    const [next, effects] = step(state, event)
    return event.type === 'stop-requested' && 'memory' in next ? [next, [{ type: 'send-stop' }]] : [next, effects]
  },
}
test.each(Object.entries(brokenMachines))('the exploration catches a machine that %s', (_name, machine) => {
  expect(explore(5, machine).broke).not.toBeNull()
})

/**
 * Walks every sequence. Two that lead to worlds alike go on alike, so a world is walked from once, where it is met first: there most of the depth is left.
 */
function explore(depth: number, machine: Machine) {
  let level = [worldOf(), worldOf(['hidden']), worldOf(['offline'])]
  const seen = new Set(level.map(keyOf))
  const kinds: Record<string, number> = {}
  let steps = 0
  let deepest = 0
  for (let at = 1; at <= depth; at++) {
    const next: World[] = []
    for (const world of level) {
      for (const event of possible(world)) {
        const after = live(world, event, machine)
        steps += 1
        if (typeof after === 'string') return { steps, worlds: seen.size, kinds, deepest, broke: `${after}\n${JSON.stringify(world)}\n${JSON.stringify(event)}` }
        const key = keyOf(after)
        if (seen.has(key)) continue
        seen.add(key)
        next.push(after)
        deepest = at
        kinds[after.state.kind] = (kinds[after.state.kind] ?? 0) + 1
      }
    }
    level = next
  }
  return { steps, worlds: seen.size, kinds, deepest, broke: null }
}

test('random walks of up to 200 events keep them too', () => {
  const seed = seedOf('random walks of up to 200 events')
  fc.assert(
    fc.property(fc.array(fc.record({ pick: fc.nat(), wait: fc.nat({ max: 30_000 }), random: fc.double({ min: 0, max: 0.999, noNaN: true }) }), { maxLength: 200 }), (choices) => {
      let world = worldOf()
      for (const { pick, wait, random } of choices) {
        const events = possible(world)
        const event = events[pick % events.length] as RunMachineEvent
        const after = live(world, { ...event, now: Math.max(event.now, world.now + wait), random })
        if (typeof after === 'string') throw new Error(`${after}\n${JSON.stringify(world)}\n${JSON.stringify(event)}`)
        world = after
      }
    }),
    { seed, numRuns: 1_000 },
  )
})

test('whatever happened to a run that settles, and however many of its checks are never answered: by its timer alone it looks again and comes to rest', () => {
  const seed = seedOf('by its timer alone')
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 60 }), fc.array(fc.boolean(), { maxLength: 8 }), (picks, silent) => {
      let world = mustLive(worldOf(), { type: 'displaced', ...at(0) })
      for (const pick of picks) {
        const events = possible(world).filter((event) => event.type !== 'checked')
        world = mustLive(world, events[pick % events.length] as RunMachineEvent)
      }
      // From here on it is calm: no feed, no person, no page says a word. Only the clock goes on, and checks are answered, or not.
      const patience = silent.length + 1
      for (let looks = 0; looks <= patience && !isFinal(world.state);) {
        if (world.state.kind !== 'settling') throw new Error(`left in ${world.state.kind}`)
        if (world.state.checkAt === null && silent.pop() !== true) world = mustLive(world, { type: 'checked', check: world.state.check, result: { kind: 'restored', run: recorded.row(), messages: recorded.messages() }, ...at(world.now) })
        else {
          if (world.state.checkAt !== null) looks += 1
          world = mustLive(world, { type: 'woke', ...at(Math.max(world.now, wakeAt(world.state) ?? Number.NaN)) })
        }
      }
      expect(world.state.kind).toBe('settled')
    }),
    { seed, numRuns: 1_000 },
  )
})

test('the machine never gets stuck: left alone with a server that answers, it settles from every state that wants to', () => {
  const seed = seedOf('the machine never gets stuck')
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 60 }), (picks) => {
      let world = worldOf()
      for (const pick of picks) {
        const events = possible(world)
        const after = live(world, events[pick % events.length] as RunMachineEvent)
        if (typeof after === 'string') throw new Error(after)
        world = after
      }
      for (const reason of ['hidden', 'offline', 'leader-elsewhere'] as const) world = mustLive(world, { type: 'resumed', reason, ...at(world.now) })
      world = mustLive(world, { type: 'logged-in', ...at(world.now) })
      for (let turn = 0; turn < 10 && !isFinal(world.state); turn++) world = mustLive(world, helpful(world))
      expect(isFinal(world.state)).toBe(true)
    }),
    { seed, numRuns: 1_000 },
  )
})

function mustLive(world: World, event: RunMachineEvent): World {
  const after = live(world, event)
  if (typeof after === 'string') throw new Error(after)
  return after
}

/** What a healthy page and server would do next. */
function helpful({ state, now }: World): RunMachineEvent {
  switch (state.kind) {
    case 'connecting':
      return { type: 'opened', attempt: state.attempt, ...at(now) }
    case 'streaming':
      return { type: 'ended', attempt: state.attempt, ...at(now) }
    case 'waiting':
      return { type: 'woke', ...at(state.retryAt) }
    case 'settling':
      if (state.checkAt !== null) return { type: 'woke', ...at(Math.max(now, state.checkAt)) }
      return { type: 'checked', check: state.check, result: { kind: 'stale' }, ...at(now) }
    case 'paused':
    case 'logged-out':
    case 'settled':
    case 'superseded':
    case 'failed':
      throw new Error(`left in ${state.kind}`)
    default:
      return state satisfies never
  }
}

test('waits longer after every failure in a row, up to 15 s, and begins anew after progress', () => {
  let [state] = begin([], at(0, 0))
  const waits: number[] = []
  let now = 0
  for (let failure = 0; failure < 9; failure++) {
    if (state.kind !== 'connecting') throw new Error(state.kind)
    ;[state] = step(state, { type: 'lost', attempt: state.attempt, reason: 'cut', now, random: 0.999_999 })
    if (state.kind !== 'waiting') throw new Error(state.kind)
    waits.push(state.retryAt - now)
    now = state.retryAt
    ;[state] = step(state, { type: 'woke', ...at(now) })
  }
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
  if (state.kind !== 'connecting') throw new Error(state.kind)
  const { attempt } = state
  ;[state] = step(state, { type: 'progressed', attempt, snapshot: false, news: true, ...at(now) })
  ;[state] = step(state, { type: 'lost', attempt, reason: 'cut', now, random: 0.999_999 })
  expect(state).toMatchObject({ kind: 'waiting', retryAt: now + 250 })
})

test('a server that says when to come back is obeyed, with the clients spread behind that time', () => {
  const [state] = begin([], at(0))
  const wait = (random: number) => {
    const [next] = step(state, { type: 'lost', attempt: 1, reason: '503', retryAfterMs: 5_000, now: 0, random })
    return next.kind === 'waiting' ? next.retryAt : null
  }
  expect(wait(0)).toBe(5_000)
  expect(wait(0.999_999)).toBe(10_000)
})

test('silence of two and a half heartbeats is a loss, and every byte puts it off', () => {
  let state: RunState = begin([], at(0))[0]
  ;[state] = step(state, { type: 'opened', attempt: 1, ...at(0) })
  ;[state] = step(state, { type: 'heard', attempt: 1, ...at(20_000) })
  ;[state] = step(state, { type: 'woke', ...at(SILENCE_MS) })
  expect(state.kind).toBe('streaming')
  ;[state] = step(state, { type: 'woke', ...at(20_000 + SILENCE_MS) })
  expect(state.kind).toBe('waiting')
})

test('a quiet run behind a proxy that cuts every minute is not taken for a failing server', () => {
  let state: RunState = begin([], at(0))[0]
  for (let minute = 0; minute < 10; minute++) {
    const now = minute * 60_000
    if (state.kind !== 'connecting') throw new Error(state.kind)
    const { attempt } = state
    ;[state] = step(state, { type: 'opened', attempt, ...at(now) })
    ;[state] = step(state, { type: 'heard', attempt, ...at(now + 10_000) })
    ;[state] = step(state, { type: 'lost', attempt, reason: 'EOF', now: now + 59_000, random: 0.999_999 })
    expect(state).toMatchObject({ kind: 'waiting', retryAt: now + 59_000 + 250 })
    ;[state] = step(state, { type: 'woke', ...at(now + 60_000) })
  }
})

test('being offline does not cut a stream that works, and bars a second try until it is over', () => {
  let state: RunState = begin([], at(0))[0]
  ;[state] = step(state, { type: 'opened', attempt: 1, ...at(0) })
  ;[state] = step(state, { type: 'paused', reason: 'offline', ...at(1) })
  expect(state.kind).toBe('streaming')
  ;[state] = step(state, { type: 'lost', attempt: 1, reason: 'cut', ...at(2) })
  expect(state.kind).toBe('paused')
  ;[state] = step(state, { type: 'resumed', reason: 'offline', ...at(3) })
  expect(state).toMatchObject({ kind: 'connecting', attempt: 2 })
})

test('the door is shut for everybody but the current attempt', () => {
  const [state] = begin([], at(0))
  expect(admits(state, { attempt: 1 })).toBe(true)
  expect(admits(state, { attempt: 0 })).toBe(false)
  expect(admits(state, { check: 1 })).toBe(false)
})
