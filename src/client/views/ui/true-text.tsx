import { pieces } from '../../markdown/hidden.ts'

/**
 * Text that somebody else wrote and that a reader decides by: a file's name, what a tool is called with, what is to be approved. Characters that nobody sees
 * but that change what is read are shown by their names, around the true ones: a selection copies what was written.
 */
export function TrueText({ of }: { readonly of: string }) {
  // Of the same text the pieces are always the same, in the same order: their places are their keys.
  return pieces(of).map(({ text, name }, place) => (name === null ? text : <span key={place} data-hidden={name}>{text}</span>))
}
