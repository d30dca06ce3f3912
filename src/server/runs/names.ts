/**
 * The agent's names of things → ours, as a value: `with` answers with a new one and leaves the old as it was. A run may have ten
 * thousand parts, so not all of it is copied for each new name: the newest lie in a small map of their own.
 */
export interface Names<T> {
  has(name: string): boolean
  get(name: string): T | undefined
  with(name: string, value: T): Names<T>
}

/** How many names are copied for each new one, at most, but for the one in so many that copies all. */
const FRESH = 64

export function noNames<T>(): Names<T> {
  return names(new Map(), new Map())
}

function names<T>(settled: ReadonlyMap<string, T>, fresh: ReadonlyMap<string, T>): Names<T> {
  return {
    has: (name) => fresh.has(name) || settled.has(name),
    get: (name) => fresh.get(name) ?? settled.get(name),
    with: (name, value) =>
      fresh.size < FRESH ? names(settled, new Map(fresh).set(name, value)) : names(new Map([...settled, ...fresh]).set(name, value), new Map()),
  }
}
