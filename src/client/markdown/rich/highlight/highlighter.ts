/**
 * Decides what is coloured, and when: what came near the screen last first, each block's chunks in order because the grammar's state goes from one
 * to the next. One request is under way at a time, so there is no queue to fall behind in.
 */
import { knownLanguage } from './language-names.ts'
import type { LanguageName } from './languages.ts'
import { paint } from './paint.ts'
import type { HighlightPort, TokenReply } from './port.ts'

export interface Highlighter {
  /** A chunk whose text, and that of the chunks before it in `code`, will not change any more, and that somebody may see now. */
  chunk(chunk: HTMLElement, code: HTMLElement, language: string): void
}

export interface HighlighterDeps {
  readonly openPort: () => HighlightPort
  /** Calls back when nobody has hold of text in this chunk, which may be at once. */
  readonly whenNotHeld: (chunk: HTMLElement, paint: () => void) => void
  readonly log: (message: string, details: object) => void
}

/** Beyond these a chunk, and what follows it in its block, stays plain. */
const LONGEST_CHUNK = 64_000
const MOST_CHUNKS = 2_000
/** A worker that needs longer is lost in a pattern. The first block of C++ takes seconds on a slow machine, to read the grammar. */
const ANSWER_MS = 30_000
const MOST_DEATHS = 3
const MOST_WAITING_BLOCKS = 100

interface Block {
  readonly id: number
  readonly language: LanguageName
  /** Its children are the chunks. */
  readonly code: HTMLElement
  /** Index of the first chunk that was not sent yet. */
  next: number
  /** Chunks before this index are wanted. */
  wanted: number
  /** Of chunks that were on the way to one that is seen, and are not yet seen themselves. */
  readonly ranges: Map<Element, Uint32Array>
  readonly seen: WeakSet<Element>
}

export function createHighlighter({ openPort, whenNotHeld, log }: HighlighterDeps): Highlighter {
  const blocks = new WeakMap<HTMLElement, Block>()
  /** The block that was seen last is served first. */
  const waiting = new Set<Block>()
  let blockCount = 0
  let requests = 0
  let deaths = 0
  let port: HighlightPort | null = null
  let underWay: { readonly id: number; readonly chunk: HTMLElement; readonly block: Block; readonly timer: ReturnType<typeof setTimeout> } | null = null

  const show = (block: Block, chunk: HTMLElement) => {
    const ranges = block.ranges.get(chunk)
    if (ranges === undefined || !block.seen.has(chunk)) return
    block.ranges.delete(chunk)
    whenNotHeld(chunk, () => paint(chunk, ranges))
  }

  const died = (reason: string) => {
    deaths += 1
    log('the highlighter stopped; code stays plain', { reason, deaths })
    port?.close()
    port = null
    if (underWay !== null) {
      clearTimeout(underWay.timer)
      // What it died of is not tried again.
      giveUp(underWay.block)
      underWay = null
    }
    pump()
  }

  const giveUp = (block: Block) => {
    block.next = Number.POSITIVE_INFINITY
    waiting.delete(block)
  }

  const open = (): HighlightPort => {
    const opened = openPort()
    opened.onReply((reply) => { if (opened === port) replied(reply) })
    opened.onDeath((reason) => { if (opened === port) died(reason) })
    return opened
  }

  const replied = ({ id, ranges, reason }: TokenReply) => {
    if (underWay === null || underWay.id !== id) return
    const { block, chunk, timer } = underWay
    clearTimeout(timer)
    underWay = null
    if (ranges === null) {
      log('a block of code could not be coloured', { language: block.language, reason })
      giveUp(block)
    } else {
      block.ranges.set(chunk, ranges)
      show(block, chunk)
    }
    pump()
  }

  const pump = () => {
    while (underWay === null && deaths < MOST_DEATHS) {
      const block = [...waiting].at(-1)
      if (block === undefined) return
      const chunk = block.code.children[block.next] as HTMLElement | undefined
      const text = chunk?.textContent ?? ''
      if (chunk === undefined || block.next >= block.wanted) waiting.delete(block)
      else if (!chunk.isConnected || text.length > LONGEST_CHUNK || block.next >= MOST_CHUNKS) giveUp(block)
      else {
        block.next += 1
        const id = ++requests
        underWay = { id, chunk, block, timer: setTimeout(() => died(`no answer within ${ANSWER_MS} ms`), ANSWER_MS) }
        port ??= open()
        port.ask({ id, block: block.id, language: block.language, text })
      }
    }
  }

  return {
    chunk(chunk, code, label) {
      const language = knownLanguage(label)
      if (language === null) return
      const block = blocks.get(code) ?? { id: ++blockCount, language, code, next: 0, wanted: 0, ranges: new Map(), seen: new WeakSet() }
      blocks.set(code, block)
      block.seen.add(chunk)
      show(block, chunk)
      block.wanted = Math.max(block.wanted, Array.prototype.indexOf.call(code.children, chunk) + 1)
      if (block.next >= block.wanted) return
      waiting.delete(block)
      waiting.add(block)
      const [oldest] = waiting
      if (waiting.size > MOST_WAITING_BLOCKS && oldest !== undefined) waiting.delete(oldest)
      pump()
    },
  }
}
