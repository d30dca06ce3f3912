/** A part of the page that is fetched when it is first wanted. A fetch that failed is tried again the next time; the page's root tells why it failed. */
export interface OnDemand<T> {
  /** Null until it is here. */
  get(): T | null
  load(): Promise<T>
}

/** Whether it is here now. Why it could not be fetched is told by the page's root. */
export async function prepared(part: OnDemand<unknown>): Promise<boolean> {
  try {
    await part.load()
    return true
  } catch {
    return false
  }
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
