/**
 * One browser's end of an event stream: bytes go in, and it says when it has had enough. They come out of `body`, or go straight into what
 * `pourOf(body)` is given.
 */

/** Unsent bytes above which nothing more is taken from the journal for this reader. */
const FULL_BYTES = 256 * 1024

export interface Sink {
  readonly body: ReadableStream<Uint8Array>
  /** False: unsent bytes have reached the limit; wait for `drained`. Writing to a closed sink does nothing. */
  write(bytes: Uint8Array): boolean
  full(): boolean
  /** Resolves when there is room again, or when the reader has gone. */
  drained(): Promise<void>
  closed(): boolean
  /** Ends the stream after what is unsent. */
  end(): void
  /** Cuts the stream, for a reader that does not read. */
  cut(reason: string): void
}

/** What bytes can be poured into: Node's response, as far as it is needed. */
export interface Outlet {
  readonly destroyed: boolean
  /** Bytes that were written and have not left. */
  readonly writableLength: number
  write(bytes: Uint8Array): unknown
  end(): unknown
  destroy(): unknown
  on(event: 'drain' | 'close' | 'error', listener: () => void): unknown
}

const pourable = new WeakMap<ReadableStream<Uint8Array>, (outlet: Outlet) => void>()

/**
 * How to send the bytes of an event stream's body straight into an outlet, what has gathered first: reading a stream of the platform costs more than
 * writing to a socket does. Undefined: `body` is not a sink's. A body that is poured must not be read.
 */
export function pourOf(body: ReadableStream<Uint8Array>): ((outlet: Outlet) => void) | undefined {
  return pourable.get(body)
}

/** `onClose` is called once, whoever closes. */
export function createSink(onClose: () => void): Sink {
  const unread: Uint8Array[] = []
  let unreadBytes = 0
  let outlet: Outlet | null = null
  let controller: ReadableStreamDefaultController<Uint8Array>
  let wanted = false
  let isClosed = false
  let waiting: (() => void)[] = []

  const wakeWaiting = () => {
    if (waiting.length === 0) return
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }
  const close = () => {
    if (isClosed) return
    isClosed = true
    wakeWaiting()
    onClose()
  }
  const takeUnread = () => {
    const [first] = unread
    const bytes = unread.length === 1 && first !== undefined ? first : Buffer.concat(unread)
    unread.length = 0
    unreadBytes = 0
    return bytes
  }
  /** Hands the body what it waits for. */
  const feed = () => {
    if (wanted && unread.length > 0) {
      wanted = false
      controller.enqueue(takeUnread())
      wakeWaiting()
    }
    if (isClosed && unread.length === 0) controller.close()
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start: (c) => { controller = c },
      pull: () => {
        wanted = true
        feed()
      },
      cancel: close,
    },
    { highWaterMark: 0 }, // what is unread is counted here, in bytes
  )
  const full = () => (outlet === null ? unreadBytes : outlet.writableLength) >= FULL_BYTES

  pourable.set(body, (given) => {
    outlet = given
    if (unread.length > 0) given.write(takeUnread())
    if (isClosed) return void given.end()
    given.on('drain', wakeWaiting)
    given.on('close', close)
    given.on('error', close) // written to in the moment in which the browser went
    if (given.destroyed) close()
    // The system may have taken it all at once: then there is room, and no drain to tell of it.
    else if (!full()) wakeWaiting()
  })

  return {
    body,
    full,
    write(bytes) {
      if (isClosed) return true
      if (outlet !== null) {
        outlet.write(bytes)
      } else {
        unread.push(bytes)
        unreadBytes += bytes.length
        if (wanted) feed()
      }
      return !full()
    },
    drained: () => (isClosed || !full() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    closed: () => isClosed,
    end() {
      if (isClosed) return
      close()
      if (outlet === null) feed()
      else outlet.end()
    },
    cut(reason) {
      if (isClosed) return
      unread.length = 0
      if (outlet === null) controller.error(new Error(reason))
      else outlet.destroy()
      close()
    },
  }
}
