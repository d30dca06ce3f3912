/** One browser's end of an event stream: bytes go in, and it says when it has had enough. */

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

/** `onClose` is called once, whoever closes. */
export function createSink(onClose: () => void): Sink {
  let controller: ReadableStreamDefaultController<Uint8Array>
  let isClosed = false
  let waiting: (() => void)[] = []

  const wakeWaiting = () => {
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

  const body = new ReadableStream<Uint8Array>(
    {
      start: (c) => { controller = c },
      pull: wakeWaiting,
      cancel: close,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: FULL_BYTES }),
  )
  const full = () => (controller.desiredSize ?? 0) <= 0

  return {
    body,
    full,
    write(bytes) {
      if (isClosed) return true
      controller.enqueue(bytes)
      return !full()
    },
    drained: () => (isClosed || !full() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    closed: () => isClosed,
    end() {
      if (isClosed) return
      controller.close()
      close()
    },
    cut(reason) {
      if (isClosed) return
      controller.error(new Error(reason))
      close()
    },
  }
}
