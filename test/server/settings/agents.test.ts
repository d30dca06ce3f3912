/** Agents that people set up, over HTTP: the real app and database, a provider on loopback, and a log that is read. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAgentRegistry } from '../../../src/server/agents/agents.ts'
import { findLocalServers } from '../../../src/server/agents/openai/local-servers.ts'
import { listModels } from '../../../src/server/agents/openai/models.ts'
import { createOpenAIAgent } from '../../../src/server/agents/openai/openai-agent.ts'
import { settingsRemedies } from '../../../src/server/agents/openai/provider-errors.ts'
import { systemClock } from '../../../src/server/clock.ts'
import { createAgentSettings } from '../../../src/server/settings/agent-settings.ts'
import { createSecrets } from '../../../src/server/settings/secrets.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { createSqliteStorage } from '../../../src/server/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { encodeId } from '../../../src/shared/ids.ts'
import { agentListSchema, agentSettingListSchema, agentSettingSchema, agentTestSchema, read } from '../../../src/shared/protocol.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'
import { createScriptedProvider, finish, text } from '../../support/scripted-provider.ts'
import type { ScriptedProvider } from '../../support/scripted-provider.ts'
import { createTestServer, newThread, textOf } from '../../support/test-server.ts'

const KEY = 'sk-very-secret-key-0123456789'
const demo = createScriptedAgent(async function* () {}, { id: 'demo' })

let folder = ''
let provider: ScriptedProvider
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-agents-'))
  provider = await createScriptedProvider()
})
afterEach(async () => {
  await provider.close()
  rmSync(folder, { recursive: true })
})

interface Options {
  readonly storage?: Storage
  readonly environment?: string
  readonly local?: readonly { readonly id: string; readonly title: string; readonly baseUrl: string }[]
  readonly given?: string
}

async function open({ storage = createMemoryStorage(), environment, local = [], given }: Options = {}) {
  const logged: string[] = []
  const told: string[] = []
  const log = pino({ level: 'trace' }, new Writable({ write(chunk, _encoding, done) { logged.push(String(chunk)); done() } }))
  const clock = systemClock
  const registry = createAgentRegistry([demo], 'demo')
  const agentSettings = await createAgentSettings({
    storage, log, secrets: createSecrets({ given: given ?? null, file: join(folder, 'holdfast.key'), log }), builtIn: demo, offer: registry.offer,
    environment: environment === undefined ? null : { agent: createOpenAIAgent({ baseUrl: environment, model: 'm', clock }), baseUrl: environment, model: 'm', hasKey: false },
    makeAgent: (options) => createOpenAIAgent({ ...options, remedies: settingsRemedies, clock, onModels: registry.touched }),
    listModels: (options) => listModels({ ...options, remedies: settingsRemedies, clock }),
    findLocal: () => findLocalServers(local, clock),
    newId: () => encodeId(randomBytes(16)), now: clock.now,
  })
  const server = createTestServer(storage, demo, { agents: registry, agentSettings, log })
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await server.request(method, path, body)
    const said = await answer.text()
    told.push(said)
    return { status: answer.status, body: said === '' ? null : (JSON.parse(said) as unknown) }
  }
  return {
    server, registry, logged, told, ask,
    offered: async () => {
      const { agents, default: first } = read(agentListSchema, (await ask('GET', '/api/agents')).body)
      return { ids: agents.map((agent) => agent.id), titles: agents.map((agent) => agent.title), agents, first }
    },
    settings: async () => read(agentSettingListSchema, (await ask('GET', '/api/settings/agents')).body).agents,
    add: async (more: object = {}) => read(agentSettingSchema, (await ask('POST', '/api/settings/agents', { title: 'Mine', baseUrl: provider.url, ...more })).body),
    test: async (body: object) => read(agentTestSchema, (await ask('POST', '/api/settings/agents/test', body)).body),
  }
}

test('an agent that was added answers at once, with its key, and is there after a restart', async () => {
  const first = await open()
  const changes = vi.fn<() => void>()
  first.registry.follow(changes)
  const added = await first.add({ key: KEY, model: 'scripted-model' })
  expect(added).toMatchObject({ title: 'Mine', baseUrl: provider.url, model: 'scripted-model', hasKey: true, source: 'settings', shadowed: false })
  expect(changes).toHaveBeenCalled()
  expect(await first.offered()).toMatchObject({ ids: [added.id, 'demo'], first: added.id })
  provider.script([[text('Hello from it'), finish()]])
  const thread = newThread()
  const run = await first.server.send(thread, 'Hi', { agent: added.id })
  await first.server.settled(run.id)
  expect(textOf((await first.server.messages(thread)).messages)).toBe('Hello from it')
  expect(provider.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`)
})

test('the key is nowhere but with the provider: not in the database, not in a reply, not in the log', async () => {
  const storage = await createSqliteStorage({ file: join(folder, 'holdfast.db') })
  const page = await open({ storage })
  const added = await page.add({ key: KEY })
  provider.models(['alpha'])
  await page.test({ id: added.id })
  await page.ask('PATCH', `/api/settings/agents/${added.id}`, { title: 'Other' })
  provider.script(() => [{ do: 'status', status: 401, headers: {}, body: { error: { message: `Incorrect API key provided: ${KEY}` } } }])
  const thread = newThread()
  const run = await page.server.send(thread, 'Hi', { agent: added.id, model: 'alpha' })
  const failed = await page.server.settled(run.id)
  expect(failed.error?.message).toContain('Settings')
  const frames = JSON.stringify((await page.server.join(run.id)).frames)
  await page.settings()
  await page.offered()
  await storage.close()
  expect(provider.requests.some((request) => request.headers.authorization === `Bearer ${KEY}`)).toBe(true)
  const files = readdirSync(folder).filter((name) => name.startsWith('holdfast.db'))
  expect(files).toContain('holdfast.db')
  for (const name of files) expect(readFileSync(join(folder, name)).includes(KEY), name).toBe(false)
  for (const said of [...page.told, ...page.logged, JSON.stringify(failed), frames]) expect(said).not.toContain(KEY)

  const again = await createSqliteStorage({ file: join(folder, 'holdfast.db') })
  const restarted = await open({ storage: again })
  expect((await restarted.settings())[0]).toMatchObject({ id: added.id, title: 'Other', hasKey: true })
  expect(await restarted.test({ id: added.id })).toEqual({ ok: true, baseUrl: provider.url, models: ['alpha'] })
  await again.close()
}, 60_000)

test('a change is offered at once; a key stays, can be replaced or taken away, and does not follow to another server', async () => {
  const page = await open()
  const { id } = await page.add({ key: KEY })
  const sent = async () => {
    await page.test({ id })
    return provider.requests.at(-1)?.headers.authorization
  }
  expect(read(agentSettingSchema, (await page.ask('PATCH', `/api/settings/agents/${id}`, { title: 'New name', baseUrl: `${provider.url}/` })).body)).toMatchObject({ title: 'New name', baseUrl: provider.url, hasKey: true })
  expect((await page.offered()).titles).toContain('New name')
  expect(await sent()).toBe(`Bearer ${KEY}`)
  await page.ask('PATCH', `/api/settings/agents/${id}`, { key: 'sk-another' })
  expect(await sent()).toBe('Bearer sk-another')
  await page.ask('PATCH', `/api/settings/agents/${id}`, { key: null })
  expect(await sent()).toBeUndefined()
  await page.ask('PATCH', `/api/settings/agents/${id}`, { key: KEY })
  const other = await createScriptedProvider()
  try {
    await page.test({ id, baseUrl: other.url })
    expect(other.requests.at(-1)?.headers.authorization).toBeUndefined()
    expect(read(agentSettingSchema, (await page.ask('PATCH', `/api/settings/agents/${id}`, { baseUrl: other.url })).body)).toMatchObject({ hasKey: false })
  } finally {
    await other.close()
  }
})

test('an agent that was removed is offered no more, and a chat of it is told so', async () => {
  const page = await open()
  const { id } = await page.add({ model: 'scripted-model' })
  provider.script([[text('Hi'), finish()]])
  const thread = newThread()
  await page.server.settled((await page.server.send(thread, 'Hi', { agent: id })).id)
  expect((await page.ask('DELETE', `/api/settings/agents/${id}`)).status).toBe(204)
  expect((await page.ask('DELETE', `/api/settings/agents/${id}`)).status).toBe(404)
  expect(await page.offered()).toMatchObject({ ids: ['demo'], first: 'demo' })
  await expect(page.server.send(thread, 'Are you there?')).rejects.toThrow(/422.*agent/)
  expect((await page.server.thread(thread)).agent).toBe(id)
})

test('“Test connection” lists the models, adds the /v1 that was left out, and tells every failure in plain words', async () => {
  const page = await open()
  provider.models(['alpha', 'beta'])
  expect(await page.test({ baseUrl: provider.url, key: KEY })).toEqual({ ok: true, baseUrl: provider.url, models: ['alpha', 'beta'] })
  expect(await page.test({ baseUrl: provider.url.replace(/\/v1$/, '') })).toEqual({ ok: true, baseUrl: provider.url, models: ['alpha', 'beta'] })
  expect(await page.test({ baseUrl: `${provider.url}/elsewhere/v1` })).toMatchObject({ ok: false, message: expect.stringMatching(/no list of models .*\/v1/) as string })
  const gone = await createScriptedProvider()
  await gone.close()
  expect(await page.test({ baseUrl: gone.url })).toMatchObject({ ok: false, message: expect.stringMatching(/could not be reached .*running\?/) as string })
  expect(await page.test({ id: 'nobody' })).toMatchObject({ ok: false, message: expect.stringContaining('no such agent') as string })
})

test('what cannot be an agent is refused by field', async () => {
  const page = await open()
  for (const [body, field] of [
    [{ title: ' ', baseUrl: 'http://a/v1' }, 'title'], [{ title: 'A', baseUrl: 'file:///etc/passwd' }, 'baseUrl'], [{ title: 'A', baseUrl: 'nonsense' }, 'baseUrl'],
    [{ title: 'A', baseUrl: 'http://user:pass@a/v1' }, 'baseUrl'], [{ title: 'A', baseUrl: 'http://a/v1?x=1' }, 'baseUrl'], [{ title: 'A', baseUrl: 'http://a/v1', key: 'two words' }, 'key'],
    [{ title: 'A', baseUrl: 'http://a/v1', key: 'line\r\nbreak: x' }, 'key'],
  ] as const) {
    const answer = await page.ask('POST', '/api/settings/agents', body)
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toContain(field)
  }
  expect((await page.ask('PATCH', '/api/settings/agents/nobody', { title: 'x' })).status).toBe(404)
  expect(await page.settings()).toEqual([])
})

test('the environment wins: its agent comes first, cannot be changed, and takes the place of one with its address', async () => {
  const page = await open({ environment: provider.url })
  expect(await page.settings()).toMatchObject([{ id: 'openai', source: 'environment', model: 'm' }])
  expect((await page.ask('PATCH', '/api/settings/agents/openai', { title: 'x' })).status).toBe(404)
  expect((await page.ask('DELETE', '/api/settings/agents/openai')).status).toBe(404)
  const same = await page.add()
  const other = await page.add({ title: 'Other', baseUrl: 'http://127.0.0.1:9/v1' })
  expect(same.shadowed).toBe(true)
  expect(await page.offered()).toMatchObject({ ids: ['openai', other.id, 'demo'], first: 'openai' })
})

test('servers on this machine are found by themselves, once, and leave when they are gone', async () => {
  provider.models(['llama'])
  const local = [{ id: 'ollama', title: 'Ollama', baseUrl: provider.url }, { id: 'lm-studio', title: 'LM Studio', baseUrl: 'http://127.0.0.1:9/v1' }]
  const page = await open({ local })
  expect((await page.offered()).ids).toEqual(['demo'])
  expect((await page.ask('POST', '/api/settings/agents/find')).body).toMatchObject({ agents: [{ id: 'ollama', source: 'found' }] })
  expect(await page.offered()).toMatchObject({ ids: ['ollama', 'demo'], first: 'demo' })
  await page.add()
  expect((await page.offered()).titles).toEqual(['Mine', demo.describe().title])
  provider.models([])
  await page.ask('POST', '/api/settings/agents/find')
  expect((await page.settings()).map((agent) => agent.source)).toEqual(['settings'])
})

test('where the server has another key than before, the agent says that its key must be entered again', async () => {
  const storage = createMemoryStorage()
  const before = await open({ storage, given: 'a'.repeat(32) })
  const { id } = await before.add({ key: KEY })
  const after = await open({ storage, given: 'b'.repeat(32) })
  expect(await after.settings()).toMatchObject([{ id, hasKey: true, problem: expect.stringContaining('Enter the key again') as string }])
  expect((await after.offered()).agents[0]).toMatchObject({ id, ready: false, missing: expect.stringContaining('Enter the key again') as string, why: { code: 'agent-key-unreadable' } })
  expect(await after.offered()).toMatchObject({ first: 'demo' })
  await after.ask('PATCH', `/api/settings/agents/${id}`, { key: KEY })
  expect((await after.offered()).agents[0]).toMatchObject({ id, ready: true })
})
