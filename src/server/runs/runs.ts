/** Who owns a live run: start, Stop, answers, settling and the drain before a shutdown. */
import { wordsOf } from '../../shared/human.ts'
import { encodeId } from '../../shared/ids.ts'
import type { ApprovalId, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type { HeldReason, PatchQueued, Run, StartRun, Thread, Why } from '../../shared/protocol.ts'
import { foldEvents } from '../../shared/transcript.ts'
import type { Transcript } from '../../shared/transcript.ts'
import type { Agent, AgentContext, AgentEvent } from '../agents/agent.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { StorageError } from '../storage/storage.ts'
import type { AnswerResult, StartResult, Storage } from '../storage/storage.ts'
import { driveRun } from './drive.ts'
import type { DriveOptions, LiveRun } from './drive.ts'
import { createLandedStarts } from './landed-starts.ts'
import type { Started } from './landed-starts.ts'
import { LEASE_MS, createRecovery } from './recovery.ts'
import { USER, absent, titleFrom, toMessage } from './request.ts'
import { untilStored } from './until-stored.ts'

/** How long a shutdown waits for the store to take the last events. What it does not take is closed at the next start. */
const LAST_WRITES_MS = 5_000

export interface Runs {
  /** Starts a run and begins to drive it. `unknown-agent`: nothing was written. `no-files`: the agent takes none. `draining`: the server is going down. */
  start(thread: ThreadId, request: StartRun): Promise<StartResult | { readonly kind: 'unknown-agent'; readonly agent: string } | { readonly kind: 'not-ready'; readonly missing: string; readonly why: Why | undefined } | { readonly kind: 'no-files'; readonly agent: string } | { readonly kind: 'draining' }>
  readonly queue: {
    /** Each answers null where the message waits no longer, or there is no such thread. */
    patch(thread: ThreadId, message: MessageId, patch: PatchQueued): Promise<Thread | null>
    remove(thread: ThreadId, message: MessageId): Promise<Thread | null>
    /** Starts it as soon as the run under way has made way for it. */
    sendNow(thread: ThreadId, message: MessageId): Promise<Thread | null>
    /** Offers it to the run under way. `cannot`: its agent takes nothing up while it works. */
    steer(thread: ThreadId, message: MessageId): Promise<Thread | null | 'cannot'>
    resume(thread: ThreadId): Promise<Thread | null>
  }
  /**
   * Records Stop. The owner acts on the record, whichever server it is. Where the store cannot take it just now, a run of this server stops all
   * the same, and the record follows. Null: no such run.
   */
  stop(run: RunId, by: string): Promise<Run | null>
  answer(run: RunId, approval: ApprovalId, answer: { readonly decision: string; readonly inputHash: string | undefined; readonly note?: string | undefined; readonly by: string }): Promise<AnswerResult>
  /** The fold of what is committed of a run that this server drives; null for any other. */
  transcript(run: RunId): Transcript | null
  /** Why the store takes nothing of a run just now; null: nothing of it waits here. */
  held(run: RunId): HeldReason | null
  /** Closes what a crash left behind and settles what was not settled; then watches leases until `close`. */
  recover(): Promise<void>
  /** Takes no more runs; waits up to `ms` for those under way, then ends the rest as interrupted, as far as the store takes that. */
  drain(ms: number): Promise<void>
  /** Runs that have not settled. */
  active(): number
}

export interface RunsOptions {
  readonly storage: Storage
  readonly agents: { get(id: string): Agent | undefined; readonly default: string }
  readonly clock: Clock
  readonly log: Log
  /** 16 random bytes. */
  readonly randomBytes: () => Uint8Array
  readonly graceMs?: number
  /** What an agent may say in one run, UTF-16 units. */
  readonly mostCharacters?: number
  readonly readFile: AgentContext['readFile']
  /** Told, again and again, of a run while the store takes nothing of it. */
  readonly onHeld?: (run: RunId) => void
  /** Told of each run that is saved, with all that it said. */
  readonly onSettled?: (run: Run, transcript: Transcript) => void
  /** Awaited between a run's end and its settling; tests stretch that window with it. */
  readonly beforeSettle?: (run: RunId) => Promise<void>
}

export function createRuns({ storage, agents, clock, log, randomBytes, graceMs = 3_000, mostCharacters = Number.POSITIVE_INFINITY, readFile, onHeld, onSettled, beforeSettle }: RunsOptions): Runs {
  const owner = encodeId(randomBytes())
  const live = new Map<RunId, LiveRun>()
  /** Runs that have ended here and are being settled. */
  const settling = new Set<RunId>()
  /** Runs between start and settled, for `drain`. */
  const unfinished = new Set<Promise<void>>()
  /** Requests that may yet become a run, for `drain`. */
  const starting = new Set<Promise<unknown>>()
  let phase: 'open' | 'draining' | 'closing' = 'open'

  storage.follow((change) => {
    if (change.kind === 'stop') live.get(change.run)?.stop(change.by)
    if (change.kind === 'steer') live.get(change.run)?.offer(change.messages)
    if (change.kind === 'answer') live.get(change.run)?.answered(change.approval, change.decision, change.by, change.note)
  })

  const start: Runs['start'] = async (thread, request) => {
    if (phase !== 'open') return { kind: 'draining' }
    const begun = begin(thread, request)
    starting.add(begun)
    return begun.finally(() => starting.delete(begun))
  }

  const begin: Runs['start'] = async (thread, request) => {
    const known = await storage.getThread(thread)
    const agentId = request.agent ?? known?.agent ?? agents.default
    const agent = agents.get(agentId)
    if (agent === undefined) return { kind: 'unknown-agent', agent: agentId }
    const info = agent.describe()
    if (!info.ready) return { kind: 'not-ready', missing: info.missing ?? `${info.title} is not ready.`, why: info.why }
    const asked = request.model ?? (agentId === known?.agent ? known.model : null)
    const model = info.models.some(({ id }) => id === asked) ? asked : (info.models[0]?.id ?? asked)
    const message = toMessage(request)
    if ('parts' in message && !info.can.files && message.parts.some((part) => part.kind === 'file')) return { kind: 'no-files', agent: info.title }
    const wanted = 'regenerate' in request ? request.run : undefined
    const run = wanted ?? (encodeId(randomBytes()) as RunId)
    const result = await starts.attempt(run, () => storage.start({
      thread, run, owner, leaseMs: LEASE_MS, agent: agentId, model, message,
      after: request.after, ifBusy: request.ifBusy,
      fingerprint: JSON.stringify([message, request.agent ?? null, request.model ?? null, request.after ?? null]),
      title: 'parts' in message ? titleFrom(wordsOf(message.parts)) : '',
    }))
    if (result.kind === 'started') await launch(result, agent)
    return result
  }

  const launch = async ({ run, epoch, event }: Started, agent: Agent): Promise<void> => {
    const { driven } = drive(run, epoch, foldEvents([event]) as Transcript, (context) => converse(agent, run, context))
    // What was recorded before this run was in `live` found nobody to tell.
    const [row, thread] = await mustRead(run.id, () => Promise.all([storage.getRun(run.id), storage.getThread(run.thread)]))
    const offered = thread?.queue.messages.filter((message) => message.state === 'steering') ?? []
    if (offered.length > 0) driven.offer(offered)
    if (row?.status === 'cancelling') driven.stop(USER)
    if (phase === 'closing') driven.lose(SHUT_DOWN)
  }

  const agentOf = ({ run }: Started): Agent => agents.get(run.agent) ?? absent(run.agent)

  /** Starts what is due in the thread's queue. Nothing is lost where that fails: it stays due, and is looked for again with the leases. */
  const startNext = async (thread: ThreadId): Promise<void> => {
    if (phase !== 'open') return
    try {
      const run = encodeId(randomBytes()) as RunId
      const started = await starts.attempt(run, () => storage.startQueued({ thread, run, owner, leaseMs: LEASE_MS }))
      if (started !== null) await launch(started, agentOf(started))
    } catch (error) {
      log.error({ thread, err: error }, 'the next message of the queue could not be started; it is tried again in a moment')
    }
  }

  /** Something became due while no run was under way. */
  const andStart = async (changed: Promise<Thread | null>): Promise<Thread | null> => {
    const thread = await changed
    if (thread === null) return null
    const begun = startNext(thread.id)
    starting.add(begun)
    await begun.finally(() => starting.delete(begun))
    return (await storage.getThread(thread.id)) ?? thread
  }

  const stop: Runs['stop'] = async (run, by) => {
    try {
      return await storage.requestStop({ run, by })
    } catch (error) {
      const driven = live.get(run)
      if (driven === undefined || !(error instanceof StorageError) || !error.retryable) throw error
      driven.stop(by)
      log.error({ run, by, err: error }, 'the store did not take Stop; the run is being stopped, and the record is tried again')
      untilStored(clock, () => storage.requestStop({ run, by }), () => {}).catch((lost: unknown) => log.error({ run, by, err: lost }, 'Stop could not be recorded'))
      const row = await storage.getRun(run)
      return row === null || row.outcome !== undefined ? row : { ...row, status: 'cancelling' }
    }
  }

  async function* converse(agent: Agent, run: Run, context: AgentContext): AsyncIterable<AgentEvent> {
    const messages = await mustRead(run.id, () => storage.branch(run.thread, run.message))
    yield* agent.run({ messages, model: run.model }, context)
  }

  const drive = (run: Run, epoch: number, transcript: Transcript, agent: DriveOptions['agent']): { readonly driven: LiveRun; readonly finished: Promise<void> } => {
    const driven = driveRun({ run: run.id, epoch, transcript, agent, storage, clock, log, graceMs, mostCharacters, readFile, onHeld: () => onHeld?.(run.id) })
    live.set(run.id, driven)
    const finished = driven.ended.then(async (row) => {
      const folded = driven.transcript()
      live.delete(run.id)
      if (row !== null) await Promise.all([startNext(row.thread), settle(row, folded)])
    }).catch((error: unknown) => notSettled(run.id, error))
    const tracked = finished.finally(() => unfinished.delete(tracked))
    unfinished.add(tracked)
    return { driven, finished: tracked }
  }

  const notSettled = (run: RunId, error: unknown) => log.error({ run, err: error }, 'a run could not be settled; the next server tries again')

  /** Saves the fold as messages; retried while that may help, since the run has already ended. */
  const settle = async (run: Run, folded: Transcript): Promise<void> => {
    settling.add(run.id)
    try {
      await beforeSettle?.(run.id)
      await save(run, folded)
    } finally {
      settling.delete(run.id)
    }
  }

  const save = async (run: Run, folded: Transcript): Promise<void> => {
    const messages = folded.messages.slice(1)
    const replies = messages.filter((message) => message.role === 'assistant')
    const { usage, modelCalls, toolCalls } = run
    const settled = await untilStored(
      clock,
      () => storage.settle({ run: run.id, messages, counters: { usage, modelCalls, toolCalls, messages: replies.length }, notices: folded.notices }),
      (error, retryInMs) => log.error({ run: run.id, thread: run.thread, messages: messages.length, err: error, retryInMs }, 'a run could not be settled yet'),
    )
    onSettled?.(settled, folded)
  }

  /** What a run that goes on already cannot do without. */
  const mustRead = <T>(run: RunId, read: () => Promise<T>): Promise<T> =>
    untilStored(clock, read, (error, retryInMs) => log.error({ run, err: error, retryInMs }, 'the store did not answer; it is asked again'))

  const starts = createLandedStarts({
    storage, owner, mustRead,
    isDriven: (run) => live.has(run),
    launch: (started) => launch(started, agentOf(started)),
    track(run, task) {
      const tracked = task.catch((error: unknown) => log.error({ run, err: error }, 'a run that may have started could not be looked for')).finally(() => starting.delete(tracked))
      starting.add(tracked)
    },
  })

  /** What an owner that died between an end and the next start has left. */
  const startDue = async () => {
    for (const thread of await storage.dueQueues()) await startNext(thread)
  }

  const recovery = createRecovery({
    storage, owner, clock, log, live, settling, mustRead, drive, startDue,
    unsure: starts.unsure,
    settle: (run, folded) => settle(run, folded).catch((error: unknown) => notSettled(run.id, error)),
  })

  return {
    start,
    queue: {
      patch: (thread, message, patch) => storage.patchQueued(thread, message, patch),
      remove: (thread, message) => storage.removeQueued(thread, message),
      sendNow: (thread, message) => andStart(storage.sendQueuedNow(thread, message)),
      resume: (thread) => andStart(storage.resumeQueue(thread)),
      async steer(thread, message) {
        const active = (await storage.getThread(thread))?.activeRun ?? null
        const working = active !== null && active.outcome === undefined
        if (working && agents.get(active.agent)?.describe().can.steer !== true) return 'cannot'
        return andStart(storage.steerQueued(thread, message))
      },
    },
    stop,
    answer: (run, approval, answer) => storage.answerApproval({ run, approval, ...answer, at: clock.now() }),
    transcript: (run) => live.get(run)?.transcript() ?? null,
    held: (run) => live.get(run)?.held() ?? null,
    active: () => unfinished.size,
    recover: recovery.recover,
    async drain(ms) {
      phase = 'draining'
      await within(clock, ms, async () => {
        await Promise.allSettled(starting)
        await Promise.all(unfinished)
      })
      phase = 'closing'
      for (const run of live.values()) run.lose(SHUT_DOWN)
      await within(clock, LAST_WRITES_MS, () => Promise.all(unfinished))
      if (unfinished.size > 0) log.error({ runs: unfinished.size }, 'the store did not take the end of every run; the next start closes them')
    },
  }
}

const SHUT_DOWN = 'The server was shut down before the answer was complete. Retry to ask again.'

/** Waits for the task, `ms` at most. */
async function within(clock: Clock, ms: number, task: () => Promise<unknown>): Promise<void> {
  let cancel = () => {}
  const timeUp = new Promise<void>((resolve) => { cancel = clock.after(ms, resolve) })
  await Promise.race([task(), timeUp])
  cancel()
}
