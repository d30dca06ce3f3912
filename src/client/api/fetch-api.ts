/** Plain requests over `fetch`. Every answer is checked against the contract before anyone sees it. */
import * as v from 'valibot'
import {
  agentListSchema, agentSettingListSchema, agentSettingSchema, agentTestSchema, approvalSchema, branchMapSchema, eventPageSchema, findPageSchema, messagePageSchema, runSchema, threadPageSchema, threadSchema, threadUsageSchema,
} from '../../shared/protocol.ts'
import { refusal, understood, unreachable } from './answers.ts'
import type { Api } from './api.ts'

export interface FetchApiDeps {
  /** `window.fetch`, or one of a test. */
  readonly fetch: typeof fetch
  /** Put before every path; the page's own origin by default. */
  readonly base?: string
  readonly timeoutMs?: number
  /** Aborts after so long, with a `TimeoutError`; by the real clock unless a test has its own. */
  readonly expire?: (ms: number) => AbortSignal
}

const TIMEOUT_MS = 30_000
/** A chat may be 256 MB, and the way slow. */
const IMPORT_TIMEOUT_MS = 15 * 60_000
const startedSchema = v.union([runSchema, threadSchema])

type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** Ids stand in paths as they are: their pattern leaves nothing to encode. No request is ever made twice by itself. */
export function createFetchApi({ fetch: send, base = '', timeoutMs = TIMEOUT_MS, expire = (ms) => AbortSignal.timeout(ms) }: FetchApiDeps): Api {
  async function request<S extends v.GenericSchema>(method: string, path: string, schema: S, body?: unknown, mostMs = timeoutMs): Promise<v.InferOutput<S>> {
    const init: RequestInit = { method, headers: { accept: 'application/json' }, redirect: 'manual', cache: 'no-store', signal: expire(mostMs) }
    // Every change says that it is JSON, body or not: a form of another site cannot.
    if (method !== 'GET') {
      init.headers = { accept: 'application/json', 'content-type': 'application/json' }
      init.body = JSON.stringify(body ?? {})
    }
    let response: Response
    let text: string
    try {
      response = await send(base + path, init)
      text = await response.text()
    } catch (error) {
      const late = error instanceof DOMException && error.name === 'TimeoutError'
      throw unreachable(error, late ? mostMs : null)
    }
    const answer = { status: response.status, contentType: response.headers.get('content-type') ?? '' }
    if (!response.ok) throw refusal(answer, text)
    return understood(schema, answer, text)
  }

  return {
    listThreads: (query = {}) => request('GET', `/api/threads${search(query)}`, threadPageSchema),
    importThread: (id, exported) => request('POST', '/api/threads/import', threadSchema, { id, export: exported }, IMPORT_TIMEOUT_MS),
    createThread: (body) => request('POST', '/api/threads', threadSchema, body),
    getThread: (thread) => request('GET', `/api/threads/${thread}`, threadSchema),
    patchThread: (thread, patch) => request('PATCH', `/api/threads/${thread}`, threadSchema, patch),
    deleteThread: async (thread) => {
      await request('DELETE', `/api/threads/${thread}`, v.unknown())
    },
    restoreThread: (thread) => request('POST', `/api/threads/${thread}/restore`, threadSchema),
    messages: (thread, query = {}) => request('GET', `/api/threads/${thread}/messages${search(query)}`, messagePageSchema),
    find: (thread, query) => request('GET', `/api/threads/${thread}/find${search(query)}`, findPageSchema),
    branches: (thread) => request('GET', `/api/threads/${thread}/branches`, branchMapSchema),
    usage: (thread, includeActive) => request('GET', `/api/threads/${thread}/usage${search({ includeActive })}`, threadUsageSchema),
    startRun: (thread, body) => request('POST', `/api/threads/${thread}/runs`, startedSchema, body),
    patchQueued: (thread, message, patch) => request('PATCH', `/api/threads/${thread}/queue/${message}`, threadSchema, patch),
    removeQueued: (thread, message) => request('DELETE', `/api/threads/${thread}/queue/${message}`, threadSchema),
    sendQueuedNow: (thread, message) => request('POST', `/api/threads/${thread}/queue/${message}/send-now`, threadSchema),
    steerQueued: (thread, message) => request('POST', `/api/threads/${thread}/queue/${message}/steer`, threadSchema),
    resumeQueue: (thread) => request('POST', `/api/threads/${thread}/queue/resume`, threadSchema),
    forkThread: (thread, body) => request('POST', `/api/threads/${thread}/fork`, threadSchema, body),
    getRun: (run) => request('GET', `/api/runs/${run}`, runSchema),
    events: (run, query) => request('GET', `/api/runs/${run}/events${search(query)}`, eventPageSchema),
    cancelRun: (run) => request('POST', `/api/runs/${run}/cancel`, runSchema),
    answerApproval: (run, approval, body) => request('POST', `/api/runs/${run}/approvals/${approval}`, approvalSchema, body),
    agents: () => request('GET', '/api/agents', agentListSchema),
    agentSettings: (find) => (find ? request('POST', '/api/settings/agents/find', agentSettingListSchema) : request('GET', '/api/settings/agents', agentSettingListSchema)),
    addAgent: (body) => request('POST', '/api/settings/agents', agentSettingSchema, body),
    changeAgent: (agent, body) => request('PATCH', `/api/settings/agents/${agent}`, agentSettingSchema, body),
    removeAgent: async (agent) => {
      await request('DELETE', `/api/settings/agents/${agent}`, v.unknown())
    },
    deleteEverything: async () => {
      await request('POST', '/api/settings/delete-everything', v.unknown(), { confirm: true })
    },
    testAgent: (body) => request('POST', '/api/settings/agents/test', agentTestSchema, body),
  }
}

function search(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}
