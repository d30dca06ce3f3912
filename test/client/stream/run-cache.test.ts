import { describe, expect, test } from 'vitest'
import type { RunId, ThreadId } from '../../../src/shared/ids.ts'
import { createRunCache } from '../../../src/client/stream/run-cache.ts'
import { cleanable, hopeless } from '../../support/run-id-fixtures.ts'

const R = 'run_Abc-123'
const T = 'thread_Xyz-9'
const tooLong = ['x'.repeat(10_240), '/'.repeat(10_240), `${R}?${'y'.repeat(10_240)}`]
const runIdFixtures: readonly (readonly [stored: string, run: string | null])[] = [
  ...cleanable(R, T).map((stored) => [stored, R] as const),
  ...[...hopeless(R, T), ...tooLong].map((stored) => [stored, null] as const),
]

const thread = T as ThreadId
const KEY = `lg:stream:${T}`

function createStorage(initial?: string) {
  const held = new Map<string, string>(initial === undefined ? [] : [[KEY, initial]])
  return {
    held,
    cache: createRunCache(() => ({
      getItem: (key) => held.get(key) ?? null,
      setItem: (key, value) => void held.set(key, value),
      removeItem: (key) => void held.delete(key),
    })),
  }
}

describe('what an earlier client left', () => {
  test.each(runIdFixtures.map(([stored, run]) => [stored.length > 80 ? `${stored.slice(0, 40)}… (${stored.length})` : stored, stored, run] as const))('%s', (_name, stored, run) => {
    const { held, cache } = createStorage(stored)
    expect(cache.get(thread)).toBe(run)
    expect(held.get(KEY)).toBe(run ?? undefined) // repaired, or removed
    expect(cache.get(thread)).toBe(run)
  })
})

test('a run is remembered, and forgetting an older one leaves the newer', () => {
  const { held, cache } = createStorage()
  expect(cache.get(thread)).toBeNull()
  cache.set(thread, R as RunId)
  expect(held.get(KEY)).toBe(R)
  cache.forget(thread, 'another' as RunId)
  expect(cache.get(thread)).toBe(R)
  cache.forget(thread, R as RunId)
  expect(held.size).toBe(0)
})

test.each<[string, Partial<Storage>]>([
  ['throws when read', { getItem() { throw new Error('blocked') } }],
  ['is full', { getItem: () => `"${R}"`, setItem() { throw new DOMException('full', 'QuotaExceededError') } }],
  ['throws when cleaned', { getItem: () => '/', removeItem() { throw new Error('blocked') } }],
])('a storage that %s costs the memory and nothing else', (_name, broken) => {
  const troubles: unknown[] = []
  const cache = createRunCache(() => ({ getItem: () => null, setItem() {}, removeItem() {}, ...broken }), (error) => troubles.push(error))
  cache.get(thread)
  cache.set(thread, R as RunId)
  cache.forget(thread, R as RunId)
  expect(troubles.length).toBeGreaterThan(0)
})

test('a storage that cannot even be named costs the memory and nothing else', () => {
  const cache = createRunCache(() => { throw new DOMException('denied', 'SecurityError') })
  cache.set(thread, R as RunId)
  expect(cache.get(thread)).toBeNull()
})
