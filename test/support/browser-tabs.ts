/** What the tabs of one browser share: locks, of which one tab at a time holds each, and a channel on which they speak to each other. */
import type { FeedChannel } from '../../src/client/stream/feed.ts'

export interface BrowserTabs {
  readonly locks: Pick<LockManager, 'request'>
  readonly openChannel: () => FeedChannel
  readonly channels: ReadonlySet<FeedChannel>
}

export function createBrowserTabs(): BrowserTabs {
  const channels = new Set<FeedChannel>()
  const waiting: { run: () => Promise<unknown>; done: (value: unknown) => void }[] = []
  let held = false

  function grant(): void {
    const next = held ? undefined : waiting.shift()
    if (next === undefined) return
    held = true
    void next.run().then((value) => {
      held = false
      next.done(value)
      grant()
    })
  }
  const locks = {
    request(_name: string, options: LockOptions, run: () => Promise<unknown>) {
      return new Promise<unknown>((resolve, reject) => {
        const entry = { run, done: resolve }
        options.signal?.addEventListener('abort', () => {
          const at = waiting.indexOf(entry)
          if (at >= 0) waiting.splice(at, 1)
          reject(new DOMException('aborted', 'AbortError'))
        })
        waiting.push(entry)
        queueMicrotask(grant)
      })
    },
  } as unknown as Pick<LockManager, 'request'>

  const openChannel = (): FeedChannel => {
    const channel: FeedChannel = {
      onmessage: null,
      postMessage(message) {
        for (const other of [...channels]) if (other !== channel) other.onmessage?.({ data: structuredClone(message) } as MessageEvent)
      },
      close: () => void channels.delete(channel),
    }
    channels.add(channel)
    return channel
  }
  return { locks, openChannel, channels }
}
