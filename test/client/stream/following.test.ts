import { describe, expect, test } from 'vitest'
import type { OutsideEvent } from '../../../src/client/run/state.ts'
import { onceHere, persistently } from '../../../src/client/stream/following.ts'
import type { CreateFollower, FollowerDeps } from '../../../src/client/stream/following.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const nothing = {} as FollowerDeps

function coming() {
  let come: () => void = () => undefined
  const heard: OutsideEvent[] = []
  const said: string[] = []
  const create: CreateFollower = () => {
    said.push('made')
    return { signal: (event) => void heard.push(event), stop: () => Promise.resolve(void said.push('stopped')), dispose: () => void said.push('disposed') }
  }
  const code = new Promise<CreateFollower>((resolve) => { come = () => resolve(create) })
  return { follower: onceHere(() => code)(nothing), heard, said, come: async () => { come(); await code; await Promise.resolve() } }
}

describe('a follower whose code is still on its way', () => {
  test('hears then what it was told until then, in order, and what comes later at once', async () => {
    const { follower, heard, come } = coming()
    follower.signal({ type: 'paused', reason: 'hidden' })
    follower.signal({ type: 'resumed', reason: 'hidden' })
    expect(heard).toEqual([])
    await come()
    follower.signal({ type: 'hinted' })
    expect(heard.map(({ type }) => type)).toEqual(['paused', 'resumed', 'hinted'])
  })

  test('stops once it is there', async () => {
    const { follower, said, come } = coming()
    const stopped = follower.stop()
    await come()
    await stopped
    expect(said).toEqual(['made', 'stopped'])
  })

  test('is never made when it is let go before', async () => {
    const { follower, said, come } = coming()
    const stopped = follower.stop()
    follower.dispose()
    await come()
    await stopped
    expect(said).toEqual([])
  })

  test('is let go once it is there', async () => {
    const { follower, said, come } = coming()
    await come()
    follower.dispose()
    expect(said).toEqual(['made', 'disposed'])
  })
})

test('a part of the page is fetched until it comes, and then once for all who want it', async () => {
  const clock = createManualClock()
  const troubles: unknown[] = []
  let tries = 0
  const part = persistently(() => (++tries < 3 ? Promise.reject(new Error(`try ${tries}`)) : Promise.resolve('part')), clock, (error) => troubles.push(error))
  const both = Promise.all([part(), part()])
  await clock.advance(10_000)
  expect(await both).toEqual(['part', 'part'])
  expect(tries).toBe(3)
  expect(troubles.map(String)).toEqual(['Error: try 1', 'Error: try 2'])
})
