import { inputHash } from '../../../src/shared/input-hash.ts'
import type { ApprovalId, MessageId, PartId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import type { Counters, Message, RunEvent } from '../../../src/shared/protocol.ts'
import type { Change, EndInput, StartInput, Storage } from '../../../src/server/storage/storage.ts'

let made = 0

/** Names nobody used before, so that many stories share one store. */
export function names() {
  const n = ++made
  return {
    thread: `thread-${n}` as ThreadId,
    run: `run-${n}` as RunId,
    run2: `run-${n}-2` as RunId,
    run3: `run-${n}-3` as RunId,
    human: `human-${n}` as MessageId,
    human2: `human-${n}-2` as MessageId,
    human3: `human-${n}-3` as MessageId,
    reply: `reply-${n}` as MessageId,
    reply2: `reply-${n}-2` as MessageId,
    approval: `approval-${n}` as ApprovalId,
    owner: `owner-${n}`,
  }
}
export type Names = ReturnType<typeof names>

export const part = (id: string) => id as PartId
export const none: Counters = { usage: {}, modelCalls: 0, toolCalls: 0, messages: 0 }
export const some: Counters = { usage: { inputTokens: 5, outputTokens: 7 }, modelCalls: 1, toolCalls: 2, messages: 1 }

export function startOf(n: Names, change: Partial<StartInput> = {}): StartInput {
  return {
    thread: n.thread, run: n.run, owner: n.owner, leaseMs: 60_000, agent: 'demo', model: 'small',
    message: { id: n.human, parts: [{ kind: 'text', text: 'Hello' }] }, fingerprint: 'hello', title: 'Hello', ...change,
  }
}

export const said = (seq: number, reply: MessageId): RunEvent => ({ type: 'message.started', seq, at: 2000 + seq, message: reply, role: 'assistant' })
export const opened = (seq: number, reply: MessageId, id = 'p1'): RunEvent => ({ type: 'part.started', seq, at: 2000 + seq, message: reply, part: part(id), kind: 'text' })
export const delta = (seq: number, off: number, text: string): RunEvent => ({ type: 'part.delta', seq, at: 2000 + seq, part: part('p1'), field: 'text', off, text })
/** Of the input that `asked` asks about. */
export const hashOfAsked = inputHash('{}')
export const asked = (seq: number, approval: ApprovalId): RunEvent => ({
  type: 'approval.requested', seq, at: 2000 + seq, approval, part: part('t1'), question: 'Run it?', input: '{}', options: ['approve', 'deny'],
})
export const over = (seq: number, outcome: EndInput['outcome'] = 'completed'): RunEvent => ({ type: 'stream_end', seq, at: 9000 + seq, outcome, usage: {}, parts: {} })

export function replyOf(n: Pick<Names, 'run' | 'reply'>, after: MessageId, text = 'Hi'): Message {
  return {
    id: n.reply, role: 'assistant', run: n.run, after, status: 'completed', at: 2002,
    parts: [{ id: part('p1'), kind: 'text', state: 'done', startedAt: 2003, endedAt: 2004, text }],
  }
}

/** A run that is under way. */
export async function running(storage: Storage, n: Names, change: Partial<StartInput> = {}): Promise<void> {
  const result = await storage.start(startOf(n, change))
  if (result.kind !== 'started') throw new Error(`the story could not begin: ${result.kind}`)
}

/** Ends a run of which only `run.started` is in the journal. */
export async function finish(storage: Storage, run: RunId, outcome: EndInput['outcome'] = 'completed', seq = 2): Promise<void> {
  const { first } = await storage.end({ run, epoch: 1, events: [over(seq, outcome)], outcome })
  if (!first) throw new Error(`the story could not end ${run}`)
}

/** Starts, answers "Hi", ends and settles. */
export async function wholeTurn(storage: Storage, n: Names, change: Partial<StartInput> = {}): Promise<void> {
  const input = startOf(n, change)
  await running(storage, n, change)
  await storage.append({ run: input.run, epoch: 1, events: [said(2, n.reply), opened(3, n.reply), delta(4, 0, 'Hi')] })
  await finish(storage, input.run, 'completed', 5)
  await storage.settle({ run: input.run, messages: [replyOf({ run: input.run, reply: n.reply }, n.human)], counters: some, notices: [] })
}

/** Writes down what `act` makes the store tell, each change in a word. */
export async function heard(storage: Storage, act: () => Promise<unknown>): Promise<Change[]> {
  const changes: Change[] = []
  const stop = storage.follow((change) => changes.push(change))
  try {
    await act()
  } finally {
    stop()
  }
  return changes
}
