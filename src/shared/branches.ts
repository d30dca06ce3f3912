/** The branches of a whole thread, told by what begins each of them. Pure. */
import type { RunId } from './ids.ts'
import type { Message } from './protocol.ts'
import { treeOf } from './turns.ts'
import type { Node, TreeRun } from './turns.ts'

/** Turns that follow each other without a fork, from behind one fork up to the next one or to an end. */
export interface Stretch<R extends TreeRun> {
  /** What it begins with. */
  readonly first: Node<R, TreeMessage>
  readonly last: Node<R, TreeMessage>
  readonly turns: number
  /** The stretch that it leaves from; null: it begins the thread. */
  readonly parent: Stretch<R> | null
}

type TreeMessage = Pick<Message, 'id' | 'run' | 'after'>

/** The stretches of a thread, each behind the one that it leaves from, oldest first. `messages` and `runs` as for `treeOf`. */
export function stretchesOf<R extends TreeRun>(messages: readonly TreeMessage[], runs: readonly R[]): readonly Stretch<R>[] {
  const tree = treeOf(messages, runs)
  const children = new Map<Node<R, TreeMessage> | null, Node<R, TreeMessage>[]>()
  for (const node of tree) children.set(node.parent, [...(children.get(node.parent) ?? []), node])
  const behind = new Map<Node<R, TreeMessage>, Stretch<R>>()
  // A run comes after the one that it follows, so that its parent's stretch is there before its own.
  return tree.flatMap((first) => {
    if (first.parent !== null && children.get(first.parent)?.length === 1) return []
    let last = first
    let turns = 1
    for (let next = children.get(last); next?.length === 1; next = children.get(last)) {
      last = next[0] as Node<R, TreeMessage>
      turns++
    }
    const stretch: Stretch<R> = { first, last, turns, parent: first.parent === null ? null : (behind.get(first.parent) ?? null) }
    behind.set(last, stretch)
    return [stretch]
  })
}

/** A stretch as the server tells it. */
interface Told {
  readonly id: RunId
  readonly parent: RunId | null
}

/** Those that lead to the stretch with this id, it included; oldest first. */
export function pathOfStretches<T extends Told>(stretches: readonly T[], end: RunId): readonly T[] {
  const byId = new Map<RunId | null, T>(stretches.map((stretch) => [stretch.id, stretch]))
  const path: T[] = []
  for (let at = byId.get(end); at !== undefined; at = byId.get(at.parent)) path.push(at)
  return path.toReversed()
}

