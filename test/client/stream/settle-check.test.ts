/** The look at a run's record, over the real server and a long thread: wherever in it the run's messages lie, they are found. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFetchApi } from '../../../src/client/api/fetch-api.ts'
import { createSettleCheck } from '../../../src/client/stream/settle-check.ts'
import { createSqliteStorage } from '../../../src/server/storage/sqlite/sqlite-storage.ts'
import { encodeId } from '../../../src/shared/ids.ts'
import type { MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import type { Run } from '../../../src/shared/protocol.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import { seeded, seedThread } from '../../support/seed-thread.ts'
import { createTestServer } from '../../support/test-server.ts'
import type { TestServer } from '../../support/test-server.ts'

const THREAD = 'a-long-thread' as ThreadId
const TURNS = 400
const agent = createScriptedAgent(async function* () {
  yield* says('Said once more.')
})
let folder: string
let server: TestServer
let release: () => Promise<void>
let asked: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-settle-'))
  const file = join(folder, 'holdfast.db')
  await (await createSqliteStorage({ file })).close()
  seedThread(file, THREAD, TURNS, (turn) => ({ question: `Question ${turn}`, answer: `Answer ${turn}` }))
  const storage = await createSqliteStorage({ file })
  server = createTestServer(storage, agent)
  release = () => storage.close()
}, 60_000)
afterAll(async () => {
  await release()
  rmSync(folder, { recursive: true, force: true })
})

const api = createFetchApi({
  fetch: async (input, init) => {
    asked.push(String(input))
    return server.request(init?.method ?? 'GET', String(input))
  },
})

/** What a page that has seen all of the run is told. */
async function look(run: RunId) {
  asked = []
  const shown = (await server.join(run)).transcript()
  return createSettleCheck(api)({ thread: THREAD, run, generation: 1 }, shown)
}

async function again(question: MessageId): Promise<Run> {
  const answer = await server.request('POST', `/api/threads/${THREAD}/runs`, { regenerate: question, run: encodeId(randomBytes(16)) })
  const run = (await answer.json()) as Run
  return server.settled(run.id)
}

test('an answer of long ago, looked for first now', async () => {
  const { run, human, reply } = seeded(THREAD, 3)
  expect(await createSettleCheck(api)({ thread: THREAD, run, generation: 1 }, null)).toMatchObject({ kind: 'restored', messages: [{ id: human }, { id: reply }] })
})

test('a question of long ago, answered once more: its answer is the newest, and one page is enough', async () => {
  const { human } = seeded(THREAD, 3)
  const run = await again(human)
  expect(await look(run.id)).toMatchObject({ kind: 'restored', messages: [{ id: human }, { run: run.id }] })
  expect(asked).toHaveLength(2)
})

test('a question of long ago, whose second answer was stopped before its first word', async () => {
  const { human } = seeded(THREAD, 2)
  // oxlint-disable-next-line require-yield -- it says nothing
  agent.script(async function* (_input, { signal }) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  })
  const answer = await server.request('POST', `/api/threads/${THREAD}/runs`, { regenerate: human, run: encodeId(randomBytes(16)) })
  const run = (await answer.json()) as Run
  await server.stop(run.id)
  await server.settled(run.id)
  expect(await look(run.id)).toMatchObject({ kind: 'restored', messages: [{ id: human }] })
})

test('an answer of more messages than a page has', async () => {
  agent.script(async function* () {
    for (let i = 0; i < 130; i++) yield* [{ type: 'message.started' as const, message: `m${i}` }, { type: 'part.started' as const, message: `m${i}`, part: `p${i}`, kind: 'text' as const }, { type: 'part.delta' as const, part: `p${i}`, text: `Message ${i}` }]
  })
  const run = await server.settled((await server.send(THREAD, 'At length, please.')).id)
  const found = await look(run.id)
  expect(found.kind).toBe('restored')
  // The question, the message that every agent begins with, and its own.
  expect(found.kind === 'restored' && found.messages).toHaveLength(132)
})
