/** The turns of a thread as its window knows them. */
import type { ShownTurn } from '../../store/turns.ts'
import { pictureBox } from '../files/picture-box.ts'
import type { Entry } from './thread-window.ts'

export interface ThreadEntry extends Entry {
  /** Null: messages that are not loaded. */
  readonly turn: ShownTurn | null
}

/** No message has this id: it holds a blank. */
export const GAP = 'not loaded'

const gap: ThreadEntry = { key: GAP, characters: () => 0, stays: true, turn: null }
const made = new WeakMap<ShownTurn, ThreadEntry>()

/** Everything that can be drawn, oldest first: the piece further back, what is not loaded, and what reaches to the end. */
export function entriesOf(past: readonly ShownTurn[], turns: readonly ShownTurn[]): ThreadEntry[] {
  return past.length === 0 ? turns.map(entryOf) : [...past.map(entryOf), gap, ...turns.map(entryOf)]
}

/** The turn that a message belongs to. */
export function turnWith(entries: readonly ThreadEntry[], message: string): ThreadEntry | undefined {
  return entries.find(({ turn }) => turn !== null && (turn.message.id === message || turn.replies.some((reply) => reply.id === message)))
}

function entryOf(turn: ShownTurn): ThreadEntry {
  const held = made.get(turn)
  if (held !== undefined) return held
  let characters: number | null = null
  const entry: ThreadEntry = {
    key: turn.key, turn, stays: turn.live !== null || turn.outgoing !== null,
    characters: () => (characters ??= charactersOf(turn)),
  }
  made.set(turn, entry)
  return entry
}

/** A line that is broken off, or a block that begins, takes room as these many more characters would. */
const BREAK = 70
const LINE_PX = 26

/** Tools and thinking are closed to a line of their own. */
function charactersOf(turn: ShownTurn): number {
  return [turn.message, ...turn.replies].flatMap((message) => message.parts).reduce((sum, part) => {
    if (part.kind === 'file' && part.height !== undefined && part.width !== undefined) return sum + (pictureBox(part.width, part.height).height / LINE_PX) * BREAK
    if (part.kind !== 'text') return sum + BREAK
    return sum + part.text.length + BREAK * (part.text.split('\n').length - 1)
  }, 0)
}
