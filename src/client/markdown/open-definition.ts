/** A link's definition may go on over lines, even over blank ones where its title is in quotes: until that is told, nothing behind it is final. */
import type { Token } from 'marked'

const label = String.raw`(?!\s*\])(?:\\[\s\S]|[^\[\]\\\n]|\n(?![ \t]*\n))`
const address = String.raw`(?:[^<\s][^\s]*|<(?:\\.|[^\n<>\\])*>)`
const openTitle = String.raw`(?:"(?:\\[\s\S]|[^"\\])*|'(?:\\[\s\S]|[^'\\\n]|\n(?!\n))*|\((?:\\[\s\S]|[^()\\])*)`
const open = new RegExp(String.raw`^ {0,3}\[(?:${label}*|${label}+\]: *(?:\n[ \t]*)?|${label}+\]: *(?:\n[ \t]*)?${address}(?: +(?:\n[ \t]*)?| *\n[ \t]*)${openTitle})$`)

/** True if `text`, which begins with `token`, may be read otherwise when more comes. */
export function definitionIsOpen(text: string, token: Token | undefined): boolean {
  if (token === undefined || (token.type !== 'def' && token.type !== 'paragraph' && token.type !== 'text') || !token.raw.includes('[')) return false
  for (const found of token.raw.matchAll(/(?:^|\n)(?= {0,3}\[)/g)) {
    if (open.test(text.slice(found.index + found[0].length))) return true
    // Inside a paragraph only a list item's lines are read one by one.
    if (token.type !== 'text') return false
  }
  return false
}
