/** A whole page without a browser: real store, sink and actions over a server, streams and storage that a test scripts. */
import type { FileId, MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import { wordsOf } from '../../../src/shared/human.ts'
import type { InputPart, Message, Problem, Run, Thread } from '../../../src/shared/protocol.ts'
import type { Api } from '../../../src/client/api/api.ts'
import { ApiError } from '../../../src/client/api/api.ts'
import type { OwnerToken, StreamSink } from '../../../src/client/run/sink.ts'
import { createActions } from '../../../src/client/actions/actions.ts'
import type { PageActions } from '../../../src/client/actions/actions.ts'
import type { ActionDeps, Streams, UploadWatch } from '../../../src/client/actions/deps.ts'
import type { DraftStorage, Kept } from '../../../src/client/actions/draft-storage.ts'
import { text } from '../../../src/client/views/text.ts'
import { createSink } from '../../../src/client/store/sink.ts'
import type { ThreadContent } from '../../../src/client/store/state.ts'
import { createStore } from '../../../src/client/store/store.ts'
import type { Store } from '../../../src/client/store/store.ts'
import type { ManualClock } from '../../support/manual-clock.ts'
import { createManualClock, settlePromises } from '../../support/manual-clock.ts'
import { createRunStory, humanMessage } from '../../support/run-story.ts'
import type { RunStory } from '../../support/run-story.ts'
import type { ManualFrames } from '../store/fixtures.ts'
import { copy, createManualFrames, readTurns, runOf, textsOf, threadOf, viewOf } from '../store/fixtures.ts'

export const t1 = 'thread-1' as ThreadId
export const t2 = 'thread-2' as ThreadId

export interface Server {
  readonly api: Api
  readonly upload: ActionDeps['upload']
  /** Every upload that was begun, to be answered by the test where it said `holdUploads`. */
  readonly uploads: readonly Sent[]
  /** From now on uploads are answered when the test says so. */
  holdUploads(): void
  readonly calls: readonly Call[]
  readonly threads: Map<ThreadId, Thread>
  put(thread: Thread): Thread
  called(name: keyof Api): readonly Call[]
  /** The next request of this name does not get through. */
  unreachable(name: keyof Api): void
  refuse(name: keyof Api, status: number, detail: string, more?: Partial<Problem>): void
  fail(name: keyof Api, error: ApiError): void
  /** The next request of this name is answered when the test says so, by calling the answer. */
  hold(name: keyof Api): () => Promise<void>
  /** From now on a page holds so many messages. */
  pages(size: number): void
  /** The run's transcript is saved as messages. */
  save(story: RunStory, id?: ThreadId): void
}
export interface Sent {
  readonly file: FileId
  readonly name: string
  readonly watch: UploadWatch
  arrive(): Promise<void>
  fail(error: unknown): Promise<void>
}

interface Call {
  readonly name: string
  readonly args: readonly unknown[]
}

/** The server as far as the page sees it: threads, their settled messages, and a word for each request that is to fail. */
export function createScriptedServer(): Server {
  const threads = new Map<ThreadId, Thread>()
  const settled = new Map<ThreadId, { messages: Message[]; runs: Run[] }>()
  const calls: Call[] = []
  let pageSize = 1_000
  const answers = new Map<string, (() => Promise<unknown>)[]>()
  const runsByMessage = new Map<string, Run>()
  const missing = (what: string) => new ApiError('refused', `This ${what} does not exist.`, { status: 404 })
  const must = (id: ThreadId): Thread => {
    const thread = threads.get(id)
    if (thread === undefined) throw missing('chat')
    return thread
  }
  const put = (thread: Thread) => { threads.set(thread.id, thread); return thread }

  function on<A extends readonly unknown[], T>(name: string, answer: (...args: A) => T): (...args: A) => Promise<T> {
    return async (...args) => {
      calls.push({ name, args })
      const scripted = answers.get(name)?.shift()
      if (scripted !== undefined) {
        const given = await scripted()
        if (given !== undefined) return given as T
      }
      return answer(...args)
    }
  }

  const api: Api = {
    listThreads: on('listThreads', ({ archived = false, pinned = false } = {}) => ({
      threads: [...threads.values()].filter((thread) => thread.archived === archived && (thread.pinned || !pinned)), cursor: null,
    })),
    importThread: on('importThread', (id) => put(threadOf(id))),
    createThread: on('createThread', ({ id }) => put(threadOf(id))),
    getThread: on('getThread', must),
    patchThread: on('patchThread', (id, { seen, ...patch }) => put({ ...must(id), ...(seen ? { unread: false } : {}), ...patch } as Thread)),
    deleteThread: on('deleteThread', (id) => { must(id); threads.delete(id) }),
    restoreThread: on('restoreThread', (id) => put(threadOf(id))),
    messages: on('messages', (id, { before, after, around } = {}) => {
      const { activeRun } = must(id)
      const { messages, runs } = settled.get(id) ?? { messages: [], runs: [] }
      const middle = messages.findIndex((message) => message.id === around)
      if (around !== undefined && middle < 0) throw missing('message')
      const from = around !== undefined ? Math.max(0, middle - Math.floor(pageSize / 2)) : after !== undefined ? Number(after) : Math.max(0, Number(before ?? messages.length) - pageSize)
      const to = before !== undefined ? Number(before) : Math.min(messages.length, from + pageSize)
      const page = messages.slice(from, to)
      const known = new Set(page.flatMap((message) => [message.id, message.run] as string[]))
      return {
        messages: page, runs: runs.filter((run) => known.has(run.id) || known.has(run.message)), activeRun,
        before: from === 0 ? null : String(from), after: to === messages.length ? null : String(to),
      }
    }),
    find: on('find', () => ({ hits: [], before: null })),
    branches: on('branches', () => ({ branches: [] })),
    usage: on('usage', () => { throw missing('usage') }),
    startRun: on('startRun', (id, body) => {
      const thread = threads.get(id) ?? put(threadOf(id))
      const message = 'message' in body ? body.message.id : 'continue' in body ? body.id : body.regenerate
      const again = 'message' in body ? runsByMessage.get(message) : undefined
      if (again !== undefined) return again
      if (thread.activeRun !== null) {
        throw new ApiError('refused', 'busy', { status: 409, problem: { type: 'about:blank', title: 'Busy', status: 409, detail: 'busy', activeRun: thread.activeRun } })
      }
      const text = 'message' in body ? wordsOf(body.message.parts as InputPart[]) : ''
      const story = createRunStory({ run: `run-${runsByMessage.size + 1}`, thread: id, text })
      const run = runOf(story.transcript(), { message: message as MessageId })
      runsByMessage.set(message, run)
      put({ ...thread, activeRun: run })
      return run
    }),
    getRun: on('getRun', () => { throw missing('run') }),
    patchQueued: on('patchQueued', () => { throw missing('message') }),
    removeQueued: on('removeQueued', must),
    sendQueuedNow: on('sendQueuedNow', must),
    steerQueued: on('steerQueued', must),
    resumeQueue: on('resumeQueue', must),
    forkThread: on('forkThread', (_from, { id }) => put(threadOf(id))),
    events: on('events', () => ({ events: [], cursor: 'i.0', more: false })),
    cancelRun: on('cancelRun', () => { throw missing('run') }),
    answerApproval: on('answerApproval', () => { throw missing('approval') }),
    agents: on('agents', () => ({ agents: [], default: 'demo' })),
    agentSettings: on('agentSettings', () => ({ agents: [] })),
    addAgent: on('addAgent', () => { throw missing('agent') }),
    changeAgent: on('changeAgent', () => { throw missing('agent') }),
    removeAgent: on('removeAgent', () => { throw missing('agent') }),
    deleteEverything: on('deleteEverything', () => threads.clear()),
    testAgent: on('testAgent', () => ({ ok: false as const, message: 'Nobody is there.' })),
  }

  const uploads: Sent[] = []
  let holding = false
  const upload: ActionDeps['upload'] = (file, name, bytes, watch) => new Promise((resolve, reject) => {
    const stored = { id: file, name, mediaType: bytes.type, size: bytes.size }
    watch.signal.addEventListener('abort', () => reject(watch.signal.reason as Error))
    uploads.push({
      file, name, watch,
      async arrive() { resolve(stored); await settlePromises() },
      async fail(error) { reject(error as Error); await settlePromises() },
    })
    if (!holding) resolve(stored)
  })

  const script = (name: keyof Api, answer: () => Promise<unknown>) => { answers.set(name, [...(answers.get(name) ?? []), answer]) }
  return {
    api, calls, threads, put, upload, uploads,
    holdUploads() { holding = true },
    called: (name: keyof Api) => calls.filter((call) => call.name === name),
    unreachable: (name: keyof Api) => script(name, () => Promise.reject(new ApiError('unreachable', 'The server did not answer. Check the connection and try again.'))),
    fail: (name: keyof Api, error: ApiError) => script(name, () => Promise.reject(error)),
    refuse: (name: keyof Api, status: number, detail: string, more: Partial<Problem> = {}) =>
      script(name, () => Promise.reject(new ApiError('refused', detail, { status, problem: { type: 'about:blank', title: 'No', status, detail, ...more } }))),
    hold(name: keyof Api) {
      let go = () => {}
      const held = new Promise<void>((resolve) => { go = resolve })
      script(name, () => held)
      return async () => { go(); await settlePromises() }
    },
    pages: (size: number) => { pageSize = size },
    save(story: RunStory, id: ThreadId = t1) {
      const told = story.transcript()
      const saved = settled.get(id) ?? { messages: [], runs: [] }
      const news = copy(told.messages).filter((message) => saved.messages.every((known) => known.id !== message.id))
      settled.set(id, { messages: [...saved.messages, ...news], runs: [...saved.runs, runOf(told)] })
      const thread = threads.get(id)
      if (thread?.activeRun?.id === told.run) threads.set(id, { ...thread, activeRun: null })
    },
  }
}

function createScriptedStreams() {
  const followed: Followed[] = []
  const open = new Map<RunId, OwnerToken>()
  const stops: RunId[] = []
  const hints: RunId[] = []
  let refusal: ApiError | null = null
  const streams: Streams = {
    follow(thread, run, start) {
      const held = open.get(run)
      if (held !== undefined) return held
      const token = { thread, run, generation: followed.length + 1 }
      followed.push({ token, start })
      open.set(run, token)
      return token
    },
    release(thread) {
      for (const [run, token] of open) if (token.thread === thread) open.delete(run)
    },
    leave: (run) => void open.delete(run),
    async stop(run) {
      stops.push(run)
      const why = refusal
      refusal = null
      if (why !== null) throw why
    },
    hint: (run) => { hints.push(run) },
  }
  return {
    streams, followed, stops, hints,
    open: () => [...open.keys()],
    done: (run: RunId) => open.delete(run),
    refuseStop: () => { refusal = new ApiError('unreachable', 'The server did not answer.') },
    token(run: string): OwnerToken {
      const token = open.get(run as RunId)
      if (token === undefined) throw new Error(`${run} is not followed`)
      return token
    },
  }
}

/** Storage that outlives a page. */
export function createScriptedStorage() {
  const drafts = new Map<string, string>()
  const outbox = new Map<MessageId, Kept['outbox'][number]>()
  const attached = new Map<string, Kept['attached'][string]>()
  const bytes = new Map<FileId, Blob>()
  const storage: DraftStorage = {
    load: async () => ({ drafts: Object.fromEntries(drafts), attached: Object.fromEntries(attached), bytes: new Map(bytes), outbox: [...outbox.values()] }),
    async saveDraft(key, text) { if (text === '') drafts.delete(key); else drafts.set(key, text) },
    async saveAttached(key, files) {
      for (const one of files) if (one.bytes !== null) bytes.set(one.file.file, one.bytes)
      if (files.length === 0) attached.delete(key)
      else attached.set(key, files.map(({ file, uploaded }) => ({ file, uploaded })))
    },
    async saveOutgoing(thread, outgoing, blobs) {
      for (const [file, blob] of blobs) bytes.set(file, blob)
      outbox.set(outgoing.id, { thread, outgoing })
      return true
    },
    holdsOutgoing: async (id) => outbox.has(id),
    async dropOutgoing(id) { outbox.delete(id) },
  }
  return { storage, drafts, outbox, attached, bytes, cache: new Map<ThreadId, RunId>(), branches: new Map<ThreadId, RunId>() }
}

export type Stored = ReturnType<typeof createScriptedStorage>

interface Page {
  readonly server: Server
  readonly stored: Stored
  readonly store: Store
  readonly clock: ManualClock
  readonly frames: ManualFrames
  readonly actions: PageActions
  readonly sink: StreamSink
  readonly logged: readonly string[]
  /** Where the page went, in turn. */
  readonly address: readonly (ThreadId | null)[]
  readonly followed: readonly Followed[]
  readonly stops: readonly RunId[]
  readonly hints: readonly RunId[]
  /** Runs that are followed now. */
  open(): readonly RunId[]
  token(run: string): OwnerToken
  /** The next Stop does not get through. */
  refuseStop(): void
  /** Somebody looks at the page, or no longer does. */
  look(seen: boolean): void
  settle(): Promise<void>
  /** The stream brings what the story has told so far. */
  show(story: RunStory): void
  /** The run is saved and the stream says so. */
  finish(story: RunStory): void
  content(thread?: ThreadId): ThreadContent
  /** What is drawn: each turn's texts. */
  shown(thread?: ThreadId): string[]
}
interface Followed {
  readonly token: OwnerToken
  readonly start: unknown
}

/** Opens a page at an address. Give it what an earlier page left behind, and it is a reload or another tab. */
export function openPage(options: { readonly server?: Server; readonly stored?: Stored; readonly visible?: boolean; readonly ids?: string } = {}): Page {
  const server = options.server ?? createScriptedServer()
  const stored = options.stored ?? createScriptedStorage()
  const store = createStore()
  const clock = createManualClock()
  const frames = createManualFrames()
  const scripted = createScriptedStreams()
  const logged: string[] = []
  const address: (ThreadId | null)[] = []
  let ids = 0
  let visible = options.visible ?? true
  const log = (message: string) => { logged.push(message) }
  const streams: Streams = { ...scripted.streams, follow: (thread, run, start) => {
    stored.cache.set(thread, run)
    return scripted.streams.follow(thread, run, start)
  } }
  const actions: PageActions = createActions({
    store, api: server.api, streams, upload: server.upload, measurePicture: async () => ({ width: 4, height: 3 }), runCache: {
      get: (thread) => stored.cache.get(thread) ?? null,
      forget: (thread, run) => { if (stored.cache.get(thread) === run) stored.cache.delete(thread) },
    }, newId: () => `${options.ids ?? 'id'}-${++ids}`,
    navigate: (thread) => { address.push(thread) }, drafts: stored.storage, branchMemory: { get: (thread) => stored.branches.get(thread) ?? null, set: (thread, run) => { if (run === null) stored.branches.delete(thread); else stored.branches.set(thread, run) } }, savePreferences: () => undefined, settingsAddress: { current: () => null, show: () => undefined }, forgetEverything: async () => undefined, mayNotify: () => Promise.resolve(true), words: () => text.actions, clock, visible: () => visible, log,
  })
  const sink = createSink({ store, schedule: frames.schedule, log, onFinal: (token, finale) => {
    scripted.done(token.run)
    if (stored.cache.get(token.thread) === token.run) stored.cache.delete(token.thread)
    actions.runEnded(token, finale)
  }, onForeign: (token) => actions.runForeign(token) })
  return {
    ...scripted, server, stored, store, clock, frames, actions, sink, logged, address,
    look(seen) { visible = seen; actions.pageVisible() },
    async settle() { await settlePromises(); frames.draw() },
    show(story) {
      sink.applyEvents(scripted.token(story.transcript().run), viewOf(story.transcript()))
      frames.draw()
    },
    finish(story) {
      server.save(story, story.transcript().thread)
      sink.finalize(scripted.token(story.transcript().run), { kind: 'settled', run: runOf(story.transcript()), messages: copy(story.transcript().messages) })
    },
    content: (thread = t1) => {
      const content = store.getState().content[thread]
      if (content === undefined) throw new Error(`${thread} has no content`)
      return content
    },
    shown: (thread = t1) => readTurns(store.getState(), thread).map((turn) => [...textsOf([turn.message]), ...textsOf(turn.replies)].join(' | ')),
  }
}

/** The run that the server started for a message, as its stream tells it. */
export function storyOf(run: string, message: string, text: string, more: { readonly thread?: ThreadId; readonly after?: string } = {}): RunStory {
  const story = createRunStory({ run, thread: more.thread ?? t1, text })
  const human = humanMessage(text, { id: message, run, after: more.after ?? null })
  story.message(`answer-${run}`)
  story.part('p1')
  return { ...story, transcript: () => {
    const told = story.transcript()
    return { ...told, messages: [human, ...told.messages.slice(1)] }
  } }
}
