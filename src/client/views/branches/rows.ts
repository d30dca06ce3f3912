/** The branches of a thread as the rows of a tree. Pure. */
import type { RunId } from '../../../shared/ids.ts'
import { pathOfStretches } from '../../../shared/branches.ts'
import type { Branch } from '../../../shared/protocol.ts'

export interface BranchRow {
  readonly branch: Branch
  /** 1 for what begins the thread. */
  readonly level: number
  /** It is part of what is looked at. */
  readonly onPath: boolean
  /** What is looked at ends in it. */
  readonly current: boolean
}

/** Each branch under the one that it leaves from, oldest first. `shown`: runs that are looked at, oldest first; some may be further back than is known here. */
export function rowsOf(branches: readonly Branch[], shown: readonly RunId[]): BranchRow[] {
  const end = shown.toReversed().map((run) => branches.find((branch) => branch.last === run || branch.id === run)).find((branch) => branch !== undefined)
  const path = new Set(end === undefined ? [] : pathOfStretches(branches, end.id).map((branch) => branch.id))
  const under = (parent: RunId | null, level: number): BranchRow[] => branches.filter((branch) => branch.parent === parent)
    .flatMap((branch) => [{ branch, level, onPath: path.has(branch.id), current: branch.id === end?.id }, ...under(branch.id, level + 1)])
  return under(null, 1)
}
