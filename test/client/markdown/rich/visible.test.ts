// @vitest-environment happy-dom
import { describe, expect, test } from 'vitest'
import { hasHidden, pieces } from '../../../../src/client/markdown/hidden.ts'
import { showHidden } from '../../../../src/client/markdown/rich/visible.ts'

const names = (text: string) => pieces(text).flatMap(({ name }) => (name === null ? [] : [name]))

describe('characters that nobody sees', () => {
  test('direction marks, zero widths, escapes and hidden words are named', () => {
    expect(names('if (a\u202e\u2066 // x\u2069)')).toEqual(['RLO', 'LRI', 'PDI'])
    expect(names('pay\u200bpal\u200d.\ufeffcom\u00ad')).toEqual(['ZWSP', 'ZWJ', 'BOM', 'SHY'])
    expect(names('\u001b[31mred\u001b[0m\u0007')).toEqual(['ESC', 'ESC', 'BEL'])
    expect(names(`ok${[...'ignore'].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join('')}`)).toEqual(['TAG ignore'])
    expect(names('a\u{e0101}\u{e0102}b\ufe00\ufe01')).toEqual(['VS ×2', 'VS ×2'])
    expect(names('\u3164\u115f\u2063')).toEqual(['U+3164', 'U+115F', 'U+2063'])
  })

  test('what is written so by right stays as it is: pictures, flags, joined letters, tabs and lines', () => {
    for (const text of ['👩‍🚀 👍🏽 🏳️‍🌈 ❤️', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', 'می\u200cخواهم', 'क्\u200dष', 'a\tb\r\nc', 'naïve – “quoted” …']) expect([text, names(text)]).toEqual([text, []])
  })

  test('an ordinary text costs one look', () => {
    expect(hasHidden('const a = 1 // café 👍')).toBe(false)
    expect(pieces('plain')).toEqual([{ text: 'plain', name: null }])
  })

  test('the pieces are the text, and so is the element they are shown in', () => {
    const text = 'a\u202eb\u200b\u{e0041}\u{e0042}c\u001b[0m'
    expect(pieces(text).map((piece) => piece.text).join('')).toBe(text)
    const host = document.createElement('code')
    host.append('x', text)
    showHidden(host)
    showHidden(host)
    expect(host.textContent).toBe(`x${text}`)
    expect([...host.querySelectorAll('[data-hidden]')].map((mark) => mark.getAttribute('data-hidden'))).toEqual(['RLO', 'ZWSP', 'TAG AB', 'ESC'])
  })
})
