/** Watches the nodes of a text that is being drawn: which are removed, and in which frames half-typed marks show. */
export interface Seen {
  readonly frames: number
  /** Nodes that were shown and left the page, what they held included. */
  readonly removed: number
  /** Those of them that had stood there for `FINISHED_FRAMES`. */
  readonly removedFinished: number
  /** Frames that showed markdown's own marks, and the first few of them. */
  readonly flashes: number
  readonly samples: readonly string[]
}

export interface Watch {
  /** Call once per frame, after it was drawn into. */
  frame(): void
  seen(): Seen
}

/** With 40 deltas of 3 to 10 characters a frame these are about 8,000 characters: whatever is that old was finished long ago. */
const FINISHED_FRAMES = 30
const SAMPLES = 5
/** As far from the end as half-typed marks can be. */
const TAIL_CHARACTERS = 600

/** What a reader must never see of something half-typed: bold and strike marks, fences, a broken link, a table's ruler, a heading's mark. */
const marks = /\*\*|~~|```|\]\(|^ {0,3}#{1,6}(?: |$)|^ *\|?(?: *:?-{2,}:? *\|)+/m

export function createWatch(host: HTMLElement): Watch {
  const since = new WeakMap<Node, number>()
  const samples: string[] = []
  let frames = 0
  let removed = 0
  let removedFinished = 0
  let flashes = 0

  const eachNode = (root: Node, visit: (node: Node) => void) => {
    visit(root)
    for (const kid of root.childNodes) eachNode(kid, visit)
  }
  const take = (records: readonly MutationRecord[]) => {
    for (const record of records) {
      for (const node of record.removedNodes) {
        // What was only moved is still there; what came and went between two frames was never seen.
        if (host.contains(node) || !since.has(node)) continue
        eachNode(node, (each) => {
          const at = since.get(each)
          if (at === undefined) return
          removed++
          if (frames - at >= FINISHED_FRAMES) removedFinished++
          since.delete(each)
        })
      }
    }
    for (const record of records) {
      for (const node of record.addedNodes) if (host.contains(node)) eachNode(node, (each) => since.has(each) || since.set(each, frames))
    }
  }
  const observer = new MutationObserver(take)
  observer.observe(host, { childList: true, subtree: true })

  return {
    frame() {
      take(observer.takeRecords())
      frames++
      const flash = marks.exec(tailText(host))
      if (flash === null) return
      flashes++
      if (samples.length < SAMPLES) samples.push(flash.input.slice(Math.max(0, flash.index - 30), flash.index + 30))
    },
    seen() {
      take(observer.takeRecords())
      return { frames, removed, removedFinished, flashes, samples }
    },
  }
}

const blocks = new Set(['P', 'LI', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'TR', 'DIV', 'BLOCKQUOTE', 'BR', 'UL', 'OL', 'TABLE', 'FIGURE'])

/** The last of the text, each block on a line of its own; without code and formulas, where such marks are what was meant. */
function tailText(host: HTMLElement): string {
  const pieces: string[] = []
  let length = 0
  const visit = (node: Node): void => {
    if (length > TAIL_CHARACTERS) return
    if (node instanceof Text) {
      pieces.push(node.data)
      length += node.data.length
      return
    }
    if (!(node instanceof Element) || node.matches('pre, code, math, .katex, button, [hidden]')) return
    if (blocks.has(node.tagName)) pieces.push('\n')
    for (let kid = node.lastChild; kid !== null; kid = kid.previousSibling) visit(kid)
    if (blocks.has(node.tagName)) pieces.push('\n')
  }
  visit(host)
  return pieces.toReversed().join('')
}
