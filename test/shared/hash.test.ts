import { describe, expect, it } from 'vitest'
import { fnv1a, hashText } from '../../src/shared/hash.ts'
import { inputHash } from '../../src/shared/input-hash.ts'

describe('the hash of a part', () => {
  // Vectors of the FNV authors' test suite for 32-bit FNV-1a; for ASCII a UTF-16 unit is a byte.
  it.each([
    ['', '811c9dc5'], ['a', 'e40c292c'], ['b', 'e70c2de5'], ['c', 'e60c2c52'], ['d', 'e10c2473'], ['e', 'e00c22e0'], ['f', 'e30c2799'],
    ['fo', '6222e842'], ['foo', 'a9f37ed7'], ['foob', '3f5076ef'], ['fooba', '39aaa18a'], ['foobar', 'bf9cf968'],
    ['chongo was here!\n', 'd49930d5'],
  ])('is FNV-1a for %j', (text, hex) => {
    expect(hashText(text)).toBe(hex)
    expect(fnv1a(text)).toBe(Number.parseInt(hex, 16))
  })

  it('is the same however the text is cut, through surrogate pairs too', () => {
    const text = 'Zwölf 👩‍👩‍👧‍👦 \u0000 \ufeff Boxkämpfer \ud800 allein'
    for (let cut = 0; cut <= text.length; cut++) expect(fnv1a(text.slice(cut), fnv1a(text.slice(0, cut)))).toBe(fnv1a(text))
  })

  it('tells a changed, a missing and a doubled unit', () => {
    const text = 'to be or not to be'
    for (const other of ['to be or not to bf', 'to be or not to b', 'to be or not to bee', 'To be or not to be', 'ot be or not to be']) expect(hashText(other)).not.toBe(hashText(text))
  })

  it('has eight digits always', () => {
    for (let i = 0; i < 2000; i++) expect(hashText(`${i}`)).toMatch(/^[0-9a-f]{8}$/)
  })
})

describe('the hash of an input', () => {
  // FIPS 180-4's example of one block, and the empty message.
  it.each([
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ])('is SHA-256 for %j', (text, hex) => expect(inputHash(text)).toBe(hex))

  it('is of the UTF-8, and of the very text: a blank more is another input', () => {
    expect(inputHash('é')).not.toBe(inputHash('e\u0301'))
    expect(inputHash('{"a":1}')).not.toBe(inputHash('{"a": 1}'))
  })
})
