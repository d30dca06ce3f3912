/** marked's inline tokens as plain descriptions, and long paragraphs in chunks. */
import type { Token, Tokens } from 'marked'
import { createCut } from './cut.ts'
import type { Cut } from './cut.ts'
import { decodeEntities } from './entities.ts'
import type { FootnoteMark, Maths } from './extensions.ts'
import { pieces as hiddenIn } from './hidden.ts'
import { safeLink } from './links.ts'
import { add, element } from './live.ts'
import type { ElementShape, Shape } from './live.ts'
import { pair } from './pairs.ts'
import { DEEPEST } from './shaping.ts'
import type { MarkdownWords, Shaping } from './shaping.ts'

export function inline(tokens: readonly Token[] | undefined, shaping: Shaping, depth: number): Shape[] {
  const out: Shape[] = []
  each(tokens ?? [], shaping, depth, (shapes) => add(out, ...shapes))
  return out
}

/** The shapes of each token, or pair of tags, with their source. */
function each(list: readonly Token[], shaping: Shaping, depth: number, take: (shapes: readonly Shape[], token: Token, raw: string) => void): void {
  for (let at = 0; at < list.length; at++) {
    const token = list[at] as Tokens.Generic
    const paired = token.type === 'html' ? pair(list, at) : null
    if (paired === null) take(span(token, shaping, depth + 1), token, token.raw)
    else {
      const kids = inline(list.slice(at + 1, paired.end), shaping, depth + 1)
      take([element(paired.tag, {}, kids)], token, list.slice(at, paired.end + 1).map((one) => one.raw).join(''))
      at = paired.end
    }
  }
}

/** What an element with this tag holds. */
export function kidsOf(tag: string, tokens: readonly Token[] | undefined, shaping: Shaping, depth: number): Shape[] {
  if (tag !== 'p') return inline(tokens, shaping, depth)
  const [first = [], ...more] = pieces(tokens ?? [], shaping, depth, createCut())
  return [...first, ...more.map(pieceShape)]
}

/** A text that is shown as it was written, cut where it is long. */
export function visibleInPieces(text: string): Shape[] {
  const [first = '', ...more] = createCut().split(text)
  return [...visible(first), ...more.map((part) => pieceShape(visible(part)))]
}

/** A piece of a long paragraph, behind the first, which stands in the paragraph itself. */
export const pieceShape = (shapes: readonly Shape[]): ElementShape => element('span', { 'data-piece': '' }, shapes)

/** A paragraph's shapes, cut where it is long; the first go on with the piece that is open. Moves `cut` on. */
export function pieces(tokens: readonly Token[], shaping: Shaping, depth: number, cut: Cut): Shape[][] {
  const out: Shape[][] = [[]]
  each(tokens, shaping, depth, (shapes, token, raw) => {
    if (token.type !== 'text' || (token as Tokens.Generic).tokens !== undefined) {
      if (cut.due()) out.push([])
      cut.pass(raw)
      add(out.at(-1) as Shape[], ...shapes)
    } else {
      const [first = [], ...more] = cut.split(raw).map((part) => visible(decodeEntities(part)))
      add(out.at(-1) as Shape[], ...first)
      out.push(...more)
    }
  })
  return out
}

/** In the text of people these only say how a line breaks or where it runs; in code nobody has use for them. */
const mild = new Set(['SHY', 'LRM', 'RLM', 'ALM'])

/** A text with what nobody would see in it marked. */
export function visible(text: string): Shape[] {
  const out: Shape[] = []
  for (const { text: piece, name } of hiddenIn(text)) add(out, name === null || mild.has(name) ? piece : element('span', { 'data-hidden': name }, [piece]))
  return out
}

function span(token: Tokens.Generic, shaping: Shaping, depth: number): Shape[] {
  if (depth > DEEPEST) return visible(token.raw)
  switch (token.type) {
    case 'text':
      return token.tokens === undefined ? visible(decodeEntities(String(token['text']))) : inline(token.tokens, shaping, depth)
    case 'escape':
      return visible(decodeEntities(String(token['text'])))
    case 'strong':
    case 'em':
    case 'del':
      return [element(token.type, {}, inline(token.tokens, shaping, depth))]
    case 'codespan':
      return [element('code', {}, visible(String(token['text'])))]
    case 'br':
      return [element('br', {}, [])]
    case 'link':
      return link(token as Tokens.Link, shaping, depth)
    case 'image':
      return image(token as Tokens.Image, shaping.words)
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? [element('br', {}, [])] : visible(token.raw)
    case 'maths':
      return [element('span', { 'data-maths': (token as Maths).display ? 'display' : '' }, [(token as Maths).text])]
    case 'footnote-mark':
      return footnoteMark(token as FootnoteMark, shaping)
    case 'checkbox':
      return []
    default:
      return visible(token.raw)
  }
}

function link(token: Tokens.Link, shaping: Shaping, depth: number): Shape[] {
  const inside = inline(token.tokens, shaping, depth)
  const safe = safeLink(token.autolink === true ? token.href : decodeEntities(token.href))
  if (safe === null) return inside
  // What can be pressed does not stand in what can be pressed: a picture in a link comes behind it.
  const pictures = inside.filter((shape) => typeof shape !== 'string' && shape.attributes['data-act'] === 'picture')
  const words = inside.filter((shape) => !pictures.includes(shape))
  return [element('a', { href: safe.href, target: '_blank', rel: 'noopener noreferrer', title: shaping.words.goesTo(safe.host) }, words.length > 0 ? words : [safe.host]), ...pictures]
}

/** Not fetched until somebody asks for it: an address in an answer could carry away what stands in the conversation. */
function image(token: Tokens.Image, words: MarkdownWords): Shape[] {
  const safe = safeLink(decodeEntities(token.href))
  const alt = decodeEntities(token.text)
  if (safe === null) return [element('span', { 'data-image': '' }, visible(words.image(alt, null)))]
  if (!safe.href.startsWith('http')) return [element('span', { 'data-image': '' }, visible(words.image(alt, null)))]
  return [element('button', { type: 'button', 'data-act': 'picture', 'data-image': safe.href, 'aria-expanded': 'false', title: words.goesTo(safe.host) }, visible(words.image(alt, safe.host)))]
}

function footnoteMark(token: FootnoteMark, shaping: Shaping): Shape[] {
  const number = shaping.footnote(token.label)
  return number === undefined ? [token.raw] : [element('sup', { 'data-footnote': token.label }, [
    element('a', { href: '#', role: 'doc-noteref', 'data-act': 'footnote', 'aria-label': shaping.words.footnote(String(number)) }, [String(number)]),
  ])]
}
