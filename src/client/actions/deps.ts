/** What the actions stand on; `main` names the real ones, tests script their own. */
import type { FileId, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { StoredFile } from '../../shared/protocol.ts'
import type { Api } from '../api/api.ts'
import type { LiveView, OwnerToken } from '../run/sink.ts'
import type { Preferences } from '../store/preferences.ts'
import type { Store } from '../store/store.ts'
import type { BranchMemory } from './branches.ts'
import type { SettingsAddress } from './settings-address.ts'
import type { Explain } from './trouble.ts'
import type { Words } from './words.ts'
import type { DraftStorage } from './draft-storage.ts'

export interface ActionDeps {
  readonly store: Store
  readonly api: Api
  readonly streams: Streams
  /** Sends a file. Rejects with ApiError, or with the signal's reason. */
  readonly upload: (file: FileId, name: string, bytes: Blob, watch: UploadWatch) => Promise<StoredFile>
  /** Width and height in px as it is to be shown; null: no picture that this browser can draw. */
  readonly measurePicture: (bytes: Blob) => Promise<{ readonly width: number; readonly height: number } | null>
  readonly runCache: RunCache
  /** 128 random bits as an id. */
  readonly newId: () => string
  /** Puts a thread's address into the address bar, as a step that Back undoes. */
  readonly navigate: (thread: ThreadId | null, message?: MessageId) => void
  readonly drafts: DraftStorage
  /** Which branch of each thread somebody chose to look at. */
  readonly branchMemory: BranchMemory
  /** Keeps the preferences for the next visit and for the other tabs. */
  readonly savePreferences: (preferences: Preferences) => void
  /** Asks the person whether this browser may notify. */
  readonly mayNotify: () => Promise<boolean>
  readonly settingsAddress: SettingsAddress
  /** Clears what this browser keeps of chats, and begins anew. */
  readonly forgetEverything: () => Promise<void>
  /** What is said to people, in the language of now. */
  readonly words: () => Words
  readonly clock: Timers
  /** Whether somebody may be looking at the page. */
  readonly visible: () => boolean
  readonly log: Log
}

/** What each part of the actions stands on. */
export interface PartDeps extends ActionDeps {
  readonly explain: Explain
}

export interface UploadWatch {
  readonly signal: AbortSignal
  /** 0 to 1: how much has left. */
  readonly onShare: (share: number) => void
}

export interface Streams {
  /**
   * Follows a run of the thread in view, from `start` where the page still shows something of it, else from a snapshot. A run that is
   * followed already goes on and its token comes back. The sink hears nothing before this has returned.
   */
  follow(thread: ThreadId, run: RunId, start: LiveView | null): OwnerToken
  /** Leaves a thread: its tokens hear nothing more. Its runs go on at the server. */
  release(thread: ThreadId): void
  /** Leaves one run: its token hears nothing more. */
  leave(run: RunId): void
  /** Asks the server to stop a run, followed or not. Rejects with ApiError. */
  stop(run: RunId): Promise<void>
  /** The server said elsewhere that a run changed: whoever waits for it looks at once. */
  hint(run: RunId): void
}

/** Which run each thread followed before a reload. The streams write it. */
export interface RunCache {
  get(thread: ThreadId): RunId | null
  forget(thread: ThreadId, run: RunId): void
}

export interface Timers {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `wake` once after `ms`; the answer cancels it. */
  after(ms: number, wake: () => void): () => void
}

export type Log = (message: string, detail?: Readonly<Record<string, unknown>>) => void
