import { expect, it } from 'vitest'
import { noNames } from '../../../src/server/runs/names.ts'

it('keeps every name through thousands, and leaves older values as they were', () => {
  let names = noNames<number>()
  const kept = [names]
  for (let i = 0; i < 1_000; i++) kept.push((names = names.with(`n${i}`, i)))
  for (const [count, older] of kept.entries()) {
    expect([older.get(`n${count - 1}`), older.has(`n${count}`)]).toEqual([count === 0 ? undefined : count - 1, false])
  }
  for (let i = 0; i < 1_000; i++) expect(names.get(`n${i}`)).toBe(i)
  const [branch, other] = [names.with('x', 1), names.with('y', 2)]
  expect([branch.has('y'), other.has('x')]).toEqual([false, false])
})
