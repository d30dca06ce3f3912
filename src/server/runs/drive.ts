/**
 * Drives one run: reads its agent, steps the run's state and carries out what the step asks for. Decides nothing itself.
 */
import type { ApprovalId, RunId } from '../../shared/ids.ts'
import type { HeldReason, Run, RunError } from '../../shared/protocol.ts'
import type { Transcript } from '../../shared/transcript.ts'
import { AgentError } from '../agents/agent.ts'
import type { AgentContext, AgentEvent, ApprovalDecision, ApprovalRequest } from '../agents/agent.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'
import { createJournalWriter } from './journal-writer.ts'
import { wakeAt } from './recording.ts'
import { openRun, step } from './step.ts'
import type { RunEffect, RunInput, RunState, Steering } from './step.ts'

/** An agent that never waits would keep every other run from being served: so much of it, and it is others' turn. */
const EVENTS_PER_TURN = 128
const TURN_MS = 3

/** A run that this server owns and that has not ended. */
export interface LiveRun {
  readonly id: RunId
  /** The fold of what is committed. */
  transcript(): Transcript
  /** Why the store takes nothing of it just now; null: nothing waits for it. */
  held(): HeldReason | null
  stop(by: string): void
  answered(approval: ApprovalId, decision: string, by: string, note?: string): void
  /** All that the agent is offered for its next step; it takes the place of what it was offered before. */
  offer(messages: readonly Steering[]): void
  /** Ends the run because the server cannot go on with it. */
  lose(reason: string): void
  /** Somebody else holds the run now. */
  fence(): void
  /** Resolves when the run has its outcome in the journal, with its row then; null if it was fenced. */
  readonly ended: Promise<Run | null>
}

export interface DriveOptions {
  readonly run: RunId
  readonly epoch: number
  /** What the journal folds to now. */
  readonly transcript: Transcript
  /** Null: nothing is left to read, the run is only to be closed. */
  readonly agent: ((context: AgentContext) => AsyncIterable<AgentEvent>) | null
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Log
  /** How long an agent may take to return after Stop, ms. */
  readonly graceMs: number
  /** What the agent may say in all, UTF-16 units; more ends the run. */
  readonly mostCharacters: number
  readonly readFile: AgentContext['readFile']
  /** Told while the store takes nothing of the run, again and again. */
  readonly onHeld: () => void
}

export function driveRun({ run, epoch, transcript, agent, storage, clock, log, graceMs, mostCharacters, readFile, onHeld }: DriveOptions): LiveRun {
  let state: RunState = openRun(transcript)
  let committed = transcript
  let wake: { readonly at: number; readonly cancel: () => void } | null = null
  let cancelGrace: (() => void) | null = null
  let offered: readonly Steering[] = []
  const abort = new AbortController()
  const asked = new Map<ApprovalId, { readonly resolve: (decision: ApprovalDecision) => void; readonly reject: (reason: unknown) => void }>()
  abort.signal.addEventListener('abort', () => {
    for (const { reject } of asked.values()) reject(abort.signal.reason)
    asked.clear()
  }, { once: true })
  let finish: (row: Run | null) => void = () => {}
  const ended = new Promise<Run | null>((resolve) => { finish = resolve })

  const writer = createJournalWriter({
    storage, run, epoch, clock, log, onHeld,
    onCommitted(folded) {
      committed = folded
    },
    onFenced: () => dispatch({ type: 'fenced' }),
  })

  const dispatch = (input: RunInput): readonly RunEffect[] => {
    const [next, effects] = step(state, input, clock.now())
    state = next
    for (const effect of effects) carryOut(effect)
    setWake()
    return effects
  }

  const carryOut = (effect: RunEffect) => {
    switch (effect.type) {
      case 'append':
        return writer.append(effect)
      case 'end':
        cancelGrace?.()
        return void writer.end({ ...effect, waiting: false }, effect).then((row) => {
          abort.abort(new Error('The run has ended'))
          finish(row)
        }, (error: unknown) => log.error({ run, err: error }, 'the end of a run could not be written'))
      case 'abort-agent':
        abort.abort(new Error('The run is being stopped'))
        if (state.kind === 'fenced') finish(null)
        return
      case 'start-grace':
        cancelGrace = clock.after(graceMs, () => dispatch({ type: 'grace-over' }))
        return
      case 'approval-decided':
        asked.get(effect.approval)?.resolve({ decision: effect.decision, note: effect.note })
        asked.delete(effect.approval)
        return
      case 'dropped':
        return log.warn({ run, thread: transcript.thread, reason: effect.reason }, 'left out of the journal')
      case 'steering': // the answer to `steering`, which looks for it among the effects
      case 'approval-opened': // the answer to `approve`, which looks for it among the effects
        return
      default:
        effect satisfies never
    }
  }

  const setWake = () => {
    const at = state.kind === 'running' || state.kind === 'stopping' ? wakeAt(state.recording) : null
    if (at === (wake?.at ?? null)) return // most tokens only join what waits already
    wake?.cancel()
    wake = at === null ? null : {
      at,
      cancel: clock.after(Math.max(0, at - clock.now()), () => {
        wake = null
        dispatch({ type: 'woke' })
      }),
    }
  }

  const approve = (request: ApprovalRequest): Promise<ApprovalDecision> => {
    const opened = dispatch({ type: 'approval-wanted', request }).find((effect) => effect.type === 'approval-opened')
    const id = opened?.approval ?? null
    if (id === null) return Promise.reject(new Error(`Cannot ask for approval: ${opened?.reason ?? 'the run has ended'}`))
    return new Promise((resolve, reject) => { asked.set(id, { resolve, reject }) })
  }

  /** An agent that asks and does not wait for the answer must not take the server down with it. */
  const askSafely: AgentContext['approve'] = (request) => {
    const answer = approve(request)
    answer.catch(() => undefined)
    return answer
  }

  const steering: AgentContext['steering'] = () => {
    const taken = offered
    offered = []
    return taken.flatMap((message) => dispatch({ type: 'steered', message }).flatMap((effect) => (effect.type === 'steering' ? [effect.message] : [])))
  }

  const read = async (events: AsyncIterable<AgentEvent>) => {
    let count = 0
    let characters = 0
    let turnEndsAt = clock.now() + TURN_MS
    try {
      for await (const event of events) {
        characters += charactersIn(event)
        dispatch(characters > mostCharacters ? { type: 'threw', error: TOO_LARGE } : { type: 'yielded', event })
        if (state.kind === 'over' || state.kind === 'fenced') break
        await writer.room()
        if (++count % EVENTS_PER_TURN !== 0 && clock.now() < turnEndsAt) continue
        await new Promise((resolve) => setImmediate(resolve))
        turnEndsAt = clock.now() + TURN_MS
      }
      dispatch({ type: 'returned' })
    } catch (error) {
      if (!abort.signal.aborted) log.warn({ run, err: error }, 'the agent failed')
      dispatch({ type: 'threw', error: describeFailure(error) })
    }
  }

  if (agent !== null) void read(startAgent(agent, { signal: abort.signal, approve: askSafely, steering, readFile }))

  return {
    id: run,
    transcript: () => committed,
    held: writer.held,
    stop: (by) => void dispatch({ type: 'stop', by }),
    answered: (approval, decision, by, note) => void dispatch({ type: 'approval-answered', approval, decision, by, note }),
    offer(messages) {
      const known = new Set(state.recording.transcript.messages.map((message) => message.id))
      offered = messages.filter((message) => !known.has(message.id))
    },
    lose: (reason) => void dispatch({ type: 'lost', reason }),
    fence: () => void dispatch({ type: 'fenced' }),
    ended,
  }
}

const TOO_LARGE: RunError = { code: 'too_large', message: 'The answer grew larger than this server keeps, so it was ended. Ask for less at once.', retryable: false }

/** An event that says nothing takes its place in the journal, too. */
const LEAST_CHARACTERS = 50

/** What an agent's event adds to its run; of a hostile one, too, which may hold anything. */
function charactersIn(event: AgentEvent): number {
  const { text, input, output } = event as { readonly text?: unknown; readonly input?: unknown; readonly output?: unknown }
  const said = [text, input, output].reduce((sum: number, value) => sum + (typeof value === 'string' ? value.length : 0), 0)
  return event.type === 'part.delta' ? said : said + LEAST_CHARACTERS
}

/** An agent that throws before it yields fails like one that throws later. */
async function* startAgent(agent: (context: AgentContext) => AsyncIterable<AgentEvent>, context: AgentContext): AsyncIterable<AgentEvent> {
  yield* agent(context)
}

function describeFailure(error: unknown): RunError {
  if (error instanceof AgentError) return { code: error.code, message: error.message, retryable: error.retryable }
  const cause = error instanceof Error ? error.message : String(error)
  return { code: 'agent_error', message: `The agent failed: ${cause.slice(0, 500)}`, retryable: true }
}
