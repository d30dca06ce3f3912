/** A part of the page that is fetched when it is first wanted. A fetch that failed is tried again the next time; the page's root tells why it failed. */
export interface OnDemand<T> {
  /** Null until it is here. */
  get(): T | null
  load(): Promise<T>
}

export function onDemand<T>(fetchPart: () => Promise<T>): OnDemand<T> {
  let part: T | null = null
  let pending: Promise<T> | null = null
  return {
    get: () => part,
    load() {
      pending ??= fetchPart().then(
        (here) => (part = here),
        (error: unknown) => {
          pending = null
          throw error
        },
      )
      return pending
    },
  }
}
