import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ApprovalId, MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import { outcomes } from '../../../src/shared/protocol.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { createSqliteStorage } from '../../../src/server/storage/sqlite/sqlite-storage.ts'
import type { Change, Storage } from '../../../src/server/storage/storage.ts'
import { asked, hashOfAsked, delta, none, over, replyOf, said, some } from './scene.ts'

/** Both stores see the same clock, one look each per step. */
function clock() {
  let time = 1_700_000_000_000
  return () => ++time
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-compare-'))
let sqlite: Storage
let memory: Storage
beforeAll(async () => {
  sqlite = await createSqliteStorage({ file: join(folder, 'a.db'), now: clock() })
}, 60_000)
afterAll(async () => {
  await sqlite.close()
  rmSync(folder, { recursive: true })
})

// Few names, so that steps meet; a number makes those of one example its own, since all share one SQLite file.
let example = 0
const name = <T extends string>(kind: string, i: number) => `${kind}-${example}-${i}` as T
const at = (run: number, seq: number): RunEvent[] => [said(seq, name<MessageId>('reply', run * 100 + seq)), asked(seq, name<ApprovalId>('approval', seq)), delta(seq, 0, `text ${seq}`)]

type Step = (storage: Storage) => Promise<unknown>

const thread = fc.nat(1)
const run = fc.nat(3)
const human = fc.nat(2)
const epoch = fc.constantFrom(1, 1, 1, 2, 0)
const seq = fc.integer({ min: 1, max: 5 })
const kind = fc.nat(2)

/** Each step is a description, so that a failing run can be read, and what it does. */
const steps = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('start' as const), thread, run, human, text: fc.constantFrom('a', 'b'), regenerate: fc.boolean(), after: fc.constantFrom(undefined, null, 0, 102), leaseMs: fc.constantFrom(0, 3_600_000) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), run, epoch, seq, kinds: fc.array(kind, { maxLength: 3 }), counters: fc.boolean(), waiting: fc.constantFrom(undefined, true, false) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), run, epoch, seq, outcome: fc.constantFrom(...outcomes) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), run, thread, human, replies: fc.nat(1) }) },
  fc.record({ do: fc.constant('stop' as const), run }),
  fc.record({ do: fc.constant('answer' as const), run, seq, decision: fc.constantFrom('approve', 'deny', 'maybe') }),
  fc.record({ do: fc.constant('renew' as const), run }),
  fc.record({ do: fc.constant('patch' as const), thread, title: fc.constantFrom(undefined, 'Mine'), seen: fc.constantFrom(undefined, true as const), archived: fc.constantFrom(undefined, true, false) }),
  fc.record({ do: fc.constant('create' as const), thread }),
  fc.record({ do: fc.constant('delete' as const), thread }),
  fc.record({ do: fc.constant('restore' as const), thread }),
)
type Described = typeof steps extends fc.Arbitrary<infer T> ? T : never

function toStep(step: Described): Step {
  switch (step.do) {
    case 'start': {
      const { after } = step
      return (storage) => storage.start({
        thread: name<ThreadId>('thread', step.thread), run: name<RunId>('run', step.run), owner: 'owner', leaseMs: step.leaseMs, agent: 'demo', model: null, title: step.text, fingerprint: step.text,
        message: step.regenerate ? { regenerate: name<MessageId>('human', step.human) } : { id: name<MessageId>('human', step.human), parts: [{ kind: 'text', text: step.text }] },
        after: typeof after === 'number' ? name<MessageId>(after === 0 ? 'human' : 'reply', after) : after,
      })
    }
    case 'append': {
      const events = step.kinds.flatMap((which, i) => at(step.run, step.seq + i).slice(which, which + 1))
      return (storage) => storage.append({
        run: name<RunId>('run', step.run), epoch: step.epoch, events, ...(step.counters ? { counters: some } : {}), ...(step.waiting === undefined ? {} : { waiting: step.waiting }),
      })
    }
    case 'end':
      return (storage) => storage.end({ run: name<RunId>('run', step.run), epoch: step.epoch, events: [over(step.seq, step.outcome)], outcome: step.outcome })
    case 'settle': {
      const replies = [replyOf({ run: name<RunId>('run', step.run), reply: name<MessageId>('reply', step.run * 100 + 2) }, name<MessageId>('human', step.human))].slice(0, step.replies)
      return (storage) => storage.settle({ run: name<RunId>('run', step.run), messages: replies, counters: none, notices: [] })
    }
    case 'stop':
      return (storage) => storage.requestStop({ run: name<RunId>('run', step.run), by: 'me' })
    case 'answer':
      return (storage) => storage.answerApproval({ run: name<RunId>('run', step.run), approval: name<ApprovalId>('approval', step.seq), inputHash: hashOfAsked, decision: step.decision, by: 'me', at: 5 })
    case 'renew':
      return (storage) => storage.renew({ owner: 'owner', leaseMs: 3_600_000, runs: [name<RunId>('run', step.run)] })
    case 'patch': {
      const { do: _do, thread: which, ...patch } = step
      return (storage) => storage.patchThread(name<ThreadId>('thread', which), patch)
    }
    case 'create':
      return (storage) => storage.createThread({ id: name<ThreadId>('thread', step.thread) })
    case 'delete':
      return (storage) => storage.deleteThread(name<ThreadId>('thread', step.thread))
    case 'restore':
      return (storage) => storage.restoreThread(name<ThreadId>('thread', step.thread))
    default:
      return step satisfies never
  }
}

/** What a store answered, or how it refused, without what is its own. */
async function answer(storage: Storage, step: Step): Promise<unknown> {
  try {
    return own(storage, await step(storage))
  } catch (error) {
    const { name: kindOf, retryable } = error as Error & { retryable?: boolean }
    return { refused: kindOf, retryable }
  }
}

/** Incarnations differ; instants drift apart by the looks at the clock that examples before this one took. */
function own(storage: Storage, value: unknown): unknown {
  return JSON.parse((JSON.stringify(value) ?? 'null').replaceAll(storage.incarnation, 'I').replaceAll(/"(startedAt|at|createdAt|updatedAt|endedAt)":17\d{11}/g, '"$1":0')) as unknown
}

async function everything(storage: Storage): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const i of [0, 1]) {
    const id = name<ThreadId>('thread', i)
    const page = await storage.messages(id, { limit: 3 })
    seen.push(await storage.getThread(id), page, await storage.messages(id, { limit: 2, before: page?.before ?? undefined }))
    seen.push(await storage.listRuns(id, { limit: 2 }), await storage.listRuns(id, { limit: 9, status: 'running' }), await storage.usage(id, true), await storage.usage(id, false))
    for (const other of [0, 1, 2]) seen.push(await storage.branch(id, name<MessageId>('human', other)))
  }
  for (const i of [0, 1, 2, 3]) seen.push(await storage.getRun(name<RunId>('run', i)), await storage.read(name<RunId>('run', i), 0, 99), await storage.getApproval(name<RunId>('run', i), name<ApprovalId>('approval', 2)))
  seen.push((await storage.activeThreads()).filter((one) => one.id.startsWith(`thread-${example}-`)))
  return seen.map((value) => own(storage, value))
}

/** Pages name places by a run's number, which in the shared file began elsewhere. */
function sameNumbers(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/"before":"\d+(\.\d+)?"/g, '"before":"some"')) as unknown
}

test('whatever is done in whatever order, both stores answer, tell and keep the same', async () => {
  const seed = randomInt(2 ** 31)
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 30 }), async (described) => {
      example += 1
      memory = createMemoryStorage({ now: clock() })
      const told: [unknown[], unknown[]] = [[], []]
      const stops = [sqlite, memory].map((storage, i) => storage.follow((change: Change) => told[i as 0 | 1].push(own(storage, change))))
      try {
        for (const step of described) expect(await answer(sqlite, toStep(step))).toEqual(await answer(memory, toStep(step)))
        expect(sameNumbers(told[0])).toEqual(sameNumbers(told[1]))
        expect(sameNumbers(await everything(sqlite))).toEqual(sameNumbers(await everything(memory)))
      } finally {
        for (const stop of stops) stop()
      }
    }),
    { seed, numRuns: 200, verbose: 1 },
  ).catch((error: unknown) => {
    throw new Error(`with seed ${seed}: ${(error as Error).message}`, { cause: error })
  })
}, 120_000)
