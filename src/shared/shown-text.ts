/**
 * What of a markdown source is drawn, as far as words are looked for in it: without the marks that only make it up, so that `**fo**o` is `foo` and a
 * link's address is nowhere. Near enough, for a whole thread is looked through at once; in one pass, for a text may be hostile. The page itself marks
 * what it has drawn.
 */

import type { Message } from './protocol.ts'

/** Fenced code, then code in a line: both are drawn as they are written. */
const FENCE = String.raw`^[ \t]{0,3}(?<fence>${'`'}{3,}|~{3,})[^\n]*\n(?<block>[\s\S]*?)(?:^[ \t]{0,3}\k<fence>[${'`'}~]*[ \t]*$|(?![\s\S]))`
const CODE = String.raw`(?<!${'`'})(?<ticks>${'`'}{1,3})(?!${'`'})(?<inline>[^\n]{1,300}?)(?<!${'`'})\k<ticks>(?!${'`'})`
const ESCAPED = String.raw`\\(?<escaped>[!-\/:-@\[-${'`'}\{-~])`
/** The end of a link or picture with its address, the beginning of one that has such an end, and an address alone. */
const LINK = String.raw`\]\([^\(\)\s]*(?:\([^\(\)\s]*\)[^\(\)\s]*)*(?:[ \t]+"[^"\n]*")?\)|!?\[(?=[^\]\[\n]{1,300}\]\()|<(?=https?:\/\/[^\s<>]{1,300}>)`
/** A line that defines what a link is called by is not drawn at all. */
const DEFINITION = String.raw`^ {0,3}\[(?!\^)[^\]\[\n]{1,300}\]:[ \t]*(?:<[^<>\n]*>|[^\s<]\S*)(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^\(\)\n]*\)))?[ \t]*$`
const TAG = String.raw`<\/?(?:sub|sup|kbd|mark|u|s|br)[ \t]*\/?>`
const BLOCK = String.raw`^(?:[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[\-+*][ \t]+(?:\[[ xX]\][ \t]+)?|\d{1,9}[.\)][ \t]+))+|^[ \t|]*:?-{2,}[ \t|:\-]*$`
/** A star that touches nothing is one that is drawn, and so is a line below that stands inside of a word. */
const EMPHASIS = String.raw`\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}|~~|(?<![\p{L}\p{N}_])_{1,3}(?=[^\s_])|(?<=[^\s_])_{1,3}(?![\p{L}\p{N}_])`

const MARKS = new RegExp([FENCE, CODE, ESCAPED, DEFINITION, LINK, TAG, BLOCK, EMPHASIS].join('|'), 'gmu')

const entities = new Map([['&amp;', '&'], ['&lt;', '<'], ['&gt;', '>'], ['&quot;', '"'], ['&#39;', "'"], ['&nbsp;', ' ']])

export function shownText(markdown: string): string {
  return markdown
    .replace(MARKS, (...match) => {
      const { block, inline, escaped } = match.at(-1) as Partial<Record<string, string>>
      return block ?? inline ?? escaped ?? ''
    })
    .replaceAll(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => entities.get(entity) ?? entity)
}

/** Lines of one paragraph as one; between paragraphs a break, which no words go across. */
export function inParagraphs(text: string): string {
  return text.replaceAll(/\s+/g, (space) => (/\n\s*\n/.test(space) ? '\n' : ' ')).trim()
}

/**
 * Where the words stand in a text that is `said`, whatever their case; -1: nowhere. In a text that is drawn out of markdown, words that hold marks
 * themselves are found without them as well: a star that touches a word may be drawn or not.
 */
export function placeOfWords(said: string, words: string, ofMarkdown: boolean): number {
  const text = said.toLowerCase()
  const wanted = inParagraphs(words).toLowerCase()
  if (wanted === '') return -1
  const at = text.indexOf(wanted)
  return at >= 0 || !ofMarkdown || !/[*_~`|[\]<>#\\]/.test(wanted) ? at : text.indexOf(inParagraphs(shownText(wanted)) || wanted)
}

/** What is drawn of each part of a message, as far as words are looked for in it: what was said, and the names of its files. People's own words are drawn as they are. */
export function shownParts({ role, parts }: Pick<Message, 'role' | 'parts'>): string[] {
  return parts.flatMap((part) => (part.kind === 'text' ? [role === 'user' ? part.text : shownText(part.text)] : part.kind === 'file' ? [part.name] : []))
}

export const shownInMessage = (message: Pick<Message, 'role' | 'parts'>): string => inParagraphs(shownParts(message).join('\n\n'))
