import { expect, test } from 'vitest'
import { retryDelayMs } from '../../../src/client/run/backoff.ts'

test('two hundred pages come back spread over the time that was asked for, none before it', () => {
  const chances = Array.from({ length: 200 }, (_, i) => i / 200)
  const delays = chances.map((chance) => retryDelayMs(1, chance, 2_000))
  expect(Math.min(...delays)).toBe(2_000)
  // No tenth of the time gets more than its share.
  for (let tenth = 0; tenth < 10; tenth++) expect(delays.filter((ms) => ms >= 2_000 + tenth * 200 && ms < 2_200 + tenth * 200).length).toBeLessThanOrEqual(21)
})

test('each failure in a row doubles the longest wait, from a quarter of a second to fifteen', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 40].map((failures) => retryDelayMs(failures, 0.999_999))
  expect(longest).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
  expect(retryDelayMs(8, 0)).toBe(0)
})
