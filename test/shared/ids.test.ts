import { describe, expect, it } from 'vitest'
import { encodeId, isId, parseRunId } from '../../src/shared/ids.ts'
import { cleanable, hopeless } from '../support/run-id-fixtures.ts'

describe('ids', () => {
  it('writes bytes as base64url without padding, as Node does', () => {
    for (let length = 0; length <= 40; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 89 + length * 31 + 7) & 0xff)
      expect(encodeId(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
    }
    expect(encodeId(new Uint8Array(16).fill(0xff))).toBe('_____________________w')
  })

  it('gives 22 characters for 128 bits, which is an id', () => {
    const made = encodeId(new Uint8Array(16))
    expect(made).toHaveLength(22)
    expect(isId(made)).toBe(true)
  })

  it('takes only short words of the id alphabet for an id', () => {
    for (const good of ['a', 'A-b_9', 'x'.repeat(64)]) expect(isId(good)).toBe(true)
    for (const bad of ['', 'x'.repeat(65), 'a b', 'a/b', '../x', 'ä', 'a\n', '\u0000', 1, null, undefined, {}, '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) expect(isId(bad)).toBe(false)
  })
})

const R = '018f3b2e-7c1a-4b6e-9a55-0c1de2f3a4b5'
const T = 'T_thread-9XyZ0123456789'

describe('the run-id cache', () => {
  it.each(cleanable(R, T))('finds the run id in %j', (stored) => {
    expect(parseRunId(stored)).toBe(R)
  })

  it.each([...hopeless(R, T), null, undefined])('finds none in %j', (stored) => {
    expect(parseRunId(stored)).toBeNull()
  })

  it('finds none in 10 KB of anything, and soon', () => {
    const pieces = ['a', '/', '%', '%2F', '/runs/', '"', '?run_id=', `/runs/${R}`, R, ' ', '\u0000', '😀', '..', '%25']
    const before = performance.now()
    for (const piece of pieces) expect(parseRunId(piece.repeat(Math.ceil(10_240 / piece.length)))).toBeNull()
    expect(performance.now() - before).toBeLessThan(1000)
  })

  it('gives a clean id back as it is, so that a repaired value stays', () => {
    for (const stored of cleanable(R, T)) expect(parseRunId(parseRunId(stored))).toBe(R)
  })

  it('prefers a clean run_id of the query, and passes over a dirty one', () => {
    expect(parseRunId(`/api/threads/${T}/runs/other?run_id=${R}`)).toBe(R)
    expect(parseRunId(`/api/threads/${T}/runs/${R}?run_id=..%2Fx`)).toBe(R)
    expect(parseRunId(`${R}?run_id=null`)).toBe(R)
  })

  it('decodes once, never twice', () => {
    expect(parseRunId(`${R}%252Fstream`)).toBeNull()
  })
})
