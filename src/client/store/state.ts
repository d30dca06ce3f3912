/** Everything the page knows, as plain readonly records. Views read it through selectors; only actions and the stream sink write. */
import type { ApprovalId, FileId, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { AgentList, AgentSetting, AgentTest, AnswerApproval, BranchMap, EventPage, FindPage, Fork, Message, Run, SaidFile, SearchHit, TestAgentBody, Thread } from '../../shared/protocol.ts'
import type { Connection, LiveView, OwnerToken } from '../run/sink.ts'
import type { Preferences } from './preferences.ts'

export interface State {
  readonly threads: ThreadsSlice
  /** What is known of each thread's content, by thread id; a thread that was never opened is absent. */
  readonly content: Readonly<Record<string, ThreadContent>>
  /** The thread in view; null: a new chat that has no thread yet. */
  readonly current: ThreadId | null
  /** Where the reader asked to be taken, until they are there. */
  readonly target: Target | null
  readonly agents: AgentList | null
  readonly choice: { readonly agent: string | null; readonly model: string | null }
  /** Text in each thread's composer; the key of a new chat is `''`. */
  readonly drafts: Readonly<Record<string, string>>
  /** Files in each thread's composer, by the same keys; a thread without is absent. */
  readonly attached: Readonly<Record<string, readonly AttachedFile[]>>
  /** Files that this page holds the bytes of, by id: those of composers and of messages that are being sent. */
  readonly uploads: Readonly<Record<string, Upload>>
  /** Whether the server answers plain requests and the feed, or somebody has to log in first. */
  readonly server: { readonly kind: 'connecting' | 'online' | 'logged-out' } | { readonly kind: 'offline'; readonly sinceAt: number }
  /** How far the archive has been read; its threads are among the others. */
  readonly archive: { readonly status: 'idle' | 'loading' | 'ready' | 'error'; readonly error: string | null; readonly cursor: string | null }
  readonly toasts: readonly Toast[]
  /** The server has a newer build of this page; to be offered when no answer grows. */
  readonly newVersion: boolean
  readonly preferences: Preferences
  /** The part of Settings that lies over the page; null: none. */
  readonly settings: SettingsSection | null
}

export const settingsSections = ['agents', 'appearance', 'keyboard', 'notifications', 'language', 'data'] as const
export type SettingsSection = (typeof settingsSections)[number]

/** How a request of Settings came out, to be told where it was made. */
export type Tried<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }

/** What an agent's form says. `key`: undefined leaves the kept one, null takes it away. */
export interface AgentForm {
  readonly title: string
  readonly baseUrl: string
  readonly key: string | null | undefined
  readonly model: string | null
}

export interface ThreadsSlice {
  readonly byId: Readonly<Record<string, Thread>>
  /** Newest activity first. */
  readonly order: readonly ThreadId[]
  readonly status: 'loading' | 'ready' | 'error'
  readonly error: string | null
  /** For the next page; null: there is none. */
  readonly cursor: string | null
}

export interface ThreadContent {
  readonly status: 'loading' | 'ready' | 'missing' | 'error'
  readonly error: string | null
  /** Settled messages, oldest first, and the runs that answer them. */
  readonly messages: readonly Message[]
  readonly runs: readonly Run[]
  /** For the next older page; null: the beginning is here. */
  readonly before: string | null
  /** A piece of the thread further back that does not touch `messages` yet: what stands around a message that was asked for. */
  readonly past: Past | null
  /** Human messages further back than `messages` that runs among `runs` answer once more. */
  readonly questions: readonly Message[]
  /** Where the thread forks by an edit, as far as the server has said. */
  readonly forks: readonly Fork[]
  /** A run of the branch that somebody chose to look at; null: the branch of the newest run. */
  readonly branch: RunId | null
  /** The newest run that this page follows. */
  readonly live: LiveRun | null
  /**
   * Older runs whose text is not yet in `messages`, oldest first: a message may be sent while the run before is still being saved,
   * and until then that run's live transcript is what the page shows of it.
   */
  readonly settling: readonly LiveRun[]
  /** Sent from this page; each leaves with the commit that brings its message by another way. */
  readonly outgoing: readonly Outgoing[]
}

export interface Past {
  readonly messages: readonly Message[]
  readonly runs: readonly Run[]
  /** For the next older page; null: the beginning is here. */
  readonly before: string | null
  /** For the next newer page; null: the end is here. */
  readonly after: string | null
}

/** A message that is to be brought before the reader's eyes. Each wish is another object. */
export interface Target {
  readonly thread: ThreadId
  readonly message: MessageId
  /** Px from the message's top down to the top of the view, to go on reading there; absent: it is shown whole, and marked. */
  readonly offset?: number | undefined
  /** The focus stays where it is: the reader looks through messages from elsewhere. */
  readonly quiet?: true | undefined
}

/** A thread that a search found, and where. */
export interface Found {
  readonly thread: Thread
  readonly hit: SearchHit
}

/** What a search came to; one that could not be done says why. */
export type SearchAnswer = { readonly kind: 'found'; readonly found: readonly Found[]; readonly cursor: string | null } | { readonly kind: 'failed'; readonly message: string }

/** A run that is followed by this page. `view` is null until the first snapshot. */
export interface LiveRun {
  readonly token: OwnerToken
  readonly view: LiveView | null
  readonly connection: Connection
  /** Stop was pressed here. */
  readonly stopping: boolean
}

/** A file in a composer. */
export interface AttachedFile extends SaidFile {
  /** It was a long text that was pasted, and can become words again. */
  readonly pasted?: boolean
}

/** A file on its way to the server. */
export interface Upload {
  readonly name: string
  readonly bytes: Blob
  /** `waiting`: for its turn, or, with an `error`, for the server to be there. `failed`: only a person can send it again. `done`: the server has it. */
  readonly status: 'waiting' | 'sending' | 'done' | 'failed'
  /** How much of it has left, 0 to 1. */
  readonly share: number
  readonly error: string | null
}

/** A file that was not taken in. */
export interface NotAttached {
  readonly name: string
  readonly why: 'too-large' | 'too-many' | 'unreadable'
}

export interface Outgoing {
  readonly id: MessageId
  readonly text: string
  /** Behind the words. */
  readonly files?: readonly SaidFile[] | undefined
  /** Set for a Retry: the message that is answered once more. */
  readonly regenerate?: MessageId | undefined
  /** Set where the agent is to go on from this message of its own; there are no words then. */
  readonly continues?: MessageId | undefined
  /** The message it follows, where that is not the end of the newest run; null: it begins the thread. */
  readonly after?: MessageId | null | undefined
  /** Sent while a run was under way: it stands with the messages that wait until the server says otherwise. */
  readonly queued?: true | undefined
  /** `waiting`: the server did not get it; it is sent again by itself. `failed`: only a person can send it again. */
  readonly status: 'sending' | 'waiting' | 'failed'
  readonly error: string | null
  readonly at: number
  /** As chosen when it was first sent: to be the same request, a repeated one must say the same. */
  readonly agent?: string | undefined
  readonly model?: string | undefined
  /** The run that the server started for it: it is accepted and only waits to be seen in the transcript. */
  readonly run?: RunId | undefined
  /** When that run began, by the server's clock: its place among the turns. */
  readonly startedAt?: number | undefined
  /** Stop was pressed before the run was known. */
  readonly stopping?: boolean | undefined
}

export interface Toast {
  readonly id: string
  readonly text: string
  readonly action?: { readonly label: string; readonly run: () => void } | undefined
}

export interface QueueActions {
  edit(thread: ThreadId, message: MessageId, text: string): Promise<void>
  /** In front of `before`; null: to the end. */
  move(thread: ThreadId, message: MessageId, before: MessageId | null): Promise<void>
  remove(thread: ThreadId, message: MessageId): Promise<void>
  sendNow(thread: ThreadId, message: MessageId): Promise<void>
  steer(thread: ThreadId, message: MessageId): Promise<void>
  resume(thread: ThreadId): Promise<void>
}

/** What a person can do. Views get it by context from `main`; they never touch streams or requests. None of them throws, but for `journal`. */
export interface Actions {
  /** Brings a thread into view, at a message where one is named. */
  openThread(thread: ThreadId | null, message?: MessageId): void
  /** Takes the reader to a message of the thread in view, loaded or not; the address stays. */
  reveal(target: Target): void
  /** The reader is there. */
  arrived(target: Target): void
  /** Loads what comes before everything that is held. */
  loadOlder(thread: ThreadId): Promise<void>
  /** Loads a page of what lies between the piece further back and the newest messages, from above or from below. */
  loadGap(thread: ThreadId, from: 'above' | 'below'): Promise<void>
  /** One page of a run's journal, after `cursor`. Rejects where the server does. */
  journal(run: RunId, after?: string): Promise<EventPage>
  loadMoreThreads(): Promise<void>
  reloadThreads(): Promise<void>
  reloadThread(thread: ThreadId): void
  /** Sends the text in `thread` with what is attached there, or starts a new thread with it. The draft clears when the message is shown. */
  send(thread: ThreadId | null, text: string): void
  /** Takes files in and begins to upload them. `pasted`: they were long texts. Answers what was not taken in. */
  attach(thread: ThreadId | null, files: readonly File[], pasted?: boolean): Promise<readonly NotAttached[]>
  detach(thread: ThreadId | null, file: FileId): void
  /** Sends a file that could not be sent once more. */
  uploadAgain(file: FileId): void
  /** Sends a message that waits or failed again now, with the same id. */
  resend(thread: ThreadId, message: MessageId): void
  discard(thread: ThreadId, message: MessageId): void
  /** Answers this human message once more. */
  retry(thread: ThreadId, message: MessageId): void
  stop(thread: ThreadId): void
  /** Sends other words in the place of this human message: a sibling. */
  edit(thread: ThreadId, message: MessageId, text: string): void
  /** Has the agent go on from this message of its own, which was cut off. */
  goOn(thread: ThreadId, message: MessageId): void
  /** Looks at the branch with this human message or run. */
  lookAt(thread: ThreadId, sibling: MessageId | RunId): Promise<void>
  /** Makes a copy of the thread up to this message and opens it. */
  fork(thread: ThreadId, message: MessageId): Promise<void>
  /** What a person does with messages that wait. */
  readonly queue: QueueActions
  /** Says what a person decided. `inputHash`: of what they were shown (`input-hash.ts`); where that is not what is asked, it is shown anew. */
  answer(thread: ThreadId, run: RunId, approval: ApprovalId, answer: AnswerApproval): Promise<void>
  rename(thread: ThreadId, title: string): Promise<void>
  pin(thread: ThreadId, pinned: boolean): Promise<void>
  /** Puts a chat away, or takes it back; offers Undo. */
  archive(thread: ThreadId, archived: boolean): Promise<void>
  /** Loads the first page of the archive, or the next one. */
  loadArchive(more?: boolean): Promise<void>
  /** Finds words in all chats. Never throws. */
  search(query: string, cursor?: string): Promise<SearchAnswer>
  /** Messages of a thread that hold a text, or (without it) all that people said, newest first; `before` is of the page before; `through`: a run of the only branch that is looked through. */
  find(thread: ThreadId, query: { readonly text?: string; readonly before?: string; readonly through?: RunId }): Promise<Tried<FindPage>>
  /** Every branch of a thread, by what begins it. */
  branches(thread: ThreadId): Promise<Tried<BranchMap>>
  /** Takes in chats that were exported, one or many in a file, and opens the first. */
  importThreads(file: Blob): Promise<void>
  /** Deletes and offers Undo. */
  remove(thread: ThreadId): Promise<void>
  setDraft(thread: ThreadId | null, text: string): void
  choose(agent: string, model: string | null): void
  /** Changes some of the preferences, here and in the other tabs. */
  prefer(change: Partial<Preferences>): void
  /** Asks the browser for the right to notify, which needs a click to come before, and remembers the wish. */
  setNotifications(wanted: boolean): Promise<void>
  /** Shows a part of Settings over the page; null closes them. */
  openSettings(section: SettingsSection | null): void
  /** `find`: looks for model servers on the server's machine first. */
  agentSettings(find: boolean): Promise<Tried<readonly AgentSetting[]>>
  /** Adds an agent (null) or changes one. */
  saveAgent(agent: string | null, form: AgentForm): Promise<Tried<AgentSetting>>
  removeAgent(agent: string): Promise<Tried<void>>
  testAgent(body: TestAgentBody): Promise<Tried<AgentTest>>
  /** Every chat, at the server and in this browser, for good. The page begins anew. */
  deleteEverything(): Promise<Tried<void>>
  dismissToast(id: string): void
}
