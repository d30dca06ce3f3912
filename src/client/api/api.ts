/** Plain requests: everything but the two event streams. `createFetchApi` is the real one; tests script their own. */
import type { ApprovalId, MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import type {
  AddAgentBody, AgentList, AgentSetting, AgentSettingList, AgentTest, AnswerApproval, Approval, BranchMap, ChangeAgentBody, CreateThread, EventPage, FindPage, ForkThread, MessagePage, PatchQueued, PatchThread, Problem, Run, StartRunBody, TestAgentBody, Thread, ThreadPage, ThreadUsage,
} from '../../shared/protocol.ts'

export interface Api {
  listThreads(query?: { readonly cursor?: string; readonly limit?: number; readonly archived?: boolean; readonly pinned?: boolean; readonly q?: string }): Promise<ThreadPage>
  /** Takes in an exported chat under this id; the same id again is the same chat. */
  importThread(id: ThreadId, exported: unknown): Promise<Thread>
  createThread(body: CreateThread): Promise<Thread>
  getThread(thread: ThreadId): Promise<Thread>
  patchThread(thread: ThreadId, patch: PatchThread): Promise<Thread>
  deleteThread(thread: ThreadId): Promise<void>
  restoreThread(thread: ThreadId): Promise<Thread>
  messages(thread: ThreadId, query?: { readonly before?: string; readonly after?: string; readonly around?: MessageId; readonly limit?: number }): Promise<MessagePage>
  find(thread: ThreadId, query: { readonly q?: string; readonly before?: string; readonly through?: RunId; readonly limit?: number }): Promise<FindPage>
  branches(thread: ThreadId): Promise<BranchMap>
  usage(thread: ThreadId, includeActive: boolean): Promise<ThreadUsage>
  /** The run, or, where the message waits (`ifBusy`), the thread with its queue. */
  startRun(thread: ThreadId, body: StartRunBody): Promise<Run | Thread>
  patchQueued(thread: ThreadId, message: MessageId, patch: PatchQueued): Promise<Thread>
  removeQueued(thread: ThreadId, message: MessageId): Promise<Thread>
  sendQueuedNow(thread: ThreadId, message: MessageId): Promise<Thread>
  steerQueued(thread: ThreadId, message: MessageId): Promise<Thread>
  resumeQueue(thread: ThreadId): Promise<Thread>
  forkThread(thread: ThreadId, body: ForkThread): Promise<Thread>
  getRun(run: RunId): Promise<Run>
  /** One page of a run's journal; `after` is the cursor of the page before. */
  events(run: RunId, query: { readonly after?: string; readonly limit?: number }): Promise<EventPage>
  cancelRun(run: RunId): Promise<Run>
  answerApproval(run: RunId, approval: ApprovalId, body: AnswerApproval): Promise<Approval>
  agents(): Promise<AgentList>
  /** `find`: also looks for model servers on the server's machine. */
  agentSettings(find: boolean): Promise<AgentSettingList>
  addAgent(body: AddAgentBody): Promise<AgentSetting>
  changeAgent(agent: string, body: ChangeAgentBody): Promise<AgentSetting>
  removeAgent(agent: string): Promise<void>
  /** Every chat, for good. */
  deleteEverything(): Promise<void>
  testAgent(body: TestAgentBody): Promise<AgentTest>
}

/**
 * A request that did not succeed. `unreachable`: no answer, it may be made again as it was (ids make that safe). `refused`: the server
 * said no and why. `unreadable`: an answer that is not of the contract. `intercepted`: the web
 * page of somebody between. Cancelling is not an error.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly kind: 'unreachable' | 'refused' | 'unreadable' | 'intercepted'
  /** HTTP status; 0 where there was no answer. */
  readonly status: number
  readonly problem: Problem | null

  constructor(
    kind: 'unreachable' | 'refused' | 'unreadable' | 'intercepted',
    message: string,
    more: { readonly status?: number; readonly problem?: Problem | null; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.kind = kind
    this.status = more.status ?? 0
    this.problem = more.problem ?? null
  }
}
