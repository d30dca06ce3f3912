/** Security rows that no other test holds: hostile agents, hostile bodies, limits, and what is in the box. */
import { readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AgentEvent } from '../../src/server/agents/agent.ts'
import { readConfig } from '../../src/server/config.ts'
import { startServer } from '../../src/server/serve.ts'
import type { RunningServer } from '../../src/server/serve.ts'
import { createMemoryStorage } from '../../src/server/storage/memory/memory-storage.ts'
import { eventPageSchema, problemSchema, read } from '../../src/shared/protocol.ts'
import { createScriptedAgent, says } from '../support/scripted-agent.ts'
import { createTestServer, newThread } from '../support/test-server.ts'
import { createGate, until } from '../support/until.ts'

vi.setConfig({ testTimeout: 60_000 })

const root = resolve(import.meta.dirname, '../..')
const sources = (folder: string) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`)
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

test('a hostile agent makes no approval, no answer to one, no end and no polluted object: what does not fit is dropped, the rest is text', async () => {
  const storage = createMemoryStorage()
  const hostile = [
    { type: 'approval.answered', approval: 'a', decision: 'approve', by: 'user' },
    { type: 'approval.requested', approval: 'a', part: 'x', question: 'Sure?', input: '', options: ['yes'] },
    { type: 'stream_end', outcome: 'completed', usage: {}, parts: {} },
    { type: 'run.started', run: 'other', thread: 'other' },
    { type: 'message.started', message: '__proto__' },
    { type: 'part.started', part: 'constructor', kind: 'script', name: 'x' },
    { type: 'part.delta', part: 'never-opened', text: 'lost' },
    { type: 'part.started', part: '__proto__', kind: 'text' },
    { type: 'part.delta', part: '__proto__', text: '<script>alert(1)</script>\r\n\r\nevent: approval.answered\u0000' },
    { type: 'part.ended', part: '__proto__', state: 'done', polluted: { __proto__: { polluted: 1 } } },
  ] as unknown as AgentEvent[]
  const server = createTestServer(storage, createScriptedAgent(async function* () { yield* hostile }))
  const run = await server.send(newThread(), 'Hi')
  await server.settled(run.id)
  const { events } = read(eventPageSchema, await (await server.request('GET', `/api/runs/${run.id}/events?limit=100`)).json())
  const kinds = events.map(({ type }) => type)
  expect(kinds.filter((kind) => kind.startsWith('approval'))).toEqual([])
  expect(kinds.filter((kind) => kind === 'stream_end' || kind === 'run.started')).toEqual(['run.started', 'stream_end'])
  expect((await server.messages(run.thread)).messages[1]?.parts).toMatchObject([{ kind: 'text', text: '<script>alert(1)</script>\r\n\r\nevent: approval.answered\u0000' }])
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
  // Its text forged no frame either.
  const joined = await server.join(run.id)
  await until('the stream is over', () => joined.over())
  expect(joined.transcript()?.outcome).toBe('completed')
  await storage.close()
})

test('streams and runs are limited: beyond that 429 says when to come back, and those that are open go on', async () => {
  const storage = createMemoryStorage()
  const go = createGate()
  const agent = createScriptedAgent(async function* () { await go.opened; yield* says('done') })
  const server = createTestServer(storage, agent, { limits: { streams: 2, runs: 2, characters: 1_000 } })
  const runs = [await server.send(newThread(), 'one'), await server.send(newThread(), 'two')]
  const refused = await server.request('POST', `/api/threads/${newThread()}/runs`, { message: { id: 'm', parts: [{ kind: 'text', text: 'three' }] } })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
  expect(read(problemSchema, await refused.json()).detail).toMatch(/begins no more.*Wait/)
  const joined = await Promise.all(runs.map((run) => server.join(run.id)))
  for (const path of [`/api/runs/${runs[0]?.id}/stream`, '/api/feed']) expect([path, (await server.request('GET', path)).status]).toEqual([path, 429])
  go.open()
  for (const one of joined) await until('it ends', () => one.over() && one.text() === 'done')
  await until('there is room again', async () => (await server.join(runs[0]?.id ?? ('' as never))).status === 200)
  await storage.close()
})

test('a run is limited in what it says, however it says it: more ends it as failed, with a name and all that came before', async () => {
  const storage = createMemoryStorage()
  const limits = { streams: 10, runs: 10, characters: 1_000 }
  const open = { type: 'part.started', part: 'a', kind: 'text' } as const
  const more: Readonly<Record<string, AgentEvent>> = {
    words: { type: 'part.delta', part: 'a', text: 'x'.repeat(100) },
    output: { type: 'part.ended', part: 'a', state: 'done', output: 'x'.repeat(100) },
    input: { type: 'part.ended', part: 'a', state: 'done', input: 'x'.repeat(100) },
    notices: { type: 'notice', level: 'info', text: '' },
  }
  for (const [how, event] of Object.entries(more)) {
    let left = false
    const server = createTestServer(storage, createScriptedAgent(async function* () {
      try {
        yield open
        yield { type: 'part.delta', part: 'a', text: 'kept' }
        for (;;) yield event
      } finally {
        left = true
      }
    }), { limits })
    const { thread, id } = await server.send(newThread(), how)
    expect([how, await server.settled(id)]).toMatchObject([how, { outcome: 'failed', error: { code: 'too_large', retryable: false } }])
    expect((await server.messages(thread)).messages[1]?.parts[0]).toMatchObject({ text: expect.stringMatching(/^kept(x{100}){0,9}$/) })
    expect(left).toBe(true)
  }
  // What fits goes through.
  const server = createTestServer(storage, createScriptedAgent(async function* () { yield* says('x'.repeat(800)) }), { limits })
  expect(await server.settled((await server.send(newThread(), 'Hi')).id)).toMatchObject({ outcome: 'completed' })
  await storage.close()
})

describe('requests that are slow, large or deep', () => {
  let folder: string
  let server: RunningServer
  let port: number
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-security-'))
    server = await startServer(readConfig({ PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'silent', FIND_LOCAL_MODELS: 'off' }), { patience: { headersMs: 400, bodyMs: 400 } })
    port = Number(new URL(server.url).port)
  }, 60_000)
  afterAll(async () => {
    await server.close()
    await rm(folder, { recursive: true })
  })

  /** Sends these bytes and no more; answers with all that comes back until the server closes. */
  const sends = (bytes: string) => new Promise<string>((resolved) => {
    const socket = connect({ host: '127.0.0.1', port })
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => { answer += text })
    socket.on('error', () => {}) // a reset is an answer too; 'close' follows
    socket.on('close', () => resolved(answer))
    socket.write(bytes)
  })
  const post = (path: string, more: string) => `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`

  test('headers and bodies that do not come are not waited for', async () => {
    expect(await sends('GET /api/health HTTP/1.1\r\nHost: 127')).toMatch(/^(HTTP\/1\.1 408 |$)/)
    expect(await sends(`${post('/api/threads', 'Content-Length: 100')}{"id"`)).not.toMatch(/^HTTP\/1\.1 2/)
  })

  test('headers beyond 16 KB are refused, and a large body before it has come', async () => {
    expect(await sends(`GET /api/health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
    expect(await sends(post('/api/threads', 'Content-Length: 100000000\r\nConnection: close'))).toMatch(/^HTTP\/1\.1 413 /)
  })

  test.each(['/api/threads', '/api/threads/import', '/api/threads/t/runs'])('JSON as deep as a body can hold is refused by %s, and the server lives', async (path) => {
    for (const deep of [`{"id":${'['.repeat(400_000)}${']'.repeat(400_000)}}`, '{"id":'.repeat(100_000), `{"message":{"id":"m","parts":${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}}}`]) {
      const answer = await fetch(server.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: deep })
      expect([400, 413, 422]).toContain(answer.status)
    }
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
  })

  test('text that looks like SQL is text, wherever it is put', async () => {
    const evil = `'); DROP TABLE threads; -- " OR 1=1 \u0000 %_*`
    const json = { 'content-type': 'application/json' }
    expect((await fetch(`${server.url}/api/threads`, { method: 'POST', headers: json, body: JSON.stringify({ id: 'thread-1', title: evil }) })).status).toBe(201)
    for (const query of [`q=${encodeURIComponent(evil)}`, `cursor=${encodeURIComponent(evil)}`, `archived=${encodeURIComponent(evil)}`]) {
      expect((await fetch(`${server.url}/api/threads?${query}`)).status).toBeLessThan(500)
    }
    expect(((await (await fetch(`${server.url}/api/threads/thread-1`)).json()) as { title: string }).title).toContain('DROP TABLE threads')
  })
})

test('no statement is put together out of values', () => {
  const raw = sources('src/server/storage').filter((path) => /\b(prepare|exec)(<[^(]*>)?\(\s*`[^`]*\$\{|sql\.raw\(/.test(textOf(path)))
  expect(raw).toEqual([])
})

test('nobody but the command starts another program, and no tool makes a request', () => {
  expect(sources('src/server').filter((path) => /node:child_process|worker_threads.*eval: true/.test(textOf(path)))).toEqual(['src/server/cli.ts'])
  expect(sources('src/server/agents/tools').filter((path) => /outbound/.test(textOf(path)))).toEqual([])
})

test('every package is pinned by its hash and looked up among known faults, and none runs a script at its installation but the one of SQLite', () => {
  interface Locked { readonly resolved?: string; readonly integrity?: string; readonly hasInstallScript?: boolean; readonly link?: boolean }
  const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Locked> }
  const { allowScripts } = JSON.parse(textOf('package.json')) as { allowScripts: Record<string, boolean> }
  const locked = Object.entries(packages).filter(([path]) => path !== '')
  expect(locked.length).toBeGreaterThan(100)
  for (const [path, { integrity, resolved }] of locked) {
    expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)])
    expect(resolved ?? 'https://').toMatch(/^https:\/\//)
  }
  expect(textOf('.github/workflows/check.yml')).toMatch(/run: npm ci\n[^]*run: npm audit/)
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path.replace(/^.*node_modules\//, ''))
  for (const name of scripted) expect(allowScripts).toHaveProperty(name)
  expect(Object.entries(allowScripts).filter(([, allowed]) => allowed).map(([name]) => name)).toEqual(['better-sqlite3'])
})
