import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/server/clock.ts'
import { createFiles } from '../../../src/server/files/files.ts'
import { silentLog } from '../../../src/server/log.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import type { ThreadExport } from '../../../src/shared/export.ts'
import { encodeId } from '../../../src/shared/ids.ts'
import type { FileId, RunId } from '../../../src/shared/ids.ts'
import { problemSchema, read, runSchema, storedFileSchema, threadSchema } from '../../../src/shared/protocol.ts'
import type { StoredFile } from '../../../src/shared/protocol.ts'
import { png } from '../../support/pictures.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import type { ScriptedAgent } from '../../support/scripted-agent.ts'
import { createTestServer, newThread } from '../../support/test-server.ts'
import type { TestServer } from '../../support/test-server.ts'

const can = { steer: false, approvals: true, resume: false, files: true }
let dir: string
let storage: Storage
let agent: ScriptedAgent
let server: TestServer
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-routes-'))
  storage = createMemoryStorage()
  agent = createScriptedAgent(async function* () { yield* says('Seen.') }, { can })
  server = createTestServer(storage, agent, { files: filesIn(storage, join(dir, 'files')) })
})
afterEach(async () => {
  await storage.close()
  await rm(dir, { recursive: true })
})

const filesIn = (of: Storage, folder: string) => createFiles({ folder, storage: of, randomBytes: () => randomBytes(16), clock: systemClock, log: silentLog })
const newId = () => encodeId(randomBytes(16)) as FileId
const bytesType = { 'content-type': 'application/octet-stream' }

async function put(of: TestServer, name: string, body: Uint8Array | string, id = newId(), headers: Record<string, string> = bytesType): Promise<Response> {
  return of.app.fetch(new Request(`http://localhost:8484/api/files/${id}?name=${encodeURIComponent(name)}`, {
    method: 'PUT', headers: { host: 'localhost:8484', ...headers }, body: typeof body === 'string' ? body : new Uint8Array(body),
  }))
}
async function upload(name: string, body: Uint8Array | string): Promise<StoredFile> {
  const answer = await put(server, name, body)
  expect(answer.status).toBe(201)
  return read(storedFileSchema, await answer.json())
}
const detail = async (answer: Response) => read(problemSchema, await answer.json()).detail
const part = ({ id }: StoredFile) => ({ kind: 'file', file: id })
const send = (thread: string, parts: unknown[], more: object = {}) => server.request('POST', `/api/threads/${thread}/runs`, { message: { id: newId(), parts }, ...more })

describe('files that people attach', () => {
  it('come back byte by byte, as what they are, and are one however often they are sent', async () => {
    const picture = png(5, 4)
    const id = newId()
    const first = await put(server, 'Grüße ☂.png', picture, id)
    expect([first.status, await first.json()]).toEqual([201, { id, name: 'Grüße ☂.png', mediaType: 'image/png', size: picture.length, width: 5, height: 4 }])
    expect((await put(server, 'again.png', picture, id)).status).toBe(200)
    const other = await put(server, 'other.png', png(1, 1), id)
    expect([other.status, await detail(other)]).toEqual([409, 'Another file was sent under this id. Attach the file again.'])
    const got = await server.request('GET', `/api/files/${id}`)
    expect(Buffer.from(await got.arrayBuffer())).toEqual(picture)
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'content-type': 'image/png', 'content-length': String(picture.length), 'content-disposition': `inline; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%E2%98%82.png`,
      'content-security-policy': "default-src 'none'; sandbox", 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=86400, immutable',
    })
    expect((await server.request('GET', `/api/files/${id}`, undefined, { 'if-none-match': got.headers.get('etag') ?? '' })).status).toBe(304)
    expect((await server.request('HEAD', `/api/files/${id}`)).status).toBe(200)
  })

  it.each([['evil.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'], ['page.html', '<script>alert(1)</script>'], ['cat.png', '<script>alert(1)</script>'], ['x.pdf', '%PDF-1.7']])('are saved and never shown where they are no picture: %s', async (name, body) => {
    const got = await server.request('GET', `/api/files/${(await upload(name, body)).id}`)
    expect(got.headers.get('content-type')).toBe('application/octet-stream')
    expect(got.headers.get('content-disposition')).toMatch(/^attachment; /)
    expect(got.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(await got.text()).toBe(body)
  })

  it('are taken from the page alone, as bare bytes', async () => {
    for (const type of ['multipart/form-data; boundary=x', 'text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
      expect((await put(server, 'a', 'x', newId(), { 'content-type': type })).status, type).toBe(415)
    }
    expect((await put(server, 'a', 'x', newId(), { ...bytesType, origin: 'https://evil.invalid' })).status).toBe(403)
    expect((await put(server, 'a', 'x', newId(), { ...bytesType, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await put(server, 'a', 'x', newId(), { ...bytesType, host: 'evil.invalid' })).status).toBe(421)
    expect((await put(server, 'a', 'x', '__proto__' as FileId)).status).toBe(404)
    expect((await server.request('GET', `/api/files/${newId()}`)).status).toBe(404)
    expect((await server.request('GET', '/api/files/..%2fholdfast.db')).status).toBe(404)
    expect(await readdir(dir)).not.toContain('files')
  })

  it('are refused above 20 MB, before they are read where their size is said, and leave nothing', async () => {
    const big = Buffer.alloc(20 * 1024 * 1024 + 1)
    const said = await put(server, 'big', 'x', newId(), { ...bytesType, 'content-length': String(big.length) })
    expect([said.status, await detail(said)]).toEqual([413, 'The file is larger than 20 MB. Choose a smaller one.'])
    expect((await put(server, 'big', big)).status).toBe(413)
    expect(await readdir(join(dir, 'files'))).toEqual([])
  })

  it('reach the agent with their message, their bytes with them, and stay in the thread', async () => {
    const [picture, notes] = [await upload('cat.png', png(5, 4)), await upload('notes.txt', 'Tides')]
    const thread = newThread()
    agent.script(async function* (input, context) {
      const bytes = []
      for (const one of input.messages.at(-1)?.parts ?? []) if (one.kind === 'file' && one.file !== undefined) bytes.push((await context.readFile(one.file))?.byteLength)
      yield* says(`Got ${bytes.join(' and ')} bytes.`)
    })
    const answer = await send(thread, [{ kind: 'text', text: 'What is this?' }, part(picture), part(notes)])
    const run = await server.settled(read(runSchema, await answer.json()).id)
    const { messages } = await server.messages(thread)
    expect(messages[0]?.parts).toMatchObject([{ kind: 'text' }, { kind: 'file', file: picture.id, name: 'cat.png', mediaType: 'image/png', width: 5, height: 4 }, { kind: 'file', name: 'notes.txt', size: 5 }])
    expect(messages[1]?.parts).toMatchObject([{ text: `Got ${picture.size} and 5 bytes.` }])
    expect(run.outcome).toBe('completed')
  })

  it('that are not here are named in the refusal, and nothing of the message is taken', async () => {
    const thread = newThread()
    const gone = newId()
    const answer = await send(thread, [{ kind: 'text', text: 'Hi' }, { kind: 'file', file: gone }])
    expect([answer.status, await answer.json()]).toMatchObject([422, { missingFile: gone }])
    expect((await server.request('GET', `/api/threads/${thread}`)).status).toBe(404)
    expect((await send(thread, Array.from({ length: 22 }, () => ({ kind: 'file', file: gone })))).status).toBe(400)
  })

  it('are refused for an agent that takes none', async () => {
    const deaf = createTestServer(storage, createScriptedAgent(async function* () { yield* says('Hm') }))
    const file = await upload('a.txt', 'x')
    const answer = await deaf.request('POST', `/api/threads/${newThread()}/runs`, { message: { id: newId(), parts: [part(file)] } })
    expect([answer.status, await detail(answer)]).toEqual([422, 'Scripted takes no files. Remove them, or choose another agent.'])
  })

  it('go with their chat for good when everything is deleted', async () => {
    const file = await upload('a.txt', 'x')
    const run = read(runSchema, await (await send(newThread(), [part(file)])).json())
    await server.settled(run.id as RunId)
    expect(await readdir(join(dir, 'files'))).toHaveLength(1)
    await server.request('POST', '/api/settings/delete-everything', { confirm: true })
    expect(await readdir(join(dir, 'files'))).toEqual([])
    expect((await server.request('GET', `/api/files/${file.id}`)).status).toBe(404)
  })

  it('go out with an exported chat and come in with it on another server, the same', async () => {
    const [picture, notes] = [await upload('cat.png', png(5, 4)), await upload('notes.txt', 'Tides')]
    const thread = newThread()
    await server.settled(read(runSchema, await (await send(thread, [{ kind: 'text', text: 'Look' }, part(picture), part(notes)])).json()).id)
    const exported = async (of: TestServer) => ({ ...(await (await of.request('GET', `/api/threads/${thread}/export`)).json() as ThreadExport), exportedAt: 0 })
    const whole = await exported(server)
    expect(whole.files.map(({ id, data }) => [id, Buffer.from(data, 'base64').length])).toEqual([[picture.id, picture.size], [notes.id, 5]])
    expect(JSON.parse(await (await server.request('GET', '/api/export')).text())).toMatchObject({ threads: [{ files: whole.files }] })

    const otherStore = createMemoryStorage()
    const elsewhere = createTestServer(otherStore, agent)
    const taken = await elsewhere.request('POST', '/api/threads/import', { id: thread, export: whole })
    expect([taken.status, read(threadSchema, await taken.json()).id]).toEqual([201, thread])
    expect(await exported(elsewhere)).toEqual(whole)
    expect(await otherStore.removeUnusedFiles(0)).toEqual([])
    // Bytes that lie about what they are come in as what they are.
    const evil = { ...whole, files: [{ id: newId(), name: 'cat.png', data: Buffer.from('<script>').toString('base64') }] }
    expect((await elsewhere.request('POST', '/api/threads/import', { id: newThread(), export: evil })).status).toBe(201)
    expect((await elsewhere.request('GET', `/api/files/${evil.files[0]?.id}`)).headers.get('content-type')).toBe('application/octet-stream')
    const broken = { ...whole, files: [{ id: picture.id, name: 'cat.png', data: 'no base64!' }] }
    expect((await elsewhere.request('POST', '/api/threads/import', { id: newThread(), export: broken })).status).toBe(422)
    const clash = { ...whole, files: [{ id: picture.id, name: 'cat.png', data: 'AAAA' }] }
    expect((await elsewhere.request('POST', '/api/threads/import', { id: newThread(), export: clash })).status).toBe(422)
  })
})
