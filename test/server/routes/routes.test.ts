import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { wordsOf } from '../../../src/shared/human.ts'
import type { ApprovalId, MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import { inputHash } from '../../../src/shared/input-hash.ts'
import { refusalCode } from '../../../src/shared/refusals.ts'
import { agentListSchema, decodeFeedEvent, eventPageSchema, findPageSchema, messagePageSchema, problemSchema, read, runPageSchema, runSchema, threadPageSchema, threadSchema, threadUsageSchema } from '../../../src/shared/protocol.ts'
import type { MessagePage, Run } from '../../../src/shared/protocol.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import { parseFrames } from '../../support/sse.ts'
import { createTestServer, newThread, textOf } from '../../support/test-server.ts'
import type { TestServer } from '../../support/test-server.ts'
import { createGate, until } from '../../support/until.ts'
import type { Gate } from '../../support/until.ts'

let storage: Storage
let gate: Gate
let server: TestServer
beforeEach(() => {
  storage = createMemoryStorage()
  gate = createGate()
  server = createTestServer(storage, createScriptedAgent(async function* (input) {
    const asked = input.messages.at(-1)?.parts[0]
    if (asked?.kind === 'text' && asked.text.startsWith('wait')) await gate.opened
    if (asked?.kind === 'text' && asked.text.startsWith('ask')) throw new Error('not scripted')
    yield { type: 'used', usage: { inputTokens: 3, outputTokens: 4 }, modelCalls: 1 }
    yield* says(`${input.messages.length} messages: `, asked?.kind === 'text' ? asked.text : '')
  }))
})
afterEach(() => storage.close())

const body = (id: string, text: string) => ({ message: { id, parts: [{ kind: 'text', text }] } })
const startAt = (thread: ThreadId, of: unknown) => server.request('POST', `/api/threads/${thread}/runs`, of)

describe('threads', () => {
  it('are made once per id, listed newest activity first, renamed, deleted and restored', async () => {
    const ids = [newThread(), newThread(), newThread()]
    for (const id of ids) expect((await server.request('POST', '/api/threads', { id, title: `T ${id}` })).status).toBe(201)
    expect((await server.request('POST', '/api/threads', { id: ids[0] })).status).toBe(200)
    await server.settled((await server.send(ids[0] as ThreadId, 'Hi')).id)
    const list = async () => read(threadPageSchema, await (await server.request('GET', '/api/threads')).json())
    expect((await list()).threads.map((thread) => thread.id)[0]).toBe(ids[0])
    const renamed = read(threadSchema, await (await server.request('PATCH', `/api/threads/${ids[1]}`, { title: '  New name ' })).json())
    expect(renamed.title).toBe('New name')
    expect((await server.request('DELETE', `/api/threads/${ids[1]}`)).status).toBe(204)
    expect((await list()).threads).toHaveLength(2)
    expect((await server.request('GET', `/api/threads/${ids[1]}`)).status).toBe(404)
    expect((await server.request('POST', `/api/threads/${ids[1]}/restore`)).status).toBe(200)
    expect((await list()).threads).toHaveLength(3)
  })

  it('page by cursor without gap or double', async () => {
    for (let i = 0; i < 7; i++) await server.request('POST', '/api/threads', { id: newThread() })
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { threads: { id: string }[]; cursor: string | null } = read(threadPageSchema, await (await server.request('GET', `/api/threads?limit=3${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)).json())
      seen.push(...page.threads.map((thread) => thread.id))
      cursor = page.cursor
    }
    expect(new Set(seen).size).toBe(7)
    expect(seen).toHaveLength(7)
  })

  it('are found by what was said in them, with the place of it', async () => {
    const thread = newThread()
    await server.settled((await server.send(thread, 'Where does the okapi live?')).id)
    const search = (query: string) => server.request('GET', `/api/threads?${new URLSearchParams(query)}`)
    const page = read(threadPageSchema, await (await search('q=OKAPI%20liv')).json())
    const [human, answer] = (await server.messages(thread)).messages
    expect(page.threads.map((one) => one.id)).toEqual([thread])
    expect(page.hits).toMatchObject([{ thread, message: answer?.id, role: 'assistant', title: [[15, 20], [21, 25]] }])
    expect(read(threadPageSchema, await (await search('q=where')).json()).hits).toMatchObject([{ message: answer?.id }])
    expect(human?.role).toBe('user')
    expect(await (await search('q=%22(*')).json()).toEqual({ threads: [], cursor: null, hits: [] })
    expect(read(threadPageSchema, await (await search('q=')).json()).hits).toBeUndefined()
    expect((await search(`q=${'x'.repeat(501)}`)).status).toBe(400)
  })

  it('can be pinned and archived, and every tab is told', async () => {
    const [kept, put] = [newThread(), newThread()]
    for (const id of [kept, put]) await server.request('POST', '/api/threads', { id })
    await server.request('PATCH', `/api/threads/${kept}`, { pinned: true })
    await server.request('PATCH', `/api/threads/${put}`, { archived: true, draft: 'half a th' })
    const list = async (query: string) => read(threadPageSchema, await (await server.request('GET', `/api/threads?${query}`)).json()).threads
    expect(await list('pinned=true')).toMatchObject([{ id: kept, pinned: true }])
    expect(await list('archived=true')).toMatchObject([{ id: put, archived: true, draft: 'half a th' }])
    expect((await list('')).map((thread) => thread.id)).toEqual([kept])
    expect((await server.request('PATCH', `/api/threads/${kept}`, { pinned: 'yes' })).status).toBe(400)
  })

  it('take their title from the first message, never over a rename', async () => {
    const thread = newThread()
    await server.settled((await server.send(thread, 'What is a holdfast, and why does kelp need one so badly in a storm?')).id)
    expect((await server.thread(thread)).title).toMatch(/^What is a holdfast.*…$/)
    await server.request('PATCH', `/api/threads/${thread}`, { title: 'Kelp' })
    await server.settled((await server.send(thread, 'Another question')).id)
    expect((await server.thread(thread)).title).toBe('Kelp')
  })

  it('are unread when a run ended, until they are seen', async () => {
    const thread = newThread()
    await server.settled((await server.send(thread, 'Hi')).id)
    expect((await server.thread(thread)).unread).toBe(true)
    await server.request('PATCH', `/api/threads/${thread}`, { seen: true })
    expect((await server.thread(thread)).unread).toBe(false)
  })
})

describe('starting a run', () => {
  it('creates the thread, answers 201 with the canonical path and nothing after it', async () => {
    const thread = newThread()
    const answer = await startAt(thread, body('m1', 'Hi'))
    const run = read(runSchema, await answer.json())
    expect(answer.status).toBe(201)
    expect(answer.headers.get('content-location')).toBe(`/api/threads/${thread}/runs/${run.id}`)
  })

  it('recognises the same message however often, and refuses the same id with another body', async () => {
    const thread = newThread()
    const runs: Run[] = []
    for (let i = 0; i < 5; i++) {
      const answer = await startAt(thread, body('m1', 'Hi'))
      expect(answer.status).toBe(i === 0 ? 201 : 200)
      runs.push(read(runSchema, await answer.json()))
      if (i === 2) await server.settled((runs[0] as Run).id)
    }
    expect(new Set(runs.map((run) => run.id)).size).toBe(1)
    expect((await startAt(thread, body('m1', 'Other'))).status).toBe(422)
    expect((await server.messages(thread)).messages).toHaveLength(2)
  })

  it('gives the agent the whole branch, and a retry a sibling that leaves the first answer as it was', async () => {
    const thread = newThread()
    await server.settled((await server.send(thread, 'one')).id)
    await server.settled((await server.send(thread, 'two')).id)
    const page = await server.messages(thread)
    expect(page.messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user', 'assistant'])
    expect(page.messages.map((message) => message.after)).toEqual([null, ...page.messages.slice(0, 3).map((message) => message.id)])
    expect(textOf(page.messages)).toBe('1 messages: one3 messages: two')
    const retry = await startAt(thread, { regenerate: page.messages[2]?.id })
    expect(retry.status).toBe(201)
    await server.settled(read(runSchema, await retry.json()).id)
    const after = await server.messages(thread)
    expect(after.messages).toHaveLength(5)
    expect(after.messages.slice(0, 4)).toEqual(page.messages)
    expect(after.messages[4]?.after).toBe(page.messages[2]?.id)
  })

  it('opens a thread in the middle, and finds words in it', async () => {
    const thread = newThread()
    for (const text of ['one', 'two', 'three']) await server.settled((await server.send(thread, text)).id)
    const all = (await server.messages(thread)).messages
    const middle = all[2]
    const get = async (query: string) => server.request('GET', `/api/threads/${thread}/${query}`)
    const around = read(messagePageSchema, await (await get(`messages?around=${middle?.id}&limit=3`)).json())
    expect(around.messages).toEqual(all.slice(1, 4))
    expect(read(messagePageSchema, await (await get(`messages?after=${around.after}`)).json())).toMatchObject({ messages: all.slice(4), after: null })
    expect(read(messagePageSchema, await (await get(`messages?before=${around.before}`)).json())).toMatchObject({ messages: all.slice(0, 1), before: null })
    const hits = read(findPageSchema, await (await get('find?q=TWO')).json()).hits
    expect(hits.map((hit) => hit.message)).toEqual([all[3]?.id, all[2]?.id])
    expect(read(findPageSchema, await (await get('find?q=%20')).json()).hits.map((hit) => hit.excerpt)).toEqual(['three', 'two', 'one'])
    const statuses = ['messages?around=nobody', 'messages?around=..%2F', 'messages?around=x&before=1.1', `find?q=${'x'.repeat(501)}`].map(async (query) => (await get(query)).status)
    expect(await Promise.all(statuses)).toEqual([404, 404, 400, 400])
  })

  it('takes a retry that comes twice for one, also when its answer is complete', async () => {
    const thread = newThread()
    await server.settled((await server.send(thread, 'one')).id)
    const [human] = (await server.messages(thread)).messages
    const retry = { regenerate: human?.id, run: 'a-run-of-the-page-s-own-making' }
    const answers = [await startAt(thread, retry), await startAt(thread, retry)]
    await server.settled(retry.run as RunId)
    answers.push(await startAt(thread, retry))
    expect(answers.map((answer) => answer.status)).toEqual([201, 200, 200])
    expect((await server.messages(thread)).messages).toHaveLength(3)
    expect((await startAt(thread, { ...retry, run: 'x'.repeat(49) })).status).toBe(400)
  })

  it('follows from what was said even while the run before is still being saved', async () => {
    const saving = createGate()
    server = createTestServer(storage, createScriptedAgent(async function* (input) { yield* says(`${input.messages.length}`) }), { beforeSettle: () => saving.opened })
    const thread = newThread()
    const first = await server.send(thread, 'one')
    await until('it ended', async () => (await server.run(first.id)).outcome)
    const second = await server.send(thread, 'two')
    await until('it ended', async () => (await server.run(second.id)).outcome)
    saving.open()
    await server.settled(second.id)
    await server.settled(first.id)
    const { messages } = await server.messages(thread)
    const byText = (text: string) => messages.find((message) => message.parts.some((part) => part.kind === 'text' && part.text === text))
    expect(byText('two')?.after).toBe(messages.find((message) => message.role === 'assistant' && message.run === first.id)?.id)
  })

  it.each([
    ['not JSON', '{', 400], ['no message', {}, 400], ['blank text', body('m', '  '), 400], ['no parts', { message: { id: 'm', parts: [] } }, 400],
    ['a bad id', body('a b', 'x'), 400], ['an unknown agent', { ...body('m', 'x'), agent: 'ghost' }, 422], ['a message to follow that is not there', { ...body('m', 'x'), after: 'ghost' }, 422],
    ['a retry that is to wait', { regenerate: 'ghost', ifBusy: 'queue' }, 422], ['to go on from what is not there', { continue: 'ghost', id: 'm' }, 422], ['a message to answer that is not there', { regenerate: 'ghost' }, 422],
  ])('refuses %s with the cause, and writes nothing', async (_name, sent, status) => {
    const thread = newThread()
    if (status === 422) await server.request('POST', '/api/threads', { id: thread })
    const answer = await startAt(thread, sent)
    const problem = read(problemSchema, await answer.json())
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(problem.detail.length).toBeGreaterThan(20)
    expect(refusalCode(problem)).toMatch(/^[a-z-]+$/)
    expect(problem.detail).not.toMatch(/at .*\.(ts|js):/)
    const left = await server.request('GET', `/api/threads/${thread}/messages`)
    expect(left.status === 404 || ((await left.json()) as { messages: unknown[] }).messages.length === 0).toBe(true)
  })
})

describe('what is known of runs', () => {
  it('counts every outcome, and Stop never lowers a total', async () => {
    const thread = newThread()
    await server.settled((await server.send(thread, 'one')).id)
    const totals = async () => read(threadUsageSchema, await (await server.request('GET', `/api/threads/${thread}/usage?includeActive=true`)).json())
    const before = await totals()
    expect(before.total).toMatchObject({ runs: 1, modelCalls: 1, usage: { inputTokens: 3, outputTokens: 4 } })
    const waiting = await server.send(thread, 'wait')
    expect((await totals()).total.runs).toBe(2)
    await server.stop(waiting.id)
    await server.settled(waiting.id)
    const after = await totals()
    expect(after.byOutcome['cancelled']?.runs).toBe(1)
    expect(after.total.usage.outputTokens).toBeGreaterThanOrEqual(before.total.usage.outputTokens ?? 0)
  })

  it('lists runs newest first, by status too, and gives a journal as pages', async () => {
    const thread = newThread()
    const runs = [await server.send(thread, 'one')]
    await server.settled((runs[0] as Run).id)
    runs.push(await server.send(thread, 'two'))
    const last = await server.settled((runs[1] as Run).id)
    const list = async (query: string) => read(runPageSchema, await (await server.request('GET', `/api/threads/${thread}/runs${query}`)).json()).runs.map((run) => run.id)
    expect(await list('')).toEqual([runs[1]?.id, runs[0]?.id])
    expect(await list('?status=failed')).toEqual([])
    expect((await server.request('GET', `/api/threads/${thread}/runs?status=odd`)).status).toBe(400)
    const seqs: number[] = []
    for (let after = '', more = true; more;) {
      const page = read(eventPageSchema, await (await server.request('GET', `/api/runs/${last.id}/events?limit=2${after === '' ? '' : `&after=${after}`}`)).json())
      seqs.push(...page.events.map((event) => event.seq))
      after = page.cursor
      more = page.more
    }
    expect(seqs).toEqual(Array.from({ length: last.lastSeq }, (_, i) => i + 1))
  })

  it('answers an approval exactly once: the same again 200, a different one 409, an unknown one 404', async () => {
    server = createTestServer(storage, createScriptedAgent(async function* (_input, context) {
      yield { type: 'part.started', part: 't', kind: 'tool', name: 'delete', call: 'c' }
      const { decision, note } = await context.approve({ part: 't', question: 'Delete it?', input: '{}', options: ['approve', 'deny'] })
      yield { type: 'part.ended', part: 't', state: decision === 'approve' ? 'done' : 'denied', output: note ?? '' }
      yield* says(decision)
    }))
    const thread = newThread()
    const run = await server.send(thread, 'delete it')
    const joined = await server.join(run.id)
    const approval = await until('it asks', () => {
      const part = joined.transcript()?.messages[1]?.parts[0]
      return part?.kind === 'tool' ? part.approval : undefined
    })
    expect((await server.run(run.id)).waiting).toBe(true)
    const answer = (decision: string, id: string = approval.id) => server.request('POST', `/api/runs/${run.id}/approvals/${id}`, { decision, inputHash: inputHash('{}'), note: 'because' })
    expect((await answer('maybe')).status).toBe(422)
    expect((await answer('deny', 'ghost')).status).toBe(404)
    const both = await Promise.all([answer('deny'), answer('approve')])
    expect(both.map((one) => one.status)).toEqual([200, 409])
    expect((await answer('deny')).status).toBe(200)
    await server.settled(run.id)
    await until('the stream ends', () => joined.over())
    expect(joined.text()).toBe('{}becausedeny')
    expect(joined.transcript()?.messages[1]?.parts[0]).toMatchObject({ state: 'denied', approval: { state: 'answered', decision: 'deny', by: 'user', note: 'because' } })
    expect((await server.run(run.id)).waiting).toBe(false)
  })

  it('expires an approval with its run: an answer that comes later is refused', async () => {
    server = createTestServer(storage, createScriptedAgent(async function* (_input, context) {
      yield { type: 'part.started', part: 't', kind: 'tool', name: 'delete', call: 'c' }
      await context.approve({ part: 't', question: 'Delete it?', input: '{}', options: ['approve', 'deny'] })
    }))
    const run = await server.send(newThread(), 'delete it')
    await until('it asks', async () => (await server.run(run.id)).waiting)
    await server.stop(run.id)
    await server.settled(run.id)
    const joined = await server.join(run.id)
    await until('the stream ends', () => joined.over())
    const part = joined.transcript()?.messages[1]?.parts[0]
    expect(part).toMatchObject({ state: 'stopped', approval: { state: 'expired' } })
    const id = part?.kind === 'tool' ? part.approval?.id : ''
    expect((await server.request('POST', `/api/runs/${run.id}/approvals/${id}`, { decision: 'approve', inputHash: inputHash('{}') })).status).toBe(409)
  })

  it('takes an approval only for the run, the call and the input that were shown, and of whoever is asking: what does not fit changes nothing', async () => {
    server = createTestServer(storage, createScriptedAgent(async function* (input, context) {
      const path = JSON.stringify({ path: wordsOf(input.messages.at(-1)?.parts ?? []) })
      yield { type: 'part.started', part: 't', kind: 'tool', name: 'delete', call: 'c' }
      yield { type: 'part.delta', part: 't', field: 'input', text: path }
      const { decision } = await context.approve({ part: 't', question: 'Delete it?', input: path, options: ['approve', 'deny'] })
      yield { type: 'part.ended', part: 't', state: decision === 'approve' ? 'done' : 'denied' }
      yield* says(decision)
    }))
    const [mine, other] = await Promise.all(['mine.txt', '/'].map(async (path) => {
      const run = await server.send(newThread(), path)
      await until('it asks', async () => (await server.run(run.id)).waiting)
      return { run: run.id, approval: `${run.id}-a1`, hash: inputHash(JSON.stringify({ path })) }
    })) as [{ run: RunId; approval: string; hash: string }, { run: RunId; approval: string; hash: string }]
    const answer = async (run: RunId, approval: string, body: object) => {
      const answered = await server.request('POST', `/api/runs/${run}/approvals/${approval}`, { decision: 'approve', ...body })
      return [answered.status, answered.ok ? null : refusalCode(read(problemSchema, await answered.json()))]
    }
    expect(await answer(other.run, other.approval, { inputHash: mine.hash })).toEqual([409, 'other-input'])
    expect(await answer(other.run, other.approval, {})).toEqual([409, 'other-input'])
    expect(await answer(mine.run, other.approval, { inputHash: other.hash })).toEqual([404, 'not-found'])
    expect(await answer(other.run, mine.approval, { inputHash: mine.hash })).toEqual([404, 'not-found'])
    for (const { run, approval } of [mine, other]) {
      expect((await server.run(run)).waiting).toBe(true)
      expect(await storage.getApproval(run, approval as ApprovalId)).toMatchObject({ state: 'pending' })
    }
    // Who answers is known by the server, whatever the request says.
    expect(await answer(mine.run, mine.approval, { inputHash: mine.hash, by: 'somebody else' })).toEqual([200, null])
    expect(await storage.getApproval(mine.run, mine.approval as ApprovalId)).toMatchObject({ state: 'answered', by: 'user' })
    expect(await answer(mine.run, mine.approval, { inputHash: other.hash })).toEqual([409, 'other-input'])
    await server.settled(mine.run)
    expect((await server.run(other.run)).waiting).toBe(true)
    await server.stop(other.run)
    await server.settled(other.run)
  })
})

describe('the feed', () => {
  it('opens no stream for a HEAD, which nobody would read', async () => {
    const run = await server.send(newThread(), 'wait for me')
    for (const path of ['/api/feed', `/api/runs/${run.id}/stream`]) {
      const answer = await server.request('HEAD', path)
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, 'text/event-stream; charset=utf-8'])
    }
    expect((await server.request('HEAD', '/api/runs/ghost/stream')).status).toBe(404)
    expect(await (await server.request('GET', '/metrics')).text()).toMatch(/^holdfast_stream_readers 0$/m)
  })

  it('begins with what is active, then tells every change', async () => {
    const thread = newThread()
    const run = await server.send(thread, 'wait for me')
    const answer = await server.request('GET', '/api/feed')
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    let text = ''
    void (async () => { for (;;) { const { done, value } = await reader.read(); if (done) return; text += new TextDecoder().decode(value) } })()
    const events = () => parseFrames(text.slice(0, text.lastIndexOf('\n\n') + 2)).map((frame) => decodeFeedEvent(frame.event, frame.data)).filter((event) => event !== null)
    await until('the snapshot', () => events().length > 0)
    const [snapshot] = events()
    expect(snapshot).toMatchObject({ type: 'snapshot', threads: [{ id: thread, activeRun: { id: run.id } }] })
    gate.open()
    await server.settled(run.id)
    await until('the thread is unread', () => events().some((event) => event.type === 'thread.changed' && event.thread.unread && event.thread.activeRun === null))
    await server.request('DELETE', `/api/threads/${thread}`)
    await until('it is removed', () => events().some((event) => event.type === 'thread.removed' && event.thread === thread))
    await reader.cancel()
  })

  it('tells a page by a word whether what it has read is as new as the snapshot', async () => {
    const thread = newThread()
    await server.settled((await server.send(thread, 'Hi')).id)
    const read = async () => ((await (await server.request('GET', `/api/threads/${thread}/messages`)).json()) as MessagePage).asOf
    const snapshot = async () => {
      const reader = ((await server.request('GET', '/api/feed')).body as ReadableStream<Uint8Array>).getReader()
      let text = ''
      while (!text.includes('\n\n')) text += new TextDecoder().decode((await reader.read()).value)
      await reader.cancel()
      return parseFrames(text).map((frame) => decodeFeedEvent(frame.event, frame.data)).find((event) => event?.type === 'snapshot')?.asOf
    }
    const before = await read()
    expect(before).toMatch(/./)
    expect(await snapshot()).toBe(before)
    await server.request('PATCH', `/api/threads/${thread}`, { title: 'Another' })
    expect(await snapshot()).not.toBe(before)
    expect(await read()).toBe(await snapshot())
  })
})

describe('a feed whose snapshot is long', () => {
  it('is not cut for it, and loses none of the changes that come before it has been read', async () => {
    for (let i = 0; i < 40; i++) {
      const thread = newThread()
      await server.request('POST', '/api/threads', { id: thread })
      await server.request('PATCH', `/api/threads/${thread}`, { draft: 'x'.repeat(20_000) })
      await server.settled((await server.send(thread, 'Hi')).id)
    }
    const answer = await server.request('GET', '/api/feed')
    const [first, second] = [newThread(), newThread()]
    await server.request('POST', '/api/threads', { id: first })
    await server.request('POST', '/api/threads', { id: second })
    let text = ''
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    const decoder = new TextDecoder()
    void (async () => { for (;;) { const { done, value } = await reader.read(); if (done) return; text += decoder.decode(value, { stream: true }) } })()
    await until('both changes are told', () => [first, second].every((id) => text.includes(`event:thread.changed\ndata:{"thread":{"id":"${id}"`)))
    expect(text.length).toBeGreaterThan(600_000)
    await reader.cancel()
  })
})

describe('who may ask', () => {
  const routes = ['/', '/t/x', '/api/threads', '/api/threads/x', '/api/runs/x/stream', '/api/feed', '/api/agents', '/api/health', '/metrics']

  it('refuses unknown hosts, foreign origins and cross-site requests on every route, streams included', async () => {
    for (const path of routes) {
      const ask = async (headers: Record<string, string>) => (await server.request('GET', path, undefined, headers)).status
      expect([path, await ask({ host: 'evil.example' })]).toEqual([path, 421])
      expect([path, await ask({ host: 'localhost.evil.example:8484' })]).toEqual([path, 421])
      expect([path, await ask({ origin: 'https://evil.example' })]).toEqual([path, 403])
      expect([path, await ask({ origin: 'http://localhost:3000' })]).toEqual([path, 403])
      expect([path, await ask({ origin: 'null' })]).toEqual([path, 403])
      expect([path, await ask({ 'sec-fetch-site': 'cross-site' })]).toEqual([path, 403])
      expect([path, await ask({ 'sec-fetch-site': 'same-site' })]).toEqual([path, 403])
      expect([421, 403]).not.toContain(await ask({ origin: 'http://localhost:8484', 'sec-fetch-site': 'same-origin' }))
    }
  })

  it('lets a link from another site open the page, in a window of its own, and nothing else', async () => {
    const follow = (path: string, dest = 'document') =>
      server.request('GET', path, undefined, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': dest })
    expect((await follow('/t/x')).status).not.toBe(403)
    for (const path of ['/api/threads', '/api/feed', '/metrics']) expect([path, (await follow(path)).status]).toEqual([path, 403])
    expect((await follow('/t/x', 'iframe')).status).toBe(403)
    expect((await server.request('POST', '/t/x', {}, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).status).toBe(403)
  })

  it('takes changes only as JSON, and no more than 1 MB of it', async () => {
    const thread = newThread()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await server.request('POST', `/api/threads/${thread}/runs`, body('m', 'x'), { 'content-type': type })).status).toBe(415)
    }
    expect((await server.request('POST', '/api/threads', { id: thread, title: 'x'.repeat(1_100_000) })).status).toBe(413)
    expect((await server.request('GET', `/api/threads/${thread}`)).status).toBe(404)
  })

  it('carries the policy that lets no foreign script run on every answer, and no CORS header on any', async () => {
    for (const path of routes) {
      const { headers } = await server.request('GET', path)
      expect(headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  it('answers the same for a thread, run or approval that never was and for a malformed one', async () => {
    const answers = await Promise.all(['ghost', '..%2f..%2fetc', 'x'.repeat(65)].map(async (id) => (await server.request('GET', `/api/threads/${id}`)).json()))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  it('keeps prototype names in a body inert', async () => {
    const thread = newThread()
    await server.request('POST', `/api/threads/${thread}/runs`, `{"__proto__":{"polluted":1},"constructor":{"x":1},"message":{"id":"m1","parts":[{"kind":"text","text":"Hi","__proto__":{"polluted":1}}]}}`)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect((await server.messages(thread)).messages[0]?.id).toBe('m1' as MessageId)
  })
})

describe('operations', () => {
  it('tells agents, health, readiness and metrics', async () => {
    expect(read(agentListSchema, await (await server.request('GET', '/api/agents')).json()).agents[0]?.id).toBe('scripted')
    expect((await server.request('GET', '/api/health')).status).toBe(200)
    expect((await server.request('GET', '/api/ready')).status).toBe(200)
    await server.settled((await server.send(newThread(), 'Hi')).id as RunId)
    expect(await (await server.request('GET', '/metrics')).text()).toMatch(/holdfast_runs_ended_total\{outcome="completed"\} 1/)
  })
})
