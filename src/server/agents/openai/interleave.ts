/** Side news that may come while a stream is being waited for. */
export interface Inbox<T> {
  put(item: T): void
  /** Everything put since the last call. */
  take(): T[]
  /** Calls back at the next `put`; one listener, the newest. */
  onPut(listen: () => void): void
}

export function createInbox<T>(): Inbox<T> {
  let items: T[] = []
  let listener = () => {}
  return {
    put(item) {
      items.push(item)
      listener()
    },
    take() {
      const taken = items
      items = []
      return taken
    },
    onPut(listen) {
      listener = listen
    },
  }
}

/** The items of `main` in order, and those of `inbox` as soon as they are there. Reads `main` only as fast as it is read itself. */
export async function* interleave<A, B>(main: AsyncIterable<A>, inbox: Inbox<B>): AsyncGenerator<A | B, void> {
  const iterator = main[Symbol.asyncIterator]()
  let finished = false
  try {
    while (!finished) {
      let pulled: IteratorResult<A> | undefined
      let wake = () => {}
      // One promise per item rather than a race with a lasting one, which would gather a reaction for every item ever read.
      const next = iterator.next().then((result) => {
        pulled = result
        wake()
      })
      // It may fail while the reader is busy with news, or gone: nobody listens then, and that must not take the server down.
      next.catch(() => undefined)
      while (pulled === undefined) {
        // Again until there is none: more may have come while the reader was busy with these.
        for (let news = inbox.take(); news.length > 0; news = inbox.take()) yield* news
        await new Promise<void>((resolve, reject) => {
          wake = resolve
          inbox.onPut(resolve)
          next.catch(reject)
          if (pulled !== undefined) resolve()
        })
      }
      yield* inbox.take()
      if (pulled.done === true) finished = true
      else yield pulled.value
    }
  } finally {
    if (!finished) await iterator.return?.()
  }
}
