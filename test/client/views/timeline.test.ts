import { describe, expect, it } from 'vitest'
import type { EventPage } from '../../../src/shared/protocol.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import { createReplay } from '../../../src/client/views/timeline/replay.ts'
import { barOf, stepsOf } from '../../../src/client/views/timeline/steps.ts'
import { recordRun } from '../../support/recorded-run.ts'

describe('the steps of a run', () => {
  const part = (id: string, kind: string, startedAt: number, endedAt?: number, more: object = {}) =>
    ({ id, kind, state: endedAt === undefined ? 'open' : 'done', startedAt, endedAt, text: '', name: 'shell', input: '', output: '', call: id, ...more })
  const told = (parts: object[], more: object = {}) => ({ replies: [{ id: 'a', parts }, ...((more as { replies?: object[] }).replies ?? [])], notices: [], ...more, ...('replies' in more ? { replies: [{ id: 'a', parts }, ...(more.replies as object[])] } : {}) }) as unknown as Parameters<typeof stepsOf>[0]

  it('are what it thought, said and did, each from its beginning to its end', () => {
    const steps = stepsOf(told([part('p1', 'thinking', 10, 20), part('p2', 'tool', 20, 60), part('p3', 'text', 60, 90), part('f', 'file', 90, 90)]))
    expect(steps.map(({ kind, name, startedAt, endedAt }) => [kind, name, startedAt, endedAt])).toEqual([['thinking', '', 10, 20], ['tool', 'shell', 20, 60], ['answer', '', 60, 90]])
  })

  it('go on while the run does, and end with it at the latest', () => {
    expect(stepsOf(told([part('p1', 'text', 10)]))[0]?.endedAt).toBeNull()
    expect(stepsOf(told([part('p1', 'text', 10)], { endedAt: 40 }))[0]?.endedAt).toBe(40)
  })

  it('hold what was asked of somebody, and notices, in the order of time', () => {
    const approval = { id: 'ap', question: 'Run it?', requestedAt: 30, answeredAt: 50, state: 'answered' }
    const steps = stepsOf(told([part('p2', 'tool', 20, 60, { approval })], { notices: [{ level: 'error', text: 'Too slow', at: 25 }] }))
    expect(steps.map(({ kind, name, startedAt, endedAt, depth, state }) => [kind, name, startedAt, endedAt, depth, state])).toEqual([
      ['tool', 'shell', 20, 60, 0, 'done'], ['notice', 'Too slow', 25, 25, 0, 'failed'], ['approval', 'Run it?', 30, 50, 1, 'done'],
    ])
  })

  it('of a sub-agent stand below the tool that called it', () => {
    const steps = stepsOf(told([part('t1', 'tool', 10, 90)], { replies: [{ id: 'b', parent: 't1', parts: [part('p9', 'text', 20, 80)] }] }))
    expect(steps.map((step) => step.depth)).toEqual([0, 1])
  })

  it('have bars within the whole, however clocks disagree, and wide enough to be seen', () => {
    expect(barOf({ startedAt: 150, endedAt: 200 }, 100, 300)).toEqual({ start: 0.25, width: 0.25 })
    expect(barOf({ startedAt: 200, endedAt: null }, 100, 300, 300)).toEqual({ start: 0.5, width: 0.5 })
    for (const bar of [barOf({ startedAt: 300, endedAt: 300 }, 100, 300), barOf({ startedAt: 10, endedAt: 999 }, 100, 300), barOf({ startedAt: 5, endedAt: 5 }, 5, 5)]) {
      expect(bar.width).toBeGreaterThan(0)
      expect(bar.start).toBeGreaterThanOrEqual(0)
      expect(bar.start + bar.width).toBeLessThanOrEqual(1.000001)
    }
  })
})

describe('a journal', () => {
  const { events } = recordRun()
  const journal = events.map((event) => ({ ...event })) as unknown as EventPage['events']

  it('shows at every moment what its first events fold to', () => {
    const replay = createReplay(journal)
    expect(replay?.length).toBe(events.length)
    for (let count = 0; count <= events.length; count++) expect(replay?.at(count)).toEqual(foldEvents(events.slice(0, count)))
  })

  it('of thousands of events folds a few hundred for a moment, and the same comes out', () => {
    const [first, ...rest] = events
    const started = rest.findIndex((event) => event.type === 'part.started' && event.kind === 'text')
    const open = rest[started]
    if (first === undefined || open?.type !== 'part.started') throw new Error('the recorded run has no text')
    const later = first.at + 60_000
    const head = [first, ...rest.slice(0, started + 1)]
    const many = [...head, ...Array.from({ length: 2_300 }, (_, i) => ({ type: 'part.delta' as const, seq: head.length + 1 + i, at: later + i, part: open.part, field: 'text' as const, off: i, text: 'x' }))]
    const replay = createReplay(many as unknown as EventPage['events'])
    for (const count of [499, 500, 501, 1_000, 1_777, many.length]) expect(replay?.at(count)).toEqual(foldEvents(many.slice(0, count)))
    expect(replay?.countAt(later + 99)).toBe(head.length + 100)
    expect(replay?.timeOf(head.length + 100)).toBe(later + 99)
  })

  it('passes over kinds that this page does not know', () => {
    const [first, ...rest] = journal
    const strange = [first, { type: 'run.sang', seq: 2, at: first?.at ?? 0 }, ...rest.map((event) => ({ ...event, seq: event.seq + 1 }))] as EventPage['events']
    expect(createReplay(strange)?.at(strange.length)?.outcome).toBe(foldEvents(events)?.outcome)
  })

  it('of which only the end is left cannot be replayed', () => {
    expect(createReplay(journal.slice(-1))).toBeNull()
    expect(createReplay([])).toBeNull()
  })
})
