/** Files that people attach, as both sides know them. */

/** The largest file that is taken. */
export const LARGEST_FILE_BYTES = 20 * 1024 * 1024
export const LARGEST_FILE_MB = LARGEST_FILE_BYTES / 1024 / 1024

const pictures: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

/** Pictures that a page may draw and a model may be shown: of no kind that can hold a script. */
export function isPicture(mediaType: string): boolean {
  return pictures.includes(mediaType)
}

export function isPdf(mediaType: string): boolean {
  return mediaType === 'application/pdf'
}

/** Text by its bytes, whatever kind its name makes of it. */
export function isTextType(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json'
}

const LONGEST_NAME = 200

/**
 * A name as it is kept: for people alone, never a path. No folder, no control or invisible characters, nothing that changes the direction of writing,
 * at most 200 UTF-16 units with its ending kept; `file` where nothing is left.
 */
export function safeFileName(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? ''
  const clean = last.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').replace(/\s+/g, ' ').trim()
  if (clean === '' || /^\.+$/.test(clean)) return 'file'
  if (clean.length <= LONGEST_NAME) return clean
  const ending = /\.[\p{L}\p{N}]{1,12}$/u.exec(clean)?.[0] ?? ''
  return clean.slice(0, LONGEST_NAME - ending.length).replace(/\p{Surrogate}$/u, '') + ending
}
