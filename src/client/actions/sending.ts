/** Messages on their way out, and Stop. A message has its id before it is sent, so that sending it again can never make a second turn. */
import type { MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { Run, StartRunBody, Thread } from '../../shared/protocol.ts'
import { ApiError } from '../api/api.ts'
import { filesOf, outgoingParts, selectAttached, toInput } from '../store/files.ts'
import { activeRunOf, changeContent, changeLive, dropOutgoing, findLive, findMessage, liveRuns, putOutgoing } from '../store/content.ts'
import type { Actions, Outgoing, State } from '../store/state.ts'
import { isQueued, selectActivity } from '../store/activity.ts'
import { selectChoice } from '../store/choice.ts'
import { selectTurns } from '../store/turns.ts'
import { isRunning, putThreads, receiveRun } from '../store/threads.ts'
import type { PartDeps } from './deps.ts'
import type { Drafts } from './drafts.ts'
import type { Followings } from './followings.ts'
import { createOutbox } from './outbox.ts'
import type { Toasts } from './toasts.ts'
import { inBackground, isPassing, isStatus } from './trouble.ts'
import type { Uploads } from './uploads.ts'
import type { View } from './view.ts'

export interface Sending extends Pick<Actions, 'send' | 'resend' | 'discard' | 'retry' | 'stop' | 'edit' | 'goOn'> {
  /** The server may be there (again): sends what waits. */
  sendWaiting(): void
}

export interface SendingDeps extends Pick<PartDeps, 'store' | 'api' | 'streams' | 'newId' | 'navigate' | 'clock' | 'log' | 'words' | 'explain'> {
  readonly followings: Followings
  readonly view: View
  readonly drafts: Drafts
  readonly toasts: Toasts
  readonly uploads: Uploads
  /** Told of a thread that the server has just made. */
  readonly onNewThread: (thread: ThreadId) => void
}

export function createSending(deps: SendingDeps): Sending {
  const { store, api, streams, newId, navigate, clock, log, words, explain, followings, view, drafts, toasts, uploads, onNewThread } = deps
  /** Messages whose request is under way: a second press of Retry must not make a second request. */
  const underWay = new Set<MessageId>()

  const change = (thread: ThreadId, id: MessageId, changed: (outgoing: Outgoing) => Outgoing) =>
    store.update((state) => changeContent(state, thread, (content) => ({
      ...content, outgoing: content.outgoing.map((one) => (one.id === id ? changed(one) : one)),
    })))
  const find = (thread: ThreadId, id: MessageId) => store.getState().content[thread]?.outgoing.find((one) => one.id === id)

  /** Another tab has sent it, and then the server has it, or has deleted it. */
  async function goneElsewhere(thread: ThreadId, id: MessageId): Promise<void> {
    try {
      const { activeRun } = await api.getThread(thread)
      if (activeRun?.message === id) return accept(thread, id, activeRun)
    } catch (error) {
      if (isPassing(error)) return outbox.wait()
      if (!isStatus(error, 404)) throw error
    }
    drop(thread, id)
    if (store.getState().current === thread) view.load(thread)
  }

  const outbox = createOutbox({
    store, clock, log,
    async send(thread, id) {
      if (await drafts.droppedElsewhere(id)) return goneElsewhere(thread, id)
      if (find(thread, id)?.status !== 'waiting') return
      change(thread, id, (one) => ({ ...one, status: 'sending', error: null }))
      await post(thread, id)
    },
  })

  function begin(thread: ThreadId, outgoing: Outgoing): void {
    drafts.keepOutgoing(thread, outgoing)
    inBackground(log, 'sending', () => post(thread, outgoing.id))
  }

  async function post(thread: ThreadId, id: MessageId): Promise<void> {
    const outgoing = find(thread, id)
    if (outgoing === undefined || underWay.has(id)) return
    underWay.add(id)
    try {
      const answer = await startWithFiles(thread, outgoing)
      if ('queue' in answer) waits(thread, id, answer)
      else accept(thread, id, answer)
    } catch (error) {
      refuse(thread, id, error)
    } finally {
      underWay.delete(id)
    }
  }

  /** Its files first. One that the server has lost since (it was sent long before the message) is sent once more. */
  async function startWithFiles(thread: ThreadId, outgoing: Outgoing): Promise<Run | Thread> {
    const sent = new Set<string>()
    for (;;) {
      await Promise.all((outgoing.files ?? []).map(({ file }) => uploads.ensure(file)))
      try {
        return await api.startRun(thread, bodyOf(outgoing))
      } catch (error) {
        const missing = error instanceof ApiError ? error.problem?.missingFile : undefined
        if (missing === undefined || sent.has(missing) || store.getState().uploads[missing] === undefined) throw error
        sent.add(missing)
        uploads.again(missing)
      }
    }
  }

  function accept(thread: ThreadId, id: MessageId, run: Run): void {
    const stopping = find(thread, id)?.stopping === true
    outbox.reached()
    drafts.forgetOutgoing(id)
    store.update((state) => receiveRun(changeContent(state, thread, (content) => ({
      ...content, outgoing: content.outgoing.map((one) => (one.id === id ? { ...one, status: 'sending', error: null, run: run.id, startedAt: run.startedAt } : one)),
    })), run))
    if (store.getState().current === thread) followings.follow(thread, run.id)
    if (store.getState().threads.byId[thread] === undefined) onNewThread(thread)
    if (stopping) stopRun(thread, run.id)
  }

  /** It is in the thread's queue now, as everybody sees it. Stop was meant for the run under way, then. */
  function waits(thread: ThreadId, id: MessageId, told: Thread): void {
    const stopping = find(thread, id)?.stopping === true
    outbox.reached()
    drafts.forgetOutgoing(id)
    store.update((state) => putThreads(changeContent(state, thread, (content) => dropOutgoing(content, id)), [told]))
    if (stopping && told.activeRun !== null) stopRun(thread, told.activeRun.id)
    view.joinActive(thread)
  }

  function refuse(thread: ThreadId, id: MessageId, error: unknown): void {
    const outgoing = find(thread, id)
    if (outgoing === undefined) return
    const active = error instanceof ApiError && error.status === 409 ? error.problem?.activeRun : undefined
    // The reply to an earlier try was lost: the answer that is running is the one that was asked for.
    if (active !== undefined && active.message === (outgoing.regenerate ?? outgoing.id)) return accept(thread, id, active)
    if (isPassing(error)) {
      change(thread, id, (one) => ({ ...one, status: 'waiting', error: explain(error), stopping: undefined }))
      return outbox.wait()
    }
    if (active === undefined) return change(thread, id, (one) => ({ ...one, status: 'failed', error: explain(error), stopping: undefined }))
    store.update((state) => receiveRun(state, active))
    view.joinActive(thread)
    const free = (store.getState().drafts[thread] ?? '').trim() === '' && selectAttached(store.getState(), thread).length === 0
    if (outgoing.regenerate === undefined && !free) {
      // Something else is being written by now: the message waits where it is.
      return change(thread, id, (one) => ({ ...one, status: 'failed', error: words().busy, stopping: undefined }))
    }
    if (outgoing.regenerate === undefined) {
      drafts.set(thread, outgoing.text)
      drafts.setAttached(thread, outgoing.files ?? [])
    }
    drop(thread, id)
    toasts.show(words().busy)
  }

  function out(thread: ThreadId, what: Pick<Outgoing, 'text' | 'files' | 'after' | 'continues'>): void {
    const outgoing: Outgoing = { id: newId() as MessageId, status: 'sending', error: null, at: clock.now(), ...chosen(store.getState(), thread), ...what }
    store.update((state) => changeContent(state, thread, (content) => putOutgoing(content, outgoing)))
    begin(thread, outgoing)
  }

  function drop(thread: ThreadId, id: MessageId): void {
    drafts.forgetOutgoing(id)
    store.update((state) => changeContent(state, thread, (content) => dropOutgoing(content, id)))
  }

  function stopRun(thread: ThreadId, run: RunId): void {
    const mark = (stopping: boolean) =>
      store.update((state) => (findLive(state, thread, run) === undefined ? state : changeContent(state, thread, (content) => changeLive(content, run, (live) => ({ ...live, stopping })))))
    mark(true)
    streams.stop(run).catch((error: unknown) => {
      mark(false)
      toasts.show(words().stopFailed(explain(error)), { label: words().stopAgain, run: () => stopRun(thread, run) })
    })
  }

  return {
    send(given, text) {
      const files = selectAttached(store.getState(), given).map(({ pasted: _pasted, ...file }) => file)
      if (text.trim() === '' && files.length === 0) return
      const thread = given ?? (newId() as ThreadId)
      const outgoing: Outgoing = {
        id: newId() as MessageId, text, ...(files.length === 0 ? {} : { files }), status: 'sending', error: null, at: clock.now(), ...chosen(store.getState(), thread), ...placeOf(store.getState(), thread),
      }
      if (given === null) view.showNew(thread)
      store.update((state) => changeContent(state, thread, (content) => putOutgoing(content, outgoing)))
      begin(thread, outgoing) // kept before the draft goes, so that at no time neither is
      drafts.set(given, '')
      drafts.setAttached(given, [])
      if (given === null) navigate(thread)
    },
    resend(thread, message) {
      const outgoing = find(thread, message)
      if (outgoing === undefined || outgoing.status === 'sending') return
      change(thread, message, (one) => ({ ...one, status: 'sending', error: null }))
      begin(thread, outgoing)
    },
    discard(thread, message) {
      const status = find(thread, message)?.status
      if (status === 'failed' || status === 'waiting') drop(thread, message)
    },
    retry(thread, message) {
      const again = store.getState().content[thread]?.outgoing.find((one) => one.regenerate === message)
      if (again?.status === 'sending') return
      const outgoing: Outgoing = {
        id: again?.id ?? (newId() as MessageId), text: '', regenerate: message, status: 'sending', error: null, at: clock.now(), ...chosen(store.getState(), thread),
      }
      store.update((state) => changeContent(state, thread, (content) => putOutgoing(content, outgoing)))
      begin(thread, outgoing)
    },
    sendWaiting: outbox.stir,
    edit(thread, message, words) {
      const edited = findMessage(store.getState().content[thread], message)
      const files = filesOf(edited?.parts ?? [])
      if (edited === undefined || (words.trim() === '' && files.length === 0)) return
      out(thread, { text: words, ...(files.length === 0 ? {} : { files }), after: edited.after })
    },
    goOn(thread, message) {
      const asked = store.getState().content[thread]?.outgoing.some((one) => one.continues === message && one.status === 'sending') === true
      if (!asked) out(thread, { text: '', continues: message, after: message })
    },
    stop(thread) {
      const { content } = store.getState()
      const unknown = content[thread]?.outgoing.findLast((one) => one.status === 'sending' && one.run === undefined && !isQueued(one))
      // The run is not known yet: Stop is remembered and goes out with the answer.
      if (unknown !== undefined) return change(thread, unknown.id, (one) => ({ ...one, stopping: true }))
      const live = content[thread]?.live ?? null
      const active = activeRunOf(store.getState(), thread)
      if (live !== null && live.view?.transcript.outcome === undefined && live.connection.kind !== 'failed') stopRun(thread, live.token.run)
      else if (active !== null && isRunning(active)) stopRun(thread, active.id)
    },
  }
}

/** Behind what is looked at, where that is not the end of the newest run; and whether it is to wait for the run under way. */
function placeOf(state: State, thread: ThreadId): Pick<Outgoing, 'after' | 'queued'> {
  const waiting = selectActivity(state, thread) === 'idle' ? {} : { queued: true as const }
  const content = state.content[thread]
  if (content === undefined || content.branch === null) return waiting
  const end = selectTurns(state, thread).at(-1)
  const newest = [...content.runs, ...liveRuns(content).flatMap(({ view }) => (view === null ? [] : [{ id: view.transcript.run, startedAt: view.transcript.startedAt }]))]
    .reduce<{ id: RunId; startedAt: number } | null>((so, run) => (so === null || run.startedAt >= so.startedAt ? run : so), null)
  return end === undefined || newest === null || end.run?.id === newest.id ? waiting : { ...waiting, after: (end.replies.at(-1) ?? end.message).id }
}

/** The person's own choice; without one the thread's own agent answers, or, where that is gone, the one that the page offers instead. */
function chosen(state: State, thread: ThreadId | null): Pick<Outgoing, 'agent' | 'model'> {
  const { choice } = state
  const offered = selectChoice(state, thread)
  if (offered?.gone === true) return { agent: offered.agent.id, model: offered.model ?? undefined }
  return { agent: choice.agent ?? undefined, model: choice.agent === null ? undefined : (choice.model ?? undefined) }
}

function bodyOf({ id, text, files, regenerate, continues, after, agent, model }: Outgoing): StartRunBody {
  const options = { ...(after === undefined ? {} : { after }), ...(agent === undefined ? {} : { agent }), ...(model === undefined ? {} : { model }) }
  if (continues !== undefined) return { continue: continues, id, ...(agent === undefined ? {} : { agent }), ...(model === undefined ? {} : { model }) }
  if (regenerate !== undefined) return { regenerate, run: id as string, ...options }
  return { message: { id, parts: outgoingParts({ text, files }).map(toInput) }, ifBusy: 'queue', ...options }
}
