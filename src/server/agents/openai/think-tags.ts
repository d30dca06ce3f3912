/**
 * Some models write their reasoning into the answer, between `<think>` and `</think>`. That is recognised only at the very
 * beginning of an answer, where such models put it: an answer about these tags keeps them. No character is lost: what might have
 * become a tag and did not is given back.
 */
export interface Segment {
  readonly kind: 'text' | 'thinking'
  readonly text: string
}

export interface ThinkSplitter {
  /** The next piece of the answer; what it makes certain. */
  take(text: string): Segment[]
  /** The answer is over: whatever was held back. */
  flush(): Segment[]
}

const tagNames = ['think', 'thinking', 'thought']

export function createThinkSplitter(): ThinkSplitter {
  let state: 'undecided' | 'opened' | 'thinking' | 'after' | 'text' = 'undecided'
  let closing = ''
  let held = ''

  function step(): Segment | 'more' | 'wait' {
    switch (state) {
      case 'undecided': {
        const opening = tagNames.map((name) => `<${name}>`)
        const start = held.trimStart()
        const tag = opening.find((candidate) => start.startsWith(candidate))
        if (tag !== undefined) {
          held = start.slice(tag.length)
          closing = `</${tag.slice(1)}`
          state = 'opened'
          return 'more'
        }
        if (opening.some((candidate) => candidate.startsWith(start))) return 'wait'
        state = 'text'
        return 'more'
      }
      case 'thinking': {
        const end = held.indexOf(closing)
        if (end >= 0) {
          const thought = held.slice(0, end).trimEnd()
          held = held.slice(end + closing.length)
          state = 'after'
          return { kind: 'thinking', text: thought }
        }
        // Blanks wait too: those before the closing tag are not part of the thought.
        const safe = held.slice(0, held.length - partialLength(held, closing)).trimEnd()
        held = held.slice(safe.length)
        return safe === '' ? 'wait' : { kind: 'thinking', text: safe }
      }
      case 'opened':
      case 'after':
        held = held.trimStart()
        if (held === '') return 'wait'
        state = state === 'opened' ? 'thinking' : 'text'
        return 'more'
      case 'text': {
        const text = held
        held = ''
        return text === '' ? 'wait' : { kind: 'text', text }
      }
      default:
        return state satisfies never
    }
  }

  function drain(): Segment[] {
    const segments: Segment[] = []
    for (let next = step(); next !== 'wait'; next = step()) {
      if (next !== 'more' && next.text !== '') segments.push(next)
    }
    return segments
  }

  return {
    take(text) {
      held += text
      return drain()
    },
    flush() {
      const kind = state === 'thinking' ? 'thinking' : 'text'
      const rest = held
      held = ''
      return rest === '' ? [] : [{ kind, text: rest }]
    },
  }
}

/** Length of the longest end of `text` that is a beginning of `tag`. */
function partialLength(text: string, tag: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length--) {
    if (tag.startsWith(text.slice(-length))) return length
  }
  return 0
}
