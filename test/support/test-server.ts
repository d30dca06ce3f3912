/** The server without a port: `createApp` over a storage, an agent that does as it is told, and requests as a browser makes them. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAgentRegistry } from '../../src/server/agents/agents.ts'
import type { Agent } from '../../src/server/agents/agent.ts'
import { createApp } from '../../src/server/app.ts'
import type { App, AppDeps } from '../../src/server/app.ts'
import { systemClock } from '../../src/server/clock.ts'
import { createFiles } from '../../src/server/files/files.ts'
import type { Files } from '../../src/server/files/files.ts'
import { silentLog } from '../../src/server/log.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { encodeId } from '../../src/shared/ids.ts'
import type { RunId, ThreadId } from '../../src/shared/ids.ts'
import { decodeFrame, messagePageSchema, read, runSchema, threadSchema } from '../../src/shared/protocol.ts'
import type { Message, MessagePage, Run, StreamFrame, Thread } from '../../src/shared/protocol.ts'
import { content } from '../../src/shared/covers.ts'
import { applyEvent } from '../../src/shared/transcript.ts'
import type { Transcript } from '../../src/shared/transcript.ts'
import { parseFrames } from './sse.ts'
import { until } from './until.ts'

export interface TestServer {
  readonly app: App
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  send(thread: ThreadId, text: string, more?: Record<string, unknown>): Promise<Run>
  stop(run: RunId): Promise<Response>
  run(run: RunId): Promise<Run>
  settled(run: RunId, withinMs?: number): Promise<Run>
  messages(thread: ThreadId): Promise<MessagePage>
  thread(thread: ThreadId): Promise<Thread>
  /** Joins a run as a browser does. */
  join(run: RunId, after?: string): Promise<Joined>
}

export interface Joined {
  readonly status: number
  readonly frames: StreamFrame[]
  /** The fold of what has arrived. */
  transcript(): Transcript | null
  /** All text of the agent so far. */
  text(): string
  cursor(): string
  /** True once the server has closed the stream. */
  over(): boolean
  cut(): Promise<void>
}

export function newThread(): ThreadId {
  return encodeId(randomBytes(16)) as ThreadId
}

export function createTestServer(storage: Storage, agent: Agent | readonly Agent[], overrides: Partial<AppDeps> = {}): TestServer {
  const agents = Array.isArray(agent) ? (agent as readonly Agent[]) : [agent as Agent]
  const app = createApp({
    storage, files: testFiles(storage), agents: createAgentRegistry([...agents], agents[0]?.describe().id ?? ''), agentSettings: null, clock: systemClock, log: silentLog,
    randomBytes: () => randomBytes(16), allowedHosts: [], clientDir: null, graceMs: 60, ...overrides,
  })
  const request: TestServer['request'] = async (method, path, body, headers = {}) =>
    app.fetch(new Request(`http://localhost:8484${path}`, {
      method,
      headers: { host: 'localhost:8484', ...(method === 'GET' ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }))
  const json = async (path: string): Promise<unknown> => {
    const answer = await request('GET', path)
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  const run = async (id: RunId) => read(runSchema, await json(`/api/runs/${id}`))
  return {
    app, request, run,
    async send(thread, text, more = {}) {
      const answer = await request('POST', `/api/threads/${thread}/runs`, { message: { id: encodeId(randomBytes(16)), parts: [{ kind: 'text', text }] }, ...more })
      if (!answer.ok) throw new Error(`The run did not start: ${answer.status} ${await answer.text()}`)
      return read(runSchema, await answer.json())
    },
    stop: (id) => request('POST', `/api/runs/${id}/cancel`),
    settled: (id, withinMs) => until(`run ${id} settles`, async () => {
      const seen = await run(id)
      return seen.settled ? seen : null
    }, withinMs),
    messages: async (thread) => read(messagePageSchema, await json(`/api/threads/${thread}/messages`)),
    thread: async (thread) => read(threadSchema, await json(`/api/threads/${thread}`)),
    join: async (id, after) => follow(await request('GET', `/api/runs/${id}/stream${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`)),
  }
}

const folders = new Set<string>()
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** In a folder that is made with the first file. */
function testFiles(storage: Storage): Files {
  const folder = join(tmpdir(), `holdfast-files-${encodeId(randomBytes(8))}`)
  folders.add(folder)
  return createFiles({ folder, storage, randomBytes: () => randomBytes(16), clock: systemClock, log: silentLog })
}

function follow(answer: Response): Joined {
  const frames: StreamFrame[] = []
  let transcript: Transcript | null = null
  let cursor = ''
  let over = answer.body === null
  const reader = answer.body?.getReader()
  const take = (frame: StreamFrame) => {
    frames.push(frame)
    if (frame.type === 'snapshot') transcript = frame.transcript
    // Joined at a cursor, what came before is not here: only the frames count then.
    if (frame.type === 'event' && (transcript !== null || frame.cursor.seq === 1)) {
      const applied = applyEvent(transcript, frame.event)
      if (applied.kind === 'gap') throw new Error(applied.reason)
      if (applied.kind === 'applied') transcript = applied.transcript
    }
    if ('cursor' in frame) cursor = `${frame.cursor.incarnation}.${frame.cursor.seq}`
  }
  const pump = async () => {
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
        if (done) break
        rest += decoder.decode(value, { stream: true })
        const end = rest.lastIndexOf('\n\n')
        if (end < 0) continue
        for (const message of parseFrames(rest.slice(0, end + 2))) {
          const frame = decodeFrame(message)
          if (frame !== null) take(frame)
        }
        rest = rest.slice(end + 2)
      }
    } finally {
      over = true
    }
  }
  if (answer.ok) void pump()
  return {
    status: answer.status,
    frames,
    transcript: () => transcript,
    text: () => (transcript === null ? '' : textOf(transcript.messages)),
    cursor: () => cursor,
    over: () => over,
    cut: async () => { await reader?.cancel() },
  }
}

/** All text of the agent's messages. */
export function textOf(messages: readonly Message[]): string {
  return messages.filter((message) => message.role === 'assistant').flatMap((message) => message.parts.map((part) => content(part))).join('')
}
