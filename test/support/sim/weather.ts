/** How bad the world is, and what of it has really struck. Only a fault that struck is counted: a cut without a stream, or a trouble of the disk that no write met, is none. */

/** Chances between 0 and 1, each time there is an occasion. */
export interface Climate {
  /** A stream is cut somewhere in its first 800 bytes. */
  readonly cut: number
  /** A piece of a stream, and all behind it, is held up: mostly for an instant, now and then for longer than any watchdog waits. */
  readonly hole: number
  /** A plain request, or its answer, is lost or is answered by a proxy. */
  readonly answer: number
  /** A write fails, or goes through and reports failure. */
  readonly write: number
  /** A read fails. */
  readonly read: number
  /** The server is killed at a write: before it, or after it and before anybody hears. */
  readonly crash: number
  /** A write takes up to two seconds. */
  readonly slow: number
}

export const fairWeather: Climate = { cut: 0, hole: 0, answer: 0, write: 0, read: 0, crash: 0, slow: 0 }

export type FaultKind =
  | 'stream cut' | 'bytes held up' | 'request lost' | 'answer lost' | 'answer of a proxy'
  | 'write failed' | 'write landed but reported failure' | 'write slow' | 'read failed' | 'disk full for a while'
  | 'server killed' | 'server killed at a write' | 'server frozen' | 'server shut down' | 'second server on the same store'
  | 'tab reloaded' | 'tab closed' | 'tab hidden' | 'browser offline' | 'page stirred'

export interface Weather {
  climate(): Climate
  change(climate: Climate): void
  /** True with this chance. */
  strikes(chance: keyof Climate): boolean
  count(kind: FaultKind): void
  readonly counts: ReadonlyMap<FaultKind, number>
  total(): number
}

export function createWeather(random: () => number, first: Climate): Weather {
  let climate = first
  const counts = new Map<FaultKind, number>()
  return {
    counts,
    climate: () => climate,
    change: (next) => { climate = next },
    strikes: (chance) => climate[chance] > 0 && random() < climate[chance],
    count: (kind) => void counts.set(kind, (counts.get(kind) ?? 0) + 1),
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
  }
}
