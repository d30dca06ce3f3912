import { describe, expect, it } from 'vitest'
import { openRun, step } from '../../../src/server/runs/step.ts'
import type { RunEffect, RunInput, RunState } from '../../../src/server/runs/step.ts'
import type { ApprovalId } from '../../../src/shared/ids.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import { createRunStory } from '../../support/run-story.ts'

const started = createRunStory({ run: 'run-1' })
const DEPTH = 8

/** One of each thing that can happen to a run, by agent, person, clock, journal and server. */
const inputs: readonly RunInput[] = [
  { type: 'yielded', event: { type: 'part.started', part: 'a', kind: 'text' } },
  { type: 'yielded', event: { type: 'part.delta', part: 'a', text: 'word ' } },
  { type: 'yielded', event: { type: 'part.ended', part: 'a', state: 'done' } },
  { type: 'yielded', event: { type: 'part.started', part: 't', kind: 'tool', name: 'clock', call: 'c' } },
  { type: 'approval-wanted', request: { part: 't', question: 'May I?', input: '{}', options: ['approve', 'deny'] } },
  { type: 'approval-answered', approval: 'run-1-a1' as ApprovalId, decision: 'approve', by: 'user' },
  { type: 'returned' },
  { type: 'threw', error: { code: 'x', message: 'y', retryable: false } },
  { type: 'stop', by: 'user' },
  { type: 'grace-over' },
  { type: 'woke' },
  { type: 'lost', reason: 'shutdown' },
  { type: 'fenced' },
]

interface World {
  readonly state: RunState
  /** Journaled so far. */
  readonly events: number
  readonly ended: boolean
  readonly stopped: boolean
  readonly path: string
}

/** Each step is 50 ms behind the one before, longer than text is held: instants do not count. */
const keyOf = ({ state, events, ended, stopped }: World) =>
  JSON.stringify([state, events, ended, stopped], (name, value: unknown) => (typeof value === 'number' && /At$|^at$/.test(name) ? 0 : value))

function live({ state, events, ended, stopped, path }: World, input: RunInput, now: number): World {
  const way = `${path} → ${input.type}`
  // Plain checks: so many of vitest's expectations would take minutes.
  const must = (holds: boolean, promise: string) => {
    if (!holds) throw new Error(`${promise}: broken by ${way}`)
  }
  const [next, effects] = step(state, input, now)
  const written = effects.flatMap((effect) => (effect.type === 'append' || effect.type === 'end' ? effect.events : []))
  const ends = effects.filter((effect) => effect.type === 'end')
  must(!(ended || state.kind === 'fenced') || written.length === 0, 'nothing is journaled after the end or behind a fence')
  must(ends.length <= (ended ? 0 : 1), 'a run ends once')
  must(written.every((event, n) => event.seq === events + n + 1), 'seqs go on without holes')
  must(next.recording.transcript.lastSeq === events + written.length, 'what is recorded is what is journaled')
  const end = ends[0]
  if (end !== undefined) {
    const last = end.events.at(-1)
    must(last?.type === 'stream_end' && last.outcome === end.outcome, 'stream_end is last and tells the outcome')
    must(next.recording.transcript.messages.every((message) => message.parts.every((part) => part.state !== 'open')), 'nothing is left open')
    must((end.outcome === 'cancelled') === stopped, 'who pressed Stop sees cancelled, and nobody else does')
  }
  const stops = input.type === 'stop' && state.kind === 'running'
  if (stops) must(effects.slice(-2).map((effect) => effect.type).join() === 'abort-agent,start-grace', 'Stop aborts the agent and starts the grace')
  return { state: next, events: events + written.length, ended: ended || end !== undefined, stopped: stopped || stops, path: way }
}

describe('the life of a run', () => {
  it(`keeps its promises under every order of ${inputs.length} inputs to depth ${DEPTH}`, () => {
    const first: World = { state: openRun(started.transcript()), events: 1, ended: false, stopped: false, path: '' }
    // Two orders that lead to states alike go on alike, so a state is walked from once, where it is met first.
    const seen = new Set([keyOf(first)])
    let level = [first]
    let explored = 0
    for (let depth = 0; depth < DEPTH; depth++) {
      const next: World[] = []
      for (const world of level) {
        for (const input of inputs) {
          const after = live(world, input, 1_000 + depth * 50)
          explored += 1
          const key = keyOf(after)
          if (seen.has(key)) continue
          seen.add(key)
          next.push(after)
        }
      }
      level = next
    }
    console.info(`explored all sequences of ${DEPTH} inputs: ${seen.size} distinct states, ${explored} steps from them`)
    expect(level.length).toBeGreaterThan(0) // the last depth still found some
  })

  it('journals exactly what the state folds to', () => {
    let state = openRun(started.transcript())
    const journal = [...started.events]
    const drive = (input: RunInput, now: number): readonly RunEffect[] => {
      const [next, effects] = step(state, input, now)
      state = next
      for (const effect of effects) if (effect.type === 'append' || effect.type === 'end') journal.push(...effect.events)
      return effects
    }
    for (const [i, input] of [0, 1, 1, 3, 4, 5, 2, 6].map((n, at) => [at, inputs[n] as RunInput] as const)) drive(input, 2_000 + i * 100)
    expect(foldEvents(journal)).toEqual(state.recording.transcript)
  })
})
