/** Every row of runs.md's table "what is left after each kind of end", through the HTTP surface, for one storage backend. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AgentContext, AgentEvent } from '../../../src/server/agents/agent.ts'
import { AgentError } from '../../../src/server/agents/agent.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import type { RunId, ThreadId } from '../../../src/shared/ids.ts'
import type { Outcome } from '../../../src/shared/protocol.ts'
import { createFaultyStorage } from '../../support/faulty-storage.ts'
import type { FaultyStorage } from '../../support/faulty-storage.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import type { AgentScript } from '../../support/scripted-agent.ts'
import { createTestServer, newThread, textOf } from '../../support/test-server.ts'
import type { Joined, TestServer } from '../../support/test-server.ts'
import { createGate, until } from '../../support/until.ts'

const aborted = (context: AgentContext) => new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }))
const forever = () => new Promise<never>(() => {})
const open: AgentEvent = { type: 'part.started', part: 'answer', kind: 'text' }
const say = (text: string): AgentEvent => ({ type: 'part.delta', part: 'answer', text })

export function whatIsLeft(backend: string, openStorage: () => Promise<{ storage: Storage; reopen: () => Promise<Storage>; close: () => Promise<void> }>): void {
  describe(`what is left after each kind of end, on ${backend}`, () => {
    let store: Awaited<ReturnType<typeof openStorage>>
    let faulty: FaultyStorage
    beforeEach(async () => {
      store = await openStorage()
      faulty = createFaultyStorage(store.storage)
    })
    afterEach(() => store.close())

    const serve = (script: AgentScript, overrides = {}): TestServer => createTestServer(faulty, createScriptedAgent(script), overrides)

    /** Asserts thread, status and the stream's end: U is always there; `text` is the agent's, null: it left no message. */
    const expectLeft = async (server: TestServer, thread: ThreadId, run: RunId, left: { text: string | null; outcome: Outcome; status?: string; error?: string }, joined?: Joined) => {
      const settled = await server.settled(run)
      expect(settled.status).toBe(left.outcome)
      expect(settled.error?.code).toBe(left.error)
      const page = await server.messages(thread)
      expect(page.messages[0]?.role).toBe('user')
      const agents = page.messages.filter((message) => message.role === 'assistant' && message.run === run)
      expect(agents.length === 0 ? null : textOf(agents)).toBe(left.text)
      if (left.text !== null) expect(agents.at(-1)?.status).toBe(left.status ?? left.outcome)
      expect(agents.flatMap((message) => message.parts).filter((part) => part.state === 'open')).toEqual([])
      expect((await server.thread(thread)).activeRun).toBeNull()
      const again = await server.join(run)
      await until('a late reader sees the end', () => again.over())
      expect(again.frames.filter((frame) => frame.type === 'event' && frame.event.type === 'stream_end')).toHaveLength(1)
      expect(again.transcript()?.outcome).toBe(left.outcome)
      expect(again.transcript()?.messages.slice(1)).toEqual(agents)
      if (joined !== undefined) {
        await until('the live reader sees the end', () => joined.over())
        expect(joined.transcript()).toEqual(again.transcript())
      }
    }

    it('completes: U A, completed', async () => {
      const server = serve(async function* () { yield* says('Hello ', 'world') })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      await expectLeft(server, thread, run.id, { text: 'Hello world', outcome: 'completed' }, await server.join(run.id))
    })

    it('Stop before the first token: U, cancelled at once', async () => {
      // oxlint-disable-next-line require-yield -- it says nothing before it is stopped
      const server = serve(async function* (_input, context) { await aborted(context) })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      expect((await server.stop(run.id)).status).toBe(202)
      await expectLeft(server, thread, run.id, { text: null, outcome: 'cancelled' })
    })

    it('Stop mid-text: U P, marked stopped, cancelled', async () => {
      const server = serve(async function* (_input, context) { yield open; yield say('Hello wor'); await aborted(context) })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      const joined = await server.join(run.id)
      await until('the text is shown', () => joined.text() === 'Hello wor')
      expect((await server.stop(run.id)).status).toBe(202)
      await expectLeft(server, thread, run.id, { text: 'Hello wor', outcome: 'cancelled' }, joined)
    })

    for (const how of ['throws', 'returns quietly'] as const) {
      it(`Stop after a finished message, the agent ${how}: U A, cancelled`, async () => {
        const server = serve(async function* (_input, context) {
          yield* says('All of it')
          await aborted(context)
          if (how === 'throws') throw new Error('aborted')
        })
        const thread = newThread()
        const run = await server.send(thread, 'Hi')
        const joined = await server.join(run.id)
        await until('the message is finished', () => joined.transcript()?.messages[1]?.parts[0]?.state === 'done')
        await server.stop(run.id)
        await expectLeft(server, thread, run.id, { text: 'All of it', outcome: 'cancelled', status: 'completed' }, joined)
      })
    }

    it('the agent yields a last piece when aborted: U P with it, cancelled', async () => {
      const server = serve(async function* (_input, context) { yield open; yield say('Hello'); await aborted(context); yield say(' and bye') }, { graceMs: 15_000 })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      const joined = await server.join(run.id)
      await until('the text is shown', () => joined.text() === 'Hello')
      await server.stop(run.id)
      await expectLeft(server, thread, run.id, { text: 'Hello and bye', outcome: 'cancelled' }, joined)
    })

    it('the agent ignores the abort and yields more later: U P, the rest fenced, cancelled after the grace', async () => {
      const later = createGate()
      const server = serve(async function* () { yield open; yield say('shown'); await later.opened; yield say(' NEVER') })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      const joined = await server.join(run.id)
      await until('the text is shown', () => joined.text() === 'shown')
      await server.stop(run.id)
      await server.settled(run.id)
      later.open()
      await expectLeft(server, thread, run.id, { text: 'shown', outcome: 'cancelled' }, joined)
    })

    it('the agent hangs for ever: U P, cancelled after the grace', async () => {
      const server = serve(async function* () { yield open; yield say('shown'); await forever() })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      const joined = await server.join(run.id)
      await until('the text is shown', () => joined.text() === 'shown')
      await server.stop(run.id)
      await expectLeft(server, thread, run.id, { text: 'shown', outcome: 'cancelled' }, joined)
    })

    it('Stop answered by another instance: U P, cancelled; the owner is told', async () => {
      const owner = serve(async function* (_input, context) { yield open; yield say('shown'); await aborted(context) })
      const other = serve(async function* () { yield* says('the other instance') })
      const thread = newThread()
      const run = await owner.send(thread, 'Hi')
      const joined = await owner.join(run.id)
      await until('the text is shown', () => joined.text() === 'shown')
      expect((await other.stop(run.id)).status).toBe(202)
      await expectLeft(owner, thread, run.id, { text: 'shown', outcome: 'cancelled' }, joined)
    })

    it('Stop while the owner is just starting: U, cancelled, never revived', async () => {
      const begin = createGate()
      const slow: Storage = { ...faulty, get incarnation() { return faulty.incarnation }, branch: async (...args) => { await begin.opened; return faulty.branch(...args) } }
      const server = createTestServer(slow, createScriptedAgent(async function* () { yield* says('revived') }))
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      await server.stop(run.id)
      await server.settled(run.id)
      begin.open()
      await expectLeft(server, thread, run.id, { text: null, outcome: 'cancelled' })
    })

    it('the agent fails before the first token: U and the error, failed', async () => {
      // oxlint-disable-next-line require-yield -- it fails before it can
      const server = serve(async function* () { throw new AgentError({ code: 'provider_error', message: 'The provider said no.', retryable: true }) })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      await expectLeft(server, thread, run.id, { text: null, outcome: 'failed', error: 'provider_error' })
    })

    it('the agent fails mid-text: U P and the error, failed', async () => {
      const server = serve(async function* () { yield open; yield say('Half an ans'); throw new Error('boom') })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      await expectLeft(server, thread, run.id, { text: 'Half an ans', outcome: 'failed', error: 'agent_error' })
      expect((await server.run(run.id)).error?.message).toContain('boom')
    })

    it('an empty answer: U and the error, failed', async () => {
      const server = serve(async function* () { yield { type: 'part.started', part: 't', kind: 'thinking' }; yield { type: 'part.delta', part: 't', text: 'hm' } })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      await expectLeft(server, thread, run.id, { text: 'hm', outcome: 'failed', error: 'empty_answer' })
    })

    for (const write of ['append', 'end', 'settle'] as const) {
      for (const how of ['lost', 'landed'] as const) {
        it(`one ${write} ${how === 'lost' ? 'fails once' : 'lands but reports failure'}: all of it, once, completed`, async () => {
          const server = serve(async function* () { yield open; yield say('one '); yield { type: 'notice', level: 'info', text: 'n' }; yield say('two') })
          faulty.failNext(write, how)
          const thread = newThread()
          const run = await server.send(thread, 'Hi')
          await expectLeft(server, thread, run.id, { text: 'one two', outcome: 'completed' }, await server.join(run.id))
          await until('the write was tried again', () => faulty.tried.filter((tried) => tried === write).length > 1)
        })
      }
    }

    it('a start lands but reports failure: the run is driven all the same, and completes', async () => {
      const server = serve(async function* () { yield* says('Hello ', 'world') })
      faulty.failNext('start', 'landed')
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      await expectLeft(server, thread, run.id, { text: 'Hello world', outcome: 'completed' }, await server.join(run.id))
      expect(faulty.tried.filter((tried) => tried === 'start')).toHaveLength(1)
    })

    it('a start of what waited lands but reports failure: it is answered as soon as the run before it has ended', async () => {
      const first = createGate()
      const server = serve(async function* (input) {
        if (input.messages.length === 1) await first.opened
        yield* says('Hello')
      })
      faulty.failNext('startQueued', 'landed')
      const thread = newThread()
      await server.send(thread, 'Hi')
      const queued = await server.request('POST', `/api/threads/${thread}/runs`, { message: { id: 'and', parts: [{ kind: 'text', text: 'And?' }] }, ifBusy: 'queue' })
      expect(queued.status).toBe(202)
      first.open()
      const next = await until('what waited is started', async () => (await server.messages(thread)).messages.find((message) => message.id === 'and')?.run)
      expect(await server.settled(next as RunId)).toMatchObject({ outcome: 'completed' })
      expect(textOf((await server.messages(thread)).messages.filter((message) => message.run === next && message.role === 'assistant'))).toBe('Hello')
      expect(faulty.tried.filter((tried) => tried === 'startQueued').length).toBeGreaterThan(0)
    })

    it('the store is down during Stop: U P after it is back, cancelled', async () => {
      const server = serve(async function* (_input, context) { yield open; yield say('shown'); await aborted(context); yield say(' late') }, { graceMs: 15_000 })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      const joined = await server.join(run.id)
      await until('the text is shown', () => joined.text() === 'shown')
      faulty.break()
      expect((await server.stop(run.id)).status).toBe(202)
      await until('an append was refused', () => faulty.tried.filter((write) => write === 'append').length > 2)
      expect(joined.text()).toBe('shown')
      faulty.heal()
      await expectLeft(server, thread, run.id, { text: 'shown late', outcome: 'cancelled' }, joined)
    })

    it('the store does not even take Stop: the agent is stopped at once, and the run is cancelled when the store is back', async () => {
      let signal: AbortSignal | null = null
      const server = serve(async function* (_input, context) { signal = context.signal; yield open; yield say('shown'); await aborted(context) })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      const joined = await server.join(run.id)
      await until('the text is shown', () => joined.text() === 'shown')
      faulty.break()
      faulty.failNext('requestStop')
      const answer = await server.stop(run.id)
      expect([answer.status, ((await answer.json()) as { status: string }).status]).toEqual([202, 'cancelling'])
      await until('the agent is told', () => signal?.aborted)
      await until('the record was tried again', () => faulty.tried.filter((write) => write === 'requestStop').length > 1)
      faulty.heal()
      await expectLeft(server, thread, run.id, { text: 'shown', outcome: 'cancelled' }, joined)
    })

    it('Stop twice and Stop after the end: the first outcome stays, every answer is 200 or 202', async () => {
      const server = serve(async function* (_input, context) { yield open; yield say('shown'); await aborted(context) })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      const answers = await Promise.all([server.stop(run.id), server.stop(run.id)])
      expect(answers.map((answer) => answer.status)).toEqual([202, 202])
      await server.settled(run.id)
      expect((await server.stop(run.id)).status).toBe(200)
      expect((await server.run(run.id)).outcome).toBe('cancelled')
    })

    it('Stop racing the end: one outcome, and it is the one in the stream', async () => {
      for (let round = 0; round < 20; round++) {
        const server = serve(async function* () { yield* says('quick') })
        const thread = newThread()
        const run = await server.send(thread, 'Hi')
        const answer = await server.stop(run.id)
        expect([200, 202]).toContain(answer.status)
        const settled = await server.settled(run.id)
        const seen = await server.join(run.id)
        await until('the stream ends', () => seen.over())
        expect(seen.transcript()?.outcome).toBe(settled.outcome)
      }
    })

    it('shutdown during a Stop: terminal before the process leaves', async () => {
      const server = serve(async function* () { yield open; yield say('shown'); await forever() })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      const joined = await server.join(run.id)
      await until('the text is shown', () => joined.text() === 'shown')
      await server.stop(run.id)
      await server.app.drain()
      expect((await server.run(run.id)).settled).toBe(true)
      expect(joined.frames.some((frame) => frame.type === 'bye')).toBe(true)
      await expectLeft(server, thread, run.id, { text: 'shown', outcome: 'cancelled' })
    })

    it('SIGKILL mid-run: U P, interrupted, by the next server', async () => {
      const first = serve(async function* () { yield open; yield say('shown'); await forever() })
      const thread = newThread()
      const run = await first.send(thread, 'Hi')
      const joined = await first.join(run.id)
      await until('the text is shown', () => joined.text() === 'shown')
      const second = createTestServer(await store.reopen(), createScriptedAgent(async function* () { yield* says('x') }))
      await second.app.recover()
      await expectLeft(second, thread, run.id, { text: 'shown', outcome: 'interrupted', error: 'interrupted' })
    })

    it('SIGKILL between the answer to Stop and the end: U P, cancelled, by the next server', async () => {
      const first = serve(async function* () { yield open; yield say('shown'); await forever() }, { graceMs: 600_000 })
      const thread = newThread()
      const run = await first.send(thread, 'Hi')
      const joined = await first.join(run.id)
      await until('the text is shown', () => joined.text() === 'shown')
      expect((await first.stop(run.id)).status).toBe(202)
      const second = createTestServer(await store.reopen(), createScriptedAgent(async function* () { yield* says('x') }))
      await second.app.recover()
      await expectLeft(second, thread, run.id, { text: 'shown', outcome: 'cancelled' })
    })

    it('the server dies after the end, before settling: the next one settles', async () => {
      const first = serve(async function* () { yield* says('whole') }, { beforeSettle: forever })
      const thread = newThread()
      const run = await first.send(thread, 'Hi')
      await until('it has ended', async () => (await first.run(run.id)).outcome === 'completed')
      const second = createTestServer(await store.reopen(), createScriptedAgent(async function* () { yield* says('x') }))
      await second.app.recover()
      await expectLeft(second, thread, run.id, { text: 'whole', outcome: 'completed' })
    })

    it('the browser goes away: U A, completed', async () => {
      const go = createGate()
      const server = serve(async function* () { yield open; yield say('one '); await go.opened; yield say('two') })
      const thread = newThread()
      const run = await server.send(thread, 'Hi')
      const joined = await server.join(run.id)
      await until('the text is shown', () => joined.text() === 'one ')
      await joined.cut()
      go.open()
      await expectLeft(server, thread, run.id, { text: 'one two', outcome: 'completed' })
    })

    it('two sends at once on one thread: one run, the other 409 with the active run', async () => {
      const go = createGate()
      const server = serve(async function* () { yield open; await go.opened; yield say('A') })
      const thread = newThread()
      const body = (id: string) => ({ message: { id, parts: [{ kind: 'text', text: 'Hi' }] } })
      const answers = await Promise.all(['one', 'two'].map((id) => server.request('POST', `/api/threads/${thread}/runs`, body(id))))
      const [started, refused] = answers.toSorted((a, b) => a.status - b.status) as [Response, Response]
      expect([started.status, refused.status]).toEqual([201, 409])
      const run = ((await started.json()) as { id: RunId }).id
      expect(((await refused.json()) as { activeRun: { id: RunId } }).activeRun.id).toBe(run)
      go.open()
      await expectLeft(server, thread, run, { text: 'A', outcome: 'completed' })
    })

    it('200 runs at once with random Stop and Retry: each exactly once, nothing left behind', async () => {
      const server = serve(async function* () {
        yield open
        for (let i = 0; i < 20; i++) { yield say(`${i} `); await new Promise((resolve) => setImmediate(resolve)) }
      })
      const texts = await Promise.all(Array.from({ length: 200 }, async (_, i) => {
        const thread = newThread()
        const run = await server.send(thread, `Question ${i}`)
        if (i % 3 === 0) await server.stop(run.id)
        await server.settled(run.id, 60_000)
        if (i % 5 === 0) {
          const [human] = (await server.messages(thread)).messages
          const retry = await server.request('POST', `/api/threads/${thread}/runs`, { regenerate: human?.id })
          expect(retry.status).toBe(201)
          await server.settled(((await retry.json()) as { id: RunId }).id, 60_000)
        }
        return (await server.messages(thread)).messages.filter((message) => message.role === 'assistant').map((message) => textOf([message]))
      }))
      const whole = Array.from({ length: 20 }, (_, i) => `${i} `).join('')
      for (const text of texts.flat()) expect(whole.startsWith(text)).toBe(true)
      // A row may be read as settled a moment before the server is told that it wrote it.
      await until('nothing is left behind', async () => {
        const metrics = await (await server.request('GET', '/metrics')).text()
        return /^holdfast_active_runs 0$/m.test(metrics) && /^holdfast_stream_readers 0$/m.test(metrics)
      })
    }, 90_000)
  })
}
