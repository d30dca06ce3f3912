/** What was measured, kept in a file after each case, so that a long run can be made in slices. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Timed } from './measure.ts'
import type { Seen } from './watch.ts'

export interface Results {
  times(renderer: string, text: string): readonly Timed[]
  addTime(renderer: string, text: string, timed: Timed): void
  /** Undefined: not looked at yet; null: not within the limit. */
  seen(renderer: string, text: string): Seen | null | undefined
  setSeen(renderer: string, text: string, seen: Seen | null): void
}

interface Kept {
  readonly times: Record<string, Timed[]>
  readonly seen: Record<string, Seen | null>
}

/** `file`: read if it is there, written after every change; null: kept in memory only. */
export function createResults(file: string | null): Results {
  const kept: Kept = file !== null && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : { times: {}, seen: {} }
  const save = () => {
    if (file !== null) writeFileSync(file, JSON.stringify(kept))
  }
  const key = (renderer: string, text: string) => `${renderer} | ${text}`
  return {
    times: (renderer, text) => kept.times[key(renderer, text)] ?? [],
    addTime(renderer, text, timed) {
      kept.times[key(renderer, text)] = [...(kept.times[key(renderer, text)] ?? []), timed]
      save()
    },
    seen: (renderer, text) => kept.seen[key(renderer, text)],
    setSeen(renderer, text, seen) {
      kept.seen[key(renderer, text)] = seen
      save()
    },
  }
}

/** The middle one of the times; null where a try did not finish; undefined where there was none. */
export function middle(times: readonly Timed[]): Timed | null | undefined {
  if (times.length === 0) return undefined
  if (times.some((timed) => timed.cpuS === null)) return null
  return times.toSorted((a, b) => (a.cpuS ?? 0) - (b.cpuS ?? 0))[Math.floor((times.length - 1) / 2)]
}
