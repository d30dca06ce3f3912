/** What follows a run, and how one is made whose code is still on its way. */
import type { LiveView, OwnerToken, StreamSink } from '../run/sink.ts'
import type { OutsideEvent, PauseReason, RunState } from '../run/state.ts'
import type { Clock } from './clock.ts'
import type { StreamLog } from './transport.ts'

export interface FollowerDeps {
  readonly token: OwnerToken
  /** What the page still shows of this run, to go on from. */
  readonly start: LiveView | null
  /** Reasons that hold already. */
  readonly pauses: readonly PauseReason[]
  readonly clock: Clock
  readonly random: () => number
  /** Sends the request to stop. Rejects when it did not get through. */
  cancel(): Promise<unknown>
  readonly sink: StreamSink
  readonly log: StreamLog
  /** Called once, after `finalize`: nothing is left to release. */
  onOver(state: RunState): void
}

export interface Follower {
  signal(event: OutsideEvent): void
  /** Resolves when the server has taken the request to stop, rejects when it could not be sent. */
  stop(): Promise<void>
  /** Releases everything without a word to the sink. */
  dispose(): void
}

export type CreateFollower = (deps: FollowerDeps) => Follower

/** A follower made by code that is fetched when it is first wanted. What it is told until then it hears when it is there. `code` never rejects. */
export function onceHere(code: () => Promise<CreateFollower>): CreateFollower {
  return (deps) => {
    let disposed = false
    let follower: Follower | null = null
    const told: OutsideEvent[] = []
    const here = code().then((create) => {
      if (disposed) return null
      follower = create(deps)
      for (const event of told) follower.signal(event)
      return follower
    })
    return {
      signal(event) {
        if (follower === null) told.push(event)
        else follower.signal(event)
      },
      stop: async () => (await here)?.stop(),
      dispose() {
        disposed = true
        follower?.dispose()
      },
    }
  }
}

/** Fetches a part of the page until it comes: `onTrouble` is told each time that it does not. Fetched once, however often it is asked for. */
export function persistently<T>(load: () => Promise<T>, clock: Clock, onTrouble: (error: unknown) => void): () => Promise<T> {
  let coming: Promise<T> | null = null
  const fetchIt = async (): Promise<T> => {
    for (;;) {
      try {
        return await load()
      } catch (error) {
        onTrouble(error)
        await new Promise<void>((next) => void clock.after(AGAIN_MS, next))
      }
    }
  }
  return () => (coming ??= fetchIt())
}

const AGAIN_MS = 2_000
