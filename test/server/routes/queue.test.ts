/** Messages sent during a run, through the HTTP surface: they wait, start by themselves, and make one turn each. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { wordsOf } from '../../../src/shared/human.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { createSqliteStorage } from '../../../src/server/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import type { RunId, ThreadId } from '../../../src/shared/ids.ts'
import { read, runSchema, threadSchema } from '../../../src/shared/protocol.ts'
import type { Run, Thread } from '../../../src/shared/protocol.ts'
import { AgentError } from '../../../src/server/agents/agent.ts'
import type { AgentContext, AgentEvent, AgentInput } from '../../../src/server/agents/agent.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import { createTestServer, newThread, textOf } from '../../support/test-server.ts'
import type { TestServer } from '../../support/test-server.ts'
import { createGate, until } from '../../support/until.ts'
import type { Gate } from '../../support/until.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const close of closing.splice(0).toReversed()) await close() }, 60_000)

async function sqlite(): Promise<Storage> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-queue-'))
  closing.push(() => rm(dir, { recursive: true, force: true }))
  return createSqliteStorage({ file: join(dir, 'holdfast.db') })
}

const words = (input: AgentInput): string => {
  const part = input.messages.at(-1)?.parts[0]
  return part?.kind === 'text' ? part.text : ''
}
const aborted = ({ signal }: AgentContext) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

describe.each([['memory', async () => createMemoryStorage()], ['sqlite', sqlite]] as const)('the queue, on %s', (_name, open) => {
  /** Answers "wait …" when its gate opens or it is told to stop, "fail" by failing, anything else at once. */
  async function serve(): Promise<{ server: TestServer; gate: Gate; send: (thread: ThreadId, id: string, more?: object) => Promise<Response>; asked: () => string[] }> {
    const storage = await open()
    closing.push(() => storage.close())
    const gate = createGate()
    const agent = createScriptedAgent(async function* (input, context): AsyncGenerator<AgentEvent> {
      const said = words(input)
      if (said.startsWith('fail')) throw new AgentError({ code: 'scripted', message: 'It failed as it was told to.', retryable: true })
      if (said.startsWith('wait')) {
        yield { type: 'part.started', part: 'first', kind: 'text' }
        yield { type: 'part.delta', part: 'first', text: 'Half' }
        await Promise.race([gate.opened, aborted(context)])
        if (context.signal.aborted) return
        yield { type: 'part.ended', part: 'first', state: 'done' }
        for (const message of context.steering()) {
          yield* says(`Heard: ${message.parts[0]?.kind === 'text' ? message.parts[0].text : ''}`)
        }
        return
      }
      yield* says(`Answer to ${said}`)
    }, { can: { steer: true, approvals: true, resume: false, files: false } })
    const server = createTestServer(storage, agent)
    return {
      server, gate,
      send: (thread, id, more = {}) => server.request('POST', `/api/threads/${thread}/runs`, { message: { id: `${thread.slice(0, 20)}-${id}`, parts: [{ kind: 'text', text: id }] }, ifBusy: 'queue', ...more }),
      asked: () => agent.inputs.map(words),
    }
  }
  const idOf = (thread: ThreadId, id: string) => `${thread.slice(0, 20)}-${id}`
  const threadOf = async (answer: Response): Promise<Thread> => {
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    return read(threadSchema, await answer.json())
  }
  const runOf = async (answer: Response): Promise<Run> => read(runSchema, await answer.json())
  const idle = (server: TestServer, thread: ThreadId) => until('the thread is idle', async () => ((await server.thread(thread)).activeRun === null ? true : null))
  const half = async (server: TestServer, run: RunId) => {
    const joined = await server.join(run)
    await until('half is said', () => joined.text() === 'Half')
  }

  it('takes what is sent during a run, starts it by itself in order, and makes one turn of each', async () => {
    const { server, gate, send, asked } = await serve()
    const thread = newThread()
    expect((await send(thread, 'wait')).status).toBe(201)
    const one = await send(thread, 'one')
    expect(one.status).toBe(202)
    expect((await threadOf(one)).queue.messages.map((message) => message.id)).toEqual([idOf(thread, 'one')])
    expect((await send(thread, 'two')).status).toBe(202)
    expect((await send(thread, 'one')).status).toBe(202)
    expect((await send(thread, 'one', { message: { id: idOf(thread, 'one'), parts: [{ kind: 'text', text: 'other' }] } })).status).toBe(422)
    expect(asked()).toEqual(['wait'])
    gate.open()
    await until('all are answered', async () => ((await server.messages(thread)).messages.length === 6 ? true : null))
    await idle(server, thread)
    expect(asked()).toEqual(['wait', 'one', 'two'])
    expect((await send(thread, 'one')).status).toBe(200)
    const page = await server.messages(thread)
    expect(page.messages.map((message) => message.after)).toEqual([null, ...page.messages.slice(0, 5).map((message) => message.id)])
  })

  it('is edited, put in order, emptied; what has gone is 404', async () => {
    const { server, gate, send, asked } = await serve()
    const thread = newThread()
    await send(thread, 'wait')
    for (const id of ['one', 'two', 'three']) await send(thread, id)
    const at = `/api/threads/${thread}/queue`
    await threadOf(await server.request('PATCH', `${at}/${idOf(thread, 'three')}`, { before: idOf(thread, 'one'), parts: [{ kind: 'text', text: 'THREE' }] }))
    expect((await server.request('PATCH', `${at}/${idOf(thread, 'two')}`, { parts: [{ kind: 'text', text: '  ' }] })).status).toBe(400)
    const left = await threadOf(await server.request('DELETE', `${at}/${idOf(thread, 'two')}`))
    expect(left.queue.messages.map((message) => wordsOf(message.parts))).toEqual(['THREE', 'one'])
    for (const [method, path] of [['DELETE', ''], ['POST', '/send-now'], ['POST', '/steer']] as const) {
      expect((await server.request(method, `${at}/${idOf(thread, 'two')}${path}`, method === 'POST' ? {} : undefined)).status).toBe(404)
    }
    gate.open()
    await until('both are answered', async () => (asked().length === 3 ? true : null))
    await idle(server, thread)
    expect(asked()).toEqual(['wait', 'THREE', 'one'])
  })

  it('is paused by Stop, keeps what it holds, and goes on when it is resumed', async () => {
    const { server, send, asked } = await serve()
    const thread = newThread()
    const run = await runOf(await send(thread, 'wait'))
    await send(thread, 'one')
    await server.stop(run.id)
    expect((await server.settled(run.id)).outcome).toBe('cancelled')
    expect((await server.thread(thread)).queue).toMatchObject({ paused: 'stopped', messages: [{}] })
    expect(asked()).toEqual(['wait'])
    await threadOf(await server.request('POST', `/api/threads/${thread}/queue/resume`, {}))
    await until('it is answered', () => asked().length === 2)
    await idle(server, thread)
    expect((await server.thread(thread)).queue).toEqual({ messages: [], paused: null })
  })

  it('is paused by a run that fails', async () => {
    const { server, gate, send } = await serve()
    const thread = newThread()
    await send(thread, 'wait')
    await send(thread, 'fail')
    await send(thread, 'one')
    gate.open()
    await until('it is paused', async () => ((await server.thread(thread)).queue.paused === 'failed' ? true : null))
    expect((await server.thread(thread)).queue.messages).toHaveLength(1)
  })

  it('lets a message interrupt: the run keeps its text, then the message starts', async () => {
    const { server, send, asked } = await serve()
    const thread = newThread()
    const run = await runOf(await send(thread, 'wait'))
    await half(server, run.id)
    await send(thread, 'one')
    expect((await send(thread, 'now', { ifBusy: 'interrupt' })).status).toBe(202)
    await until('all are answered', () => asked().length === 3)
    await idle(server, thread)
    expect(asked()).toEqual(['wait', 'now', 'one'])
    expect((await server.settled(run.id)).outcome).toBe('cancelled')
    expect(textOf((await server.messages(thread)).messages)).toBe('HalfAnswer to nowAnswer to one')
  })

  it('sends one of them now', async () => {
    const { server, send, asked } = await serve()
    const thread = newThread()
    await half(server, (await runOf(await send(thread, 'wait'))).id)
    await send(thread, 'one')
    await send(thread, 'two')
    await threadOf(await server.request('POST', `/api/threads/${thread}/queue/${idOf(thread, 'two')}/send-now`, {}))
    await until('all are answered', () => asked().length === 3)
    await idle(server, thread)
    expect(asked()).toEqual(['wait', 'two', 'one'])
  })

  it('gives the run what a person says meanwhile, at its next step, and every reader sees it once', async () => {
    const { server, gate, send, asked } = await serve()
    const thread = newThread()
    const run = await runOf(await send(thread, 'wait'))
    const joined = await server.join(run.id)
    await until('half is said', () => joined.text() === 'Half')
    await send(thread, 'shorter')
    const steered = await threadOf(await server.request('POST', `/api/threads/${thread}/queue/${idOf(thread, 'shorter')}/steer`, {}))
    expect(steered.queue.messages).toMatchObject([{ state: 'steering' }])
    gate.open()
    await server.settled(run.id)
    expect(asked()).toEqual(['wait'])
    const page = await server.messages(thread)
    expect(page.messages.map((message) => [message.role, message.run])).toEqual([['user', run.id], ['assistant', run.id], ['user', run.id], ['assistant', run.id]])
    expect(page.messages[2]).toMatchObject({ id: idOf(thread, 'shorter'), parts: [{ id: 'h1', text: 'shorter' }] })
    expect(textOf(page.messages)).toBe('HalfHeard: shorter')
    await until('the reader is done', () => joined.over())
    expect(joined.transcript()?.messages).toEqual(page.messages)
    expect((await server.thread(thread)).queue.messages).toEqual([])
    expect((await send(thread, 'shorter')).status).toBe(200)
  })

  it('goes on after a server that died between an end and the next start, and makes one turn', async () => {
    const storage = await open()
    closing.push(() => storage.close())
    const agent = createScriptedAgent(async function* (input) { yield* says(`Answer to ${words(input)}`) })
    const thread = newThread()
    // What the dead server left: a run that completed, and a message behind it.
    const common = { thread, owner: 'dead', leaseMs: 60_000, agent: 'scripted', model: null, title: 'T' }
    await storage.start({ ...common, run: 'dead-run' as RunId, message: { id: idOf(thread, 'first') as never, parts: [{ kind: 'text', text: 'first' }] }, fingerprint: 'a' })
    await storage.start({ ...common, run: 'dead-run-2' as RunId, message: { id: idOf(thread, 'next') as never, parts: [{ kind: 'text', text: 'next' }] }, fingerprint: 'b', ifBusy: 'queue' })
    await storage.end({ run: 'dead-run' as RunId, epoch: 1, events: [{ type: 'stream_end', seq: 2, at: Date.now(), outcome: 'completed', usage: {}, parts: {} }], outcome: 'completed' })
    const server = createTestServer(storage, agent)
    await server.app.recover()
    await until('it is answered', () => agent.inputs.length === 1)
    await idle(server, thread)
    expect(agent.inputs.map(words)).toEqual(['next'])
    await server.app.drain()
  })

  it('copies a thread up to a message, once per id', async () => {
    const { server, send } = await serve()
    const thread = newThread()
    const run = await runOf(await send(thread, 'hello'))
    await server.settled(run.id)
    const reply = (await server.messages(thread)).messages[1]?.id
    const id = newThread()
    const fork = () => server.request('POST', `/api/threads/${thread}/fork`, { message: reply, id })
    expect([(await fork()).status, (await fork()).status]).toEqual([201, 200])
    expect(textOf((await server.messages(id)).messages)).toBe('Answer to hello')
    expect((await server.request('POST', `/api/threads/${thread}/fork`, { message: 'ghost', id: newThread() })).status).toBe(422)
    expect((await server.request('POST', `/api/threads/${newThread()}/fork`, { message: reply, id: newThread() })).status).toBe(404)
  })

  it('has the agent go on from what it was cut off in, which stays as it is', async () => {
    const { server, send } = await serve()
    const thread = newThread()
    const run = await runOf(await send(thread, 'wait'))
    await half(server, run.id)
    await server.stop(run.id)
    await server.settled(run.id)
    const partial = (await server.messages(thread)).messages.at(-1)
    const go = () => server.request('POST', `/api/threads/${thread}/runs`, { continue: partial?.id, id: idOf(thread, 'go on') .replace(' ', '-') })
    const answer = await go()
    expect(answer.status).toBe(201)
    const next = await runOf(answer)
    expect((await go()).status).toBe(200)
    await server.settled(next.id)
    const page = await server.messages(thread)
    expect(page.messages[1]).toEqual(partial)
    expect(page.messages[2]).toMatchObject({ role: 'user', continues: true, after: partial?.id, parts: [] })
    expect(page.messages[3]).toMatchObject({ role: 'assistant', after: page.messages[2]?.id })
  })
})
