/** Draws markdown that grows. The only door of this room: views mount it and hand it the whole text each time. */
import type { Token, Tokens } from 'marked'
import { heal } from './heal.ts'
import { lex } from './lex.ts'
import { shapeBlock } from './shape.ts'
import type { ElementShape, MarkdownWords } from './shape.ts'
import { create, sync } from './sync.ts'

export type { MarkdownWords } from './shape.ts'

export interface MarkdownView {
  /** Shows `text`. `open`: more may come, so what is half-typed at its end is drawn as if it were closed. */
  update(text: string, open: boolean): void
  destroy(): void
}

interface Block {
  readonly raw: string
  readonly level: number
  readonly shape: ElementShape
  readonly node: Node
}

const COPIED_MS = 1600

/**
 * Mounts into an empty element. A block whose source did not change is never touched again; live and settled text go
 * the same way, so settling changes no node. `copy` puts text on the clipboard and answers whether that worked.
 */
export function mountMarkdown(host: HTMLElement, words: MarkdownWords, copy: (text: string) => Promise<boolean>): MarkdownView {
  let shown: Block[] = []
  let shownSource: string | null = null
  let shownLinks = '{}'

  const press = (event: Event) => {
    const button = event.target instanceof Element ? event.target.closest('button[data-copy-code]') : null
    const source = button?.closest('figure')?.querySelector('pre > code')?.textContent
    if (button === null || source === undefined || source === null) return
    void copy(source).then((done) => {
      if (!done) return
      button.setAttribute('data-copied', words.copied)
      setTimeout(() => button.removeAttribute('data-copied'), COPIED_MS)
    })
  }
  host.addEventListener('click', press)

  return {
    update(text, open) {
      const source = open ? heal(text) : text
      if (source === shownSource) return
      shownSource = source
      const { tokens, links: definitions } = lex(source)
      const links = JSON.stringify(definitions)
      // A definition that just came may complete a link anywhere above.
      const before = links === shownLinks ? shown : shown.map((block) => ({ ...block, raw: '' }))
      shownLinks = links
      shown = reconcile(host, before, tokens, words)
    },
    destroy() {
      host.removeEventListener('click', press)
      host.replaceChildren()
      shown = []
    },
  }
}

function reconcile(host: HTMLElement, before: readonly Block[], tokens: readonly Token[], words: MarkdownWords): Block[] {
  const after: Block[] = []
  const outline: number[] = []
  for (const token of tokens) {
    const level = levelOf(token, outline)
    const held = before[after.length]
    if (held !== undefined && held.raw === token.raw && held.level === level) {
      after.push(held)
      continue
    }
    const shape = shapeBlock(token, words, level)
    if (shape !== null) after.push({ raw: token.raw, level, shape, node: place(host, held, shape) })
  }
  for (const extra of before.slice(after.length)) extra.node.parentNode?.removeChild(extra.node)
  return after
}

/**
 * The level of a heading in the page: one below the nearest heading above it that is greater, beginning at 2 below the page's own h1. So
 * an answer that begins with `###` leaves no hole in the outline. Depends only on what stands above.
 */
function levelOf(token: Token, outline: number[]): number {
  if (token.type === 'heading') {
    const depth = Number((token as Tokens.Heading).depth)
    while ((outline.at(-1) ?? 0) >= depth) outline.pop()
    outline.push(depth)
  }
  return Math.min(6, outline.length + 1)
}

function place(host: HTMLElement, held: Block | undefined, shape: ElementShape): Node {
  if (held !== undefined && sync(held.node, held.shape, shape)) return held.node
  const node = create(shape, host.ownerDocument)
  if (held === undefined) host.append(node)
  else host.replaceChild(node, held.node)
  return node
}
