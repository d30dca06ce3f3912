import { describe, expect, it } from 'vitest'
import { createTextCheck, mediaTypeOf, pictureSize } from '../../../src/server/files/media-type.ts'
import { safeFileName } from '../../../src/shared/files.ts'
import { png, sidewaysJpegHead } from '../../support/pictures.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('what a file is', () => {
  it.each([
    ['image/png', png(1, 1), 'note.txt', false],
    ['image/jpeg', sidewaysJpegHead(), 'x', false],
    ['image/gif', bytes('GIF89a........'), 'x', false],
    ['image/webp', bytes('RIFF....WEBPVP8 '), 'x', false],
    ['application/pdf', bytes('%PDF-1.7'), 'x.png', true],
    ['text/xml', bytes('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), 'logo.svg', true],
    ['text/html', bytes('<script>alert(1)</script>'), 'page.HTML', true],
    ['text/plain', bytes('<svg/>'), 'picture.png', true],
    ['text/markdown', bytes('# Hi'), 'README.md', true],
    ['application/json', bytes('{}'), 'a.json', true],
    ['text/plain', bytes('x'), 'a.constructor', true],
    ['application/octet-stream', bytes('\0\0'), 'photo.png', false],
  ])('is told as %s by its bytes, whatever its name says', (type, head, name, isText) => {
    expect(mediaTypeOf(head, name, isText)).toBe(type)
  })

  it('has the size that a person sees, turned where its camera says so', () => {
    expect(pictureSize(png(640, 480), 'image/png')).toEqual({ width: 640, height: 480 })
    expect(pictureSize(sidewaysJpegHead(), 'image/jpeg')).toEqual({ width: 480, height: 640 })
  })

  it('has no size where the picture is cut off, damaged or none', () => {
    expect(pictureSize(png(640, 480).subarray(0, 12), 'image/png')).toBeNull()
    expect(pictureSize(png(0, 0), 'image/png')).toBeNull()
    for (let length = 3; length < sidewaysJpegHead().length - 21; length += 5) expect(pictureSize(sidewaysJpegHead().subarray(0, length), 'image/jpeg')).toBeNull()
    expect(pictureSize(png(2, 2), 'text/plain')).toBeNull()
  })

  it('is text where all of it is, however its letters are cut', () => {
    const check = (...pieces: Buffer[]) => {
      const text = createTextCheck()
      for (const piece of pieces) text.take(piece)
      return text.end()
    }
    const word = Buffer.from('Grüße 🌊')
    for (let cut = 0; cut <= word.length; cut++) expect(check(word.subarray(0, cut), word.subarray(cut))).toBe(true)
    expect(check(word.subarray(0, word.length - 1))).toBe(false)
    expect(check(Buffer.from('a\0b'))).toBe(false)
    expect(check(Buffer.from([0xff]), word)).toBe(false)
    expect(check()).toBe(true)
  })
})

describe('a file’s name', () => {
  it.each([
    ['../../etc/passwd', 'passwd'], ['C:\\Users\\me\\cat.png', 'cat.png'], ['  a\tb\n.txt ', 'ab.txt'], ['exe\u202egnp.evil', 'exegnp.evil'], ['', 'file'], ['..', 'file'], ['/', 'file'],
    ['half\ud83d', 'half'], ['日本.txt', '日本.txt'], ['.env', '.env'],
  ])('%j is kept as %j', (given, kept) => expect(safeFileName(given)).toBe(kept))

  it('is cut, and keeps its ending', () => {
    const name = safeFileName(`${'x'.repeat(300)}.tar`)
    expect(name).toHaveLength(200)
    expect(name.endsWith('x.tar')).toBe(true)
    expect(safeFileName('🌊'.repeat(150))).not.toMatch(/\p{Surrogate}/u)
  })
})
