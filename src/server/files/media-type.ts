/** What a file is, told by its own bytes; its name only tells kinds of text apart. */
import { imageSize } from 'image-size'
import { isPicture } from '../../shared/files.ts'

/** How much of a file's beginning is looked at: the size of a photograph stands behind its camera's notes. */
export const HEAD_BYTES = 256 * 1024

const signatures: readonly (readonly [type: string, at: number, bytes: string])[] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF87a'],
  ['image/gif', 0, 'GIF89a'],
  ['image/webp', 8, 'WEBP'],
  ['application/pdf', 0, '%PDF-'],
  ['application/zip', 0, 'PK\x03\x04'],
  ['application/gzip', 0, '\x1f\x8b'],
]

const texts = new Map([
  ['md', 'text/markdown'], ['csv', 'text/csv'], ['json', 'application/json'], ['html', 'text/html'], ['htm', 'text/html'], ['xml', 'text/xml'], ['svg', 'text/xml'],
])

/** `isText`: every byte of it is UTF-8 text. An SVG or a web page is text, never a picture. */
export function mediaTypeOf(head: Uint8Array, name: string, isText: boolean): string {
  const start = Buffer.from(head.subarray(0, 16)).toString('latin1')
  const known = signatures.find(([, at, bytes]) => start.startsWith(bytes, at))
  if (known !== undefined) return known[0]
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  return isText ? (texts.get(ending) ?? 'text/plain') : 'application/octet-stream'
}

/** Width and height in px of a picture as it is to be shown, turned where its camera says so. Null: no picture, or one that is damaged. */
export function pictureSize(head: Uint8Array, mediaType: string): { readonly width: number; readonly height: number } | null {
  if (!isPicture(mediaType)) return null
  try {
    const { width, height, orientation = 1 } = imageSize(head)
    if (!(width > 0 && height > 0)) return null
    return orientation >= 5 ? { width: height, height: width } : { width, height }
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return null // cut off or damaged: it is offered as a file
    throw error
  }
}

/** Tells, piece by piece, whether bytes are text: UTF-8 without a byte of zero. */
export function createTextCheck(): { take(chunk: Uint8Array): void; end(): boolean } {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let isText = true
  const check = (chunk: Uint8Array | null) => {
    if (!isText) return
    try {
      decoder.decode(chunk ?? new Uint8Array(), { stream: chunk !== null })
      isText = chunk?.includes(0) !== true
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      isText = false
    }
  }
  return {
    take: (chunk) => check(chunk),
    end() {
      check(null)
      return isText
    },
  }
}
