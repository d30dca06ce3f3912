import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readThreadExport } from '../../../src/shared/export.ts'
import type { ThreadExport } from '../../../src/shared/export.ts'
import type { MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import { parseJson, read, runSchema, threadSchema } from '../../../src/shared/protocol.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import { createTestServer, newThread } from '../../support/test-server.ts'
import type { TestServer } from '../../support/test-server.ts'

let storage: Storage
let server: TestServer
const agent = () => createScriptedAgent(async function* () {
  yield { type: 'used', usage: { inputTokens: 3, outputTokens: 4 }, modelCalls: 1 }
  yield { type: 'part.started', part: 'look', kind: 'tool', name: 'look up', call: 'c1' }
  yield { type: 'part.ended', part: 'look', state: 'done', input: '{"q":"`"}', output: 'a ``` fence' }
  yield* says('An ', 'answer.')
})
beforeEach(() => {
  storage = createMemoryStorage()
  server = createTestServer(storage, agent())
})
afterEach(() => storage.close())

/** Two turns, the second answered twice, the first of them folded. */
async function aChat(): Promise<ThreadId> {
  const thread = newThread()
  await server.settled((await server.send(thread, 'One?')).id)
  await server.settled((await server.send(thread, 'Two?')).id)
  const asked = (await server.messages(thread)).messages.findLast((message) => message.role === 'user')
  const again = await server.request('POST', `/api/threads/${thread}/runs`, { regenerate: asked?.id })
  await server.settled(read(runSchema, await again.json()).id)
  await server.request('PATCH', `/api/threads/${thread}`, { title: 'Zwei *Fragen* / "?"', pinned: true })
  await storage.foldJournals({ olderThanMs: 0, limit: 1 })
  return thread
}
async function exported(of: TestServer, thread: ThreadId): Promise<ThreadExport> {
  const { exportedAt: _when, ...whole } = parseJson(await (await of.request('GET', `/api/threads/${thread}/export`)).text()) as ThreadExport
  return { ...whole, exportedAt: 0 }
}
const importAs = (of: TestServer, id: string, whole: unknown) => of.request('POST', '/api/threads/import', { id, export: whole })

describe('export and import', () => {
  it('gives out a chat with branches, runs and journals, and another server that takes it in gives out the same', async () => {
    const thread = await aChat()
    const whole = await exported(server, thread)
    expect(whole.messages.filter((message) => message.role === 'assistant')).toHaveLength(3)
    expect(whole.runs.map((run) => run.folded === null)).toEqual([false, true, true])
    const elsewhere = createTestServer(createMemoryStorage(), agent())
    expect((await importAs(elsewhere, thread, whole)).status).toBe(201)
    expect(await exported(elsewhere, thread)).toEqual(whole)
    expect(await (await elsewhere.request('GET', `/api/threads/${thread}/usage`)).json()).toEqual(await (await server.request('GET', `/api/threads/${thread}/usage`)).json())
    const run = whole.runs.at(-1)?.id as RunId
    expect(await (await elsewhere.request('GET', `/api/runs/${run}/events`)).json()).toMatchObject({ events: whole.runs.at(-1)?.events })
    // And it goes on there as it would have here.
    await elsewhere.settled((await elsewhere.send(thread, 'Three?')).id)
    expect((await elsewhere.messages(thread)).messages.at(-2)?.after).toBe(whole.messages.at(-1)?.id)
    expect((await (await elsewhere.request('GET', '/api/threads?q=three')).json() as { threads: unknown[] }).threads).toHaveLength(1)
  })

  it('takes in a message that was damaged where it comes from as what it is: marked, and nothing that an agent is given', async () => {
    const thread = await aChat()
    const whole = await exported(server, thread)
    const lost = whole.messages.find((message) => message.role === 'assistant')
    if (lost === undefined) throw new Error('The chat has no answer.')
    const { id, role, run, after, status, at } = lost
    const marked = { id, role, run, after, damaged: true, status, at, parts: [] }
    const given = { ...whole, messages: whole.messages.map((message) => (message === lost ? marked : message)) }
    const there = createMemoryStorage()
    const elsewhere = createTestServer(there, agent())
    expect((await importAs(elsewhere, thread, given)).status).toBe(201)
    expect((await elsewhere.messages(thread)).messages.find((message) => message.id === id)).toEqual(marked)
    expect(await exported(elsewhere, thread)).toEqual(given)
    expect(await (await elsewhere.request('GET', `/api/threads/${thread}/export?format=md`)).text()).toContain('This message is damaged')
    await expect(there.branch(thread, whole.messages.at(-1)?.id as MessageId)).rejects.toThrow(`The message ${id} is damaged`)
    const begins = whole.messages.find((message) => message.after === null)?.id as MessageId
    expect(await there.branch(thread, begins)).toHaveLength(1)
    await there.close()
  })

  it('takes in a copy beside the original: the same but for the ids that are taken', async () => {
    const thread = await aChat()
    const whole = await exported(server, thread)
    const copy = newThread()
    expect((await importAs(server, copy, whole)).status).toBe(201)
    const again = await exported(server, copy)
    expect(again.runs.map((run) => whole.runs.some((other) => other.id === run.id))).toEqual([false, false, false])
    const same = (one: ThreadExport): unknown => JSON.parse(JSON.stringify(one).replaceAll(one.thread.id, 'T').replaceAll(/"(run|id)":"[^"]*"/g, (found, key: string) => {
      const at = one.runs.findIndex((run) => found.includes(`"${run.id}"`))
      return at < 0 ? found : `"${key}":"R${at}"`
    }))
    expect(same(again)).toEqual(same(whole))
    expect(await exported(server, thread)).toEqual(whole)
  })

  it('makes one thread however often the same import comes', async () => {
    const whole = await exported(server, await aChat())
    const copy = newThread()
    const answers = [await importAs(server, copy, whole), await importAs(server, copy, whole)]
    expect(answers.map((answer) => answer.status)).toEqual([201, 200])
    expect(read(threadSchema, await answers[1]?.json()).id).toBe(copy)
    expect((await exported(server, copy)).runs).toHaveLength(3)
  })

  it('refuses what does not hang together, says why, and keeps nothing of it', async () => {
    const whole = await exported(server, await aChat())
    const [run] = whole.runs
    if (run === undefined) throw new Error('the chat lacks its run')
    const last = whole.runs.at(-1) ?? run
    const broken: [string, unknown, RegExp][] = [
      ['nothing', null, /Invalid|expected/i],
      ['another format', { ...whole, format: 'x' }, /format/],
      ['a newer version', { ...whole, version: 2 }, /version/],
      ['a message of no run', { ...whole, runs: [] }, /there is no such run/],
      ['a message after none', { ...whole, messages: whole.messages.slice(1) }, /no such message/],
      ['two messages of one id', { ...whole, messages: [...whole.messages, whole.messages[0]] }, /same id/],
      ['a run that goes on', { ...whole, runs: [{ ...run, status: 'running', outcome: undefined }, ...whole.runs.slice(1)] }, /has not ended/],
      ['a hole in a journal', { ...whole, runs: [...whole.runs.slice(0, -1), { ...last, events: last.events.toSpliced(2, 1) }] }, /hole/],
      ['changed text in a journal', { ...whole, runs: [...whole.runs.slice(0, -1), { ...last, events: last.events.map((event) => (event.type === 'part.delta' ? { ...event, text: 'forged' } : event)) }] }, /does not follow/],
      ['an unknown event', { ...whole, runs: [{ ...run, events: [{ type: 'x', seq: run.lastSeq, at: 1 }] }, ...whole.runs.slice(1)] }, /not an event kind/],
    ]
    for (const [what, value, why] of broken) {
      const answer = await importAs(server, 'broken', value)
      expect([what, answer.status]).toEqual([what, 422])
      expect(await answer.text()).toMatch(why)
    }
    expect((await importAs(server, '../x', whole)).status).toBe(422)
    expect((await server.request('GET', '/api/threads/broken')).status).toBe(404)
    const inert = await importAs(server, 'inert', JSON.parse(`{"__proto__":{"polluted":1},${JSON.stringify(whole).slice(1)}`))
    expect(inert.status).toBe(201)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('gives Markdown that reads as the chat did, in a file named like it', async () => {
    const answer = await server.request('GET', `/api/threads/${await aChat()}/export?format=md`)
    expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''Zwei%20Fragen.md")
    const text = await answer.text()
    expect(text).toMatch(/^# Zwei \*Fragen\* \/ "\?"\n/)
    expect(text.match(/^## /gm)).toHaveLength(4)
    expect(text).toContain('## You\n\nOne?\n\n## ')
    expect(text).toContain('**look up** (done)\n\n```\n')
    expect(text).toContain('````\na ``` fence\n````')
    expect(text).toContain('\n\nAn answer.')
    expect((await server.request('GET', '/api/threads/nobody/export')).status).toBe(404)
    expect((await server.request('GET', `/api/threads/${await aChat()}/export?format=pdf`)).status).toBe(400)
  })

  it('leaves out an answer that is not saved yet', async () => {
    const thread = await aChat()
    const waits = createTestServer(storage, createScriptedAgent(async function* (_input, { signal }) {
      yield* says('Half')
      await new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }) })
    }))
    const before = await exported(server, thread)
    const run = await waits.send(thread, 'And now?')
    expect((await exported(server, thread)).messages).toEqual(before.messages)
    await waits.stop(run.id)
    await waits.settled(run.id)
    expect((await exported(server, thread)).messages).toHaveLength(before.messages.length + 2)
  })

  it('gives everything, the archive too, as one document', async () => {
    const [kept, put] = [await aChat(), await aChat()]
    await server.request('PATCH', `/api/threads/${put}`, { archived: true })
    const answer = await server.request('GET', '/api/export')
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; .*holdfast-\d{4}-\d\d-\d\d\.json$/)
    const all = parseJson(await answer.text()) as { format: string; threads: unknown[] }
    expect(all.format).toBe('holdfast-export')
    expect(all.threads.map((one) => readThreadExport(one).thread.id)).toEqual([kept, put])
  })
})
