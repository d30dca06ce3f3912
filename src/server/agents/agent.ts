/**
 * What an agent is to the server: something that turns a conversation into events. An adapter translates its
 * backend's stream and does nothing else; it may be slow, wrong or hostile, and the run still ends.
 */
import type { FileId } from '../../shared/ids.ts'
import type { NotReadyCode } from '../../shared/refusals.ts'
import type { AgentInfo, AgentList, ClosedPartState, DeltaField, Message, Notice, PartKind, RunError, Usage } from '../../shared/protocol.ts'

export interface Agent {
  /** Who it is, what it can do, whether it is ready and, if not, what is missing. Cheap; called on every `/api/agents`. */
  describe(): AgentInfo
  /**
   * Answers the last message of `input.messages`. Ends by returning; fails by throwing (an `AgentError` where it knows
   * the cause). When `context.signal` aborts it should return soon; what it yields within the grace is kept.
   */
  run(input: AgentInput, context: AgentContext): AsyncIterable<AgentEvent>
  /**
   * A few words that say what a conversation is about; `''`: none. Asked once, after its first exchange; nobody waits for it, and a failure is only
   * logged. Left out: the thread keeps the first words of its message.
   */
  title?(input: AgentInput, signal: AbortSignal): Promise<string>
  /** Takes up a run that another process lost, behind `cursor`, the newest it yielded that was journaled. */
  resume?(cursor: string, context: AgentContext): AsyncIterable<AgentEvent>
}

/** Why an agent cannot be used: `detail` in English, with what to do; `about` is the file that it names. */
export interface Missing {
  readonly code: NotReadyCode
  readonly about?: string
  readonly detail: string
}

/** How `describe` tells it. */
export const describeMissing = (missing: Missing | null): Pick<AgentInfo, 'ready' | 'missing' | 'why'> =>
  missing === null ? { ready: true } : { ready: false, missing: missing.detail, why: { code: missing.code, ...(missing.about !== undefined && { about: missing.about }) } }

/** The agents that are offered now. */
export interface AgentRegistry {
  /** Every agent as it is now, in the order given, and which one answers where nobody chose. */
  list(): AgentList
  get(id: string): Agent | undefined
  /** The id of the agent that answers where nobody chose. */
  readonly default: string
  /** Offers these from now on. `defaultId` must be the id of one of them, and ids must differ; throws otherwise. */
  offer(agents: readonly Agent[], defaultId: string): void
  /** Says that an agent describes itself otherwise than before. */
  touched(): void
  /** Tells of each change; the answer stops it. */
  follow(listener: () => void): () => void
}

export interface AgentInput {
  /**
   * The branch up to and including the human's message, oldest first. Tool calls that never returned are marked `stopped`. A human's message that
   * `continues` has no words: the agent goes on from the message before it, without saying it again.
   */
  readonly messages: readonly Message[]
  readonly model: string | null
}

export interface AgentContext {
  readonly signal: AbortSignal
  /** Asks a person; resolves when somebody answered, rejects with the signal's reason if the run stops first. `part` is an open tool part. */
  approve(request: ApprovalRequest): Promise<ApprovalDecision>
  /** The bytes of a file that a person attached, the first `most` of them where it has more. Null: it is not there any more. */
  readFile(file: FileId, most?: number): Promise<Uint8Array | null>
  /**
   * What a person has said to the run since the last call, oldest first. Asked for between steps by an agent that can steer; what is given out here is
   * in the journal from then on, so the agent must heed it.
   */
  steering(): readonly Message[]
}

export interface ApprovalRequest {
  readonly part: string
  readonly question: string
  /** What the tool would be called with, as JSON text: to the letter what was streamed as the part's input, where that was. It cannot change any more. */
  readonly input: string
  /** The affirmative one first. */
  readonly options: readonly string[]
}

export interface ApprovalDecision {
  readonly decision: string
  readonly note?: string | undefined
}

/**
 * What an agent yields. `message` and `part` are names of the agent's own choosing, unique within the run; the server gives
 * them ids. A part that starts before any message starts one. What does not fit (text for a part that is not open, a second
 * start) is dropped and logged, never passed on.
 */
export type AgentEvent =
  | { readonly type: 'message.started'; readonly message: string; readonly parent?: string }
  | {
      readonly type: 'part.started'
      readonly part: string
      /** Left out: the newest message. */
      readonly message?: string
      readonly kind: PartKind
      readonly name?: string
      readonly call?: string
      readonly title?: string
      readonly url?: string
      readonly mediaType?: string
      readonly size?: number
    }
  | { readonly type: 'part.delta'; readonly part: string; readonly field?: DeltaField; readonly text: string }
  | {
      readonly type: 'part.ended'
      readonly part: string
      readonly state: ClosedPartState
      readonly input?: string
      readonly output?: string
      readonly error?: string
    }
  /** Adds to the run's counters. Usage fields are the amounts of this call, not totals. */
  | { readonly type: 'used'; readonly usage?: Usage; readonly modelCalls?: number; readonly toolCalls?: number }
  /** By `noticeOf` where it is one that pages know by name. */
  | ({ readonly type: 'notice' } & Omit<Notice, 'at'>)

/** A failure whose cause is known: `code` for machines, `message` for people, with the remedy. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: string
  readonly retryable: boolean

  constructor(error: RunError, options?: ErrorOptions) {
    super(error.message, options)
    this.code = error.code
    this.retryable = error.retryable
  }
}
