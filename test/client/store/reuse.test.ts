import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameSchedule } from '../../../src/client/store/frame.ts'
import { reuse } from '../../../src/client/store/reuse.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { copy, createManualFrames } from './fixtures.ts'

describe('reuse', () => {
  it('gives back what was there when it equals, and an equal of the new one otherwise', () => {
    fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (before, next) => {
      expect(reuse(before, next)).toEqual(next)
      if (typeof before === 'object' && before !== null) expect(reuse(before, copy(before))).toBe(before)
    }), { verbose: true })
  })

  it('keeps the items of a list that grew at either end', () => {
    const before = [{ id: 'b', text: '2' }, { id: 'c', text: '3' }]
    const next = reuse(before, [{ id: 'a', text: '1' }, { id: 'b', text: '2' }, { id: 'c', text: '3!' }])
    expect(next[1]).toBe(before[0])
    expect(next[2]).toEqual({ id: 'c', text: '3!' })
  })

  it('takes a missing field and an undefined one for the same', () => {
    const before: { id: string; endedAt?: number | undefined } = { id: 'a', endedAt: undefined }
    expect(reuse(before, { id: 'a' })).toBe(before)
    expect(reuse({ id: 'a', endedAt: 3 }, { id: 'a' })).toEqual({ id: 'a' })
  })

  it('leaves a __proto__ key inert', () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": true}, "a": {"b": 1}}') as Record<string, unknown>
    const made = reuse({ a: { b: 2 } }, hostile) as Record<string, unknown>
    expect(made['polluted']).toBeUndefined()
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('a frame', () => {
  const stage = (visible: boolean) => {
    const clock = createManualClock()
    const frames = createManualFrames()
    const schedule = createFrameSchedule({ visible: () => visible, animationFrame: frames.schedule, after: clock.after, now: clock.now })
    let drawn = 0
    return { clock, frames, drawn: () => drawn, cancel: schedule(() => { drawn++ }) }
  }

  it('is an animation frame while the page is visible, and leaves no timer', async () => {
    const { clock, frames, drawn } = stage(true)
    frames.draw()
    expect(drawn()).toBe(1)
    await clock.advance(0)
    expect(clock.pending()).toBe(0)
  })

  it('rests behind one that took long three times as long, at most 250 ms, and behind others not at all', async () => {
    const clock = createManualClock()
    const frames = createManualFrames()
    let worked = 0
    const schedule = createFrameSchedule({ visible: () => true, animationFrame: frames.schedule, after: clock.after, now: () => clock.now() + worked })
    /** How long after a frame that takes `ms` the next one is asked for. */
    const restBehind = async (ms: number) => {
      schedule(() => { worked += ms })
      frames.draw()
      await clock.advance(0)
      schedule(() => undefined)
      let rest = 0
      for (; frames.waiting() === 0 && rest < 1_000; rest++) await clock.advance(1)
      frames.draw()
      await clock.advance(0)
      return rest
    }
    expect(await restBehind(24)).toBe(0)
    expect(await restBehind(40)).toBe(120)
    expect(await restBehind(2_000)).toBe(250)
    expect(await restBehind(5)).toBe(0)
  })

  it('does not come once it is cancelled while it rests', async () => {
    const clock = createManualClock()
    const frames = createManualFrames()
    let worked = 0
    const schedule = createFrameSchedule({ visible: () => true, animationFrame: frames.schedule, after: clock.after, now: () => clock.now() + worked })
    schedule(() => { worked += 50 })
    frames.draw()
    await clock.advance(0)
    let drawn = 0
    const cancelAtOnce = schedule(() => { drawn++ })
    cancelAtOnce()
    await clock.advance(300)
    expect(frames.waiting()).toBe(0)
    expect(clock.pending()).toBe(0)
    expect(drawn).toBe(0)
  })

  it('is a task while the page is hidden, and after 100 ms when no animation frame comes', async () => {
    const hidden = stage(false)
    await hidden.clock.advance(0)
    expect(hidden.drawn()).toBe(1)
    const idle = stage(true)
    await idle.clock.advance(99)
    expect(idle.drawn()).toBe(0)
    await idle.clock.advance(1)
    idle.frames.draw()
    expect(idle.drawn()).toBe(1)
  })

  it('does not come once it is cancelled', async () => {
    const { clock, frames, drawn, cancel } = stage(true)
    cancel()
    frames.draw()
    await clock.advance(200)
    expect(drawn()).toBe(0)
  })
})
