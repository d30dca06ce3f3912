import { expect, test, vi } from 'vitest'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ApprovalId, MessageId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import { inputHash } from '../../../src/shared/input-hash.ts'
import { ApiError } from '../../../src/client/api/api.ts'
import type { Api } from '../../../src/client/api/api.ts'
import { createFetchApi } from '../../../src/client/api/fetch-api.ts'
import { recordRun } from '../../support/recorded-run.ts'

const thread = 'thread1' as ThreadId
const run = recordRun().row()
const threadRow = { id: 'thread1', title: 'One', agent: null, model: null, pinned: false, archived: false, unread: false, draft: '', createdAt: 1, updatedAt: 2, activeRun: null, queue: { messages: [], paused: null } }
const approval = { id: 'a1', question: 'Sure?', input: '{}', options: ['approve', 'deny'], state: 'answered', requestedAt: 1, decision: 'approve' }
const none = { usage: {}, modelCalls: 0, toolCalls: 0, messages: 0, runs: 0 }

function json(body: unknown, status = 200, type = 'application/json'): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': type } })
}

/** An API whose server gives one answer; what was asked is kept. */
function asked(answer: () => Response | Promise<Response>) {
  const send = vi.fn<typeof fetch>(() => Promise.resolve(answer()))
  return {
    api: createFetchApi({ fetch: send }),
    request() {
      const [url, init] = send.mock.calls[0] ?? []
      return { url, method: init?.method, headers: new Headers(init?.headers), body: init?.body ?? null }
    },
  }
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(() => null, (caught: unknown) => caught)
  if (!(error instanceof ApiError)) throw new Error(`no ApiError but ${String(error)}`)
  return error
}

const message = { id: 'm1' as MessageId, parts: [{ kind: 'text' as const, text: 'Hi' }] }
test.each<[string, (api: Api) => Promise<unknown>, string, unknown]>([
  ['GET', (api) => api.listThreads(), '/api/threads', { threads: [], cursor: null }],
  ['GET', (api) => api.listThreads({ cursor: 'a b', limit: 5, archived: true }), '/api/threads?cursor=a+b&limit=5&archived=true', { threads: [], cursor: null }],
  ['POST', (api) => api.createThread({ id: thread, title: 'One' }), '/api/threads', threadRow],
  ['GET', (api) => api.getThread(thread), '/api/threads/thread1', threadRow],
  ['PATCH', (api) => api.patchThread(thread, { title: 'Two' }), '/api/threads/thread1', threadRow],
  ['POST', (api) => api.restoreThread(thread), '/api/threads/thread1/restore', threadRow],
  ['GET', (api) => api.messages(thread, { before: 'm9' }), '/api/threads/thread1/messages?before=m9', { messages: [], runs: [], activeRun: null, before: null }],
  ['GET', (api) => api.usage(thread, true), '/api/threads/thread1/usage?includeActive=true', { total: none, byModel: {}, byOutcome: {} }],
  ['POST', (api) => api.startRun(thread, { message }), '/api/threads/thread1/runs', run],
  ['GET', (api) => api.getRun(run.id), '/api/runs/run1', run],
  ['POST', (api) => api.cancelRun(run.id), '/api/runs/run1/cancel', run],
  ['POST', (api) => api.answerApproval(run.id, 'a1' as ApprovalId, { decision: 'approve', inputHash: inputHash('{}') }), '/api/runs/run1/approvals/a1', approval],
  ['GET', (api) => api.agents(), '/api/agents', { agents: [], default: 'demo' }],
])('%s asks %s', async (method, ask, url, answer) => {
  const { api, request } = asked(() => json(answer))
  expect(await ask(api)).toEqual(answer)
  expect(request()).toMatchObject({ method, url })
  expect(request().headers.get('content-type')).toBe(method === 'GET' ? null : 'application/json')
})

test('a deletion needs no answer', async () => {
  const { api, request } = asked(() => new Response(null, { status: 204 }))
  await expect(api.deleteThread(thread)).resolves.toBeUndefined()
  expect(request()).toMatchObject({ method: 'DELETE', url: '/api/threads/thread1' })
})

test('a refusal brings the problem as the server tells it', async () => {
  const problem = { type: 'about:blank', title: 'Busy', status: 409, detail: 'Another answer is being written. Wait for it or stop it.', activeRun: run }
  const error = await failure(asked(() => json(problem, 409, 'application/problem+json; charset=utf-8')).api.startRun(thread, { message }))
  expect(error).toMatchObject({ kind: 'refused', status: 409, message: problem.detail, problem: { activeRun: { id: run.id } } })
})

test.each<[string, () => Response, ApiError['kind'], number]>([
  ['a proxy that has no server', () => new Response('<h1>502</h1>', { status: 502 }), 'unreachable', 502],
  ['a proxy that gave up', () => new Response('', { status: 504 }), 'unreachable', 504],
  ['an error without a reason', () => new Response('oops', { status: 500 }), 'unreadable', 500],
  ['a login that ran out', () => new Response('', { status: 401 }), 'refused', 401],
  ['a page where JSON was due', () => new Response('<html>', { status: 200 }), 'unreadable', 200],
  ['the web page of somebody between', () => new Response('<html>', { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } }), 'intercepted', 200],
  ['a refusal by somebody between', () => new Response('<html>', { status: 403, headers: { 'content-type': 'text/html' } }), 'intercepted', 403],
  ['an answer that is not of the contract', () => json({ id: 7 }), 'unreadable', 200],
  ['an empty answer', () => new Response(''), 'unreadable', 200],
  ['a problem that is none', () => json({ what: 1 }, 503, 'application/problem+json'), 'unreachable', 503],
])('%s is told for what it is', async (_name, answer, kind, status) => {
  const error = await failure(asked(answer).api.getRun('run1' as RunId))
  expect(error).toMatchObject({ kind, status })
  expect(error.message).not.toBe('')
})

test('an unreachable server and a cut answer are no answer; a redirect is not followed, and means that a login is wanted', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/redirect/api/agents') return void response.writeHead(302, { location: 'https://evil.example/' }).end()
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"agents"', () => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    expect((await failure(createFetchApi({ fetch, base: `${origin}/cut` }).agents())).kind).toBe('unreachable')
    expect(await failure(createFetchApi({ fetch, base: `${origin}/redirect` }).agents())).toMatchObject({ kind: 'refused', status: 401 })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
  expect((await failure(createFetchApi({ fetch, base: origin }).agents())).kind).toBe('unreachable')
})

test('a server that never answers is given up', async () => {
  const never: typeof fetch = (_url, init) => new Promise((_resolve, reject) => {
    init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
  })
  const keepAlive = setTimeout(() => {}, 1_000) // the timeout of a signal alone does not keep a process running
  try {
    const error = await failure(createFetchApi({ fetch: never, timeoutMs: 5 }).agents())
    expect(error).toMatchObject({ kind: 'unreachable', status: 0 })
    expect(error.message).toContain('did not answer')
  } finally {
    clearTimeout(keepAlive)
  }
})
