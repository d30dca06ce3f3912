import { describe, expect, it } from 'vitest'
import { holdsFiles, readPaste } from '../../../src/client/views/composer/pasted.ts'
import { pictureBox } from '../../../src/client/views/files/picture-box.ts'

const transfer = (types: string[], words: string, ...files: File[]) => ({ types, files: files as unknown as FileList, getData: (type: string) => (type === 'text/plain' ? words : '') })
const picture = new File(['x'], 'image.png', { type: 'image/png' })

describe('a paste', () => {
  it('of files brings files', () => {
    expect(readPaste(transfer(['Files'], '', picture))).toEqual({ kind: 'files', files: [picture] })
    // A picture that was copied in a browser has its element beside it, but no words.
    expect(readPaste(transfer(['text/html', 'Files'], '', picture)).kind).toBe('files')
    // A file manager may put the path beside it.
    expect(readPaste(transfer(['text/plain', 'Files'], '/home/me/cat.png', picture)).kind).toBe('files')
  })

  it('of words with a picture of them, as office programs make it, brings the words', () => {
    expect(readPaste(transfer(['text/plain', 'text/html', 'text/rtf', 'Files'], '1\t2', picture))).toEqual({ kind: 'words' })
  })

  it('becomes a file above 8,000 characters', () => {
    expect(readPaste(transfer(['text/plain'], 'x'.repeat(8_000)))).toEqual({ kind: 'words' })
    expect(readPaste(transfer(['text/plain'], 'x'.repeat(8_001)))).toMatchObject({ kind: 'large-text' })
  })

  it('or a drag without files is the field’s own matter', () => {
    expect([holdsFiles(null), holdsFiles({ types: ['text/plain'] }), holdsFiles({ types: ['Files'] })]).toEqual([false, false, true])
  })
})

describe('a picture’s box', () => {
  it.each([[100, 50, 100, 50], [3600, 3200, 360, 320], [900, 300, 360, 120], [300, 3000, 32, 320], [10_000, 1, 360, 1]])('of %d × %d is %d × %d', (width, height, wide, high) => {
    expect(pictureBox(width, height)).toEqual({ width: wide, height: high })
  })
})
