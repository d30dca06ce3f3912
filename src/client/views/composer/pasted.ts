/** What a paste or a drop holds. Pure but for the browser's own objects. */

/** A longer text becomes a file: among the words it would bury them. */
const LARGE_CHARS = 8_000

export type Pasted = { readonly kind: 'files'; readonly files: readonly File[] } | { readonly kind: 'large-text'; readonly text: string } | { readonly kind: 'words' }

export function readPaste(transfer: Pick<DataTransfer, 'types' | 'files'> & { getData(type: string): string }): Pasted {
  const { types, files } = transfer
  const words = transfer.getData('text/plain')
  // A word processor or a spreadsheet puts a picture of what was copied beside it: its words are meant.
  const alsoPicture = words.trim() !== '' && (types.includes('text/html') || types.includes('text/rtf'))
  if (files.length > 0 && !alsoPicture) return { kind: 'files', files: [...files] }
  return words.length > LARGE_CHARS ? { kind: 'large-text', text: words } : { kind: 'words' }
}

export function holdsFiles(transfer: Pick<DataTransfer, 'types'> | null): boolean {
  return transfer?.types.includes('Files') === true
}
