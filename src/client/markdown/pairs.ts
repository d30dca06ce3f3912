/** Which tags of raw HTML are a pair, and so become an element. */
import type { Token } from 'marked'

/** Harmless tags without attributes that may become elements. */
const inlineTags = new Set(['sub', 'sup', 'kbd', 'mark', 'u', 's'])

/** Further apart than this many pieces, tags are no pair: looking on would cost the square of the text. */
const FARTHEST_PAIR = 200

export function pair(list: readonly Token[], at: number): { readonly tag: string; readonly end: number } | null {
  const tag = inlineTag(list[at]?.raw ?? '')
  if (tag === undefined) return null
  for (let end = at + 1; end < list.length && end <= at + FARTHEST_PAIR; end++) {
    const other = list[end]
    if (other?.type === 'html' && other.raw.toLowerCase() === `</${tag}>`) return { tag, end }
  }
  return null
}

function inlineTag(raw: string): string | undefined {
  const tag = /^<([a-z]+)>$/i.exec(raw)?.[1]?.toLowerCase()
  return tag !== undefined && inlineTags.has(tag) ? tag : undefined
}
