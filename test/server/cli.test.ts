/** The command `holdfast`, as the package ships it, and the way to the browser through a proxy. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeId } from '../../src/shared/ids.ts'
import { checkNode } from '../../src/server/doctor/doctor.ts'
import { freePort, startNginx } from '../support/nginx.ts'
import { createScriptedProvider } from '../support/scripted-provider.ts'
import { startServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const root = resolve(import.meta.dirname, '../..')
const WITHIN_MS = 60_000

let folder: string
const leftovers: (() => Promise<unknown>)[] = []
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-')) })
afterEach(async () => {
  for (const close of leftovers.splice(0).reverse()) await close()
  await rm(folder, { recursive: true, force: true })
})

interface Ended { readonly code: number | null; readonly out: string; readonly err: string }

function command(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [join(root, 'dist/server/cli.js'), ...words], { cwd: folder, env: { PATH: process.env['PATH'] ?? '', FIND_LOCAL_MODELS: 'off', LOG_LEVEL: 'silent', ...env } })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => { out += more })
  child.stderr.setEncoding('utf8').on('data', (more: string) => { err += more })
  const ended = new Promise<Ended>((gone) => child.once('close', (code) => gone({ code, out, err })))
  return { child, ended, out: () => out }
}
const run = (...words: string[]) => command(words).ended

async function send(url: string, words: string): Promise<string> {
  const answer = await fetch(`${url}/api/threads/${encodeId(randomBytes(16))}/runs`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message: { id: encodeId(randomBytes(16)), parts: [{ kind: 'text', text: words }] } }),
  })
  if (!answer.ok) throw new Error(await answer.text())
  return ((await answer.json()) as { id: string }).id
}

async function answered(url: string, words: string): Promise<void> {
  const id = await send(url, words)
  await until('it is settled', async () => ((await (await fetch(`${url}/api/runs/${id}`)).json()) as { settled: boolean }).settled, 20_000)
}

/** The configuration that the README tells people to use, led to this port. */
async function readmeNginx(port: number): Promise<string> {
  const snippet = /```nginx\n([\s\S]*?)```/.exec(await readFile(join(root, 'README.md'), 'utf8'))?.[1]
  if (snippet === undefined) throw new Error('README.md has no nginx configuration')
  return snippet.replace('127.0.0.1:8484', `127.0.0.1:${port}`)
}

describe('the words of the command', () => {
  it('are told on request, and told again with the mistake where they do not fit', async () => {
    const [help, version, unknown, flag, port] = await Promise.all([run('--help'), run('--version'), run('sing'), run('--louder'), run('--port', 'x')])
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('Usage: holdfast')])
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringMatching(/"sing" is no command[\s\S]*Usage: holdfast/)])
    expect([flag.code, flag.err]).toEqual([2, expect.stringMatching(/--louder[\s\S]*Usage: holdfast/)])
    expect([port.code, port.err]).toEqual([1, expect.stringContaining('PORT is "x"')])
  }, WITHIN_MS)

  it('name what the package brings: the built program and page, and no sources', async () => {
    const child = spawn('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (more: string) => { out += more })
    await new Promise((gone) => child.once('close', gone))
    const [packed] = JSON.parse(out) as { files: { path: string }[] }[]
    const paths = packed?.files.map((file) => file.path) ?? []
    expect(paths).toContain('dist/server/cli.js')
    expect(paths.filter((path) => !path.startsWith('dist/')).toSorted()).toEqual(['LICENSE', 'README.md', 'package.json'])
    expect(paths.filter((path) => /\.map$|\.tsx?$/.test(path) && !path.endsWith('.d.ts'))).toEqual([])
  }, WITHIN_MS)
})

describe('serving and exporting', () => {
  it('serves on the named port and data, then writes out what was said; never over a file, never under a running server', async () => {
    const server = command(['--port', '0', '--data', join(folder, 'data')])
    leftovers.push(async () => { server.child.kill('SIGKILL'); await server.ended })
    const url = await until('it prints its URL', () => /ready: (http:\/\/\S+)/.exec(server.out())?.[1] ?? null, 30_000)
    await answered(url, 'Remember the sea, fast')
    const busy = await run('export', '--data', join(folder, 'data'))
    expect([busy.code, busy.err]).toEqual([1, expect.stringContaining('Another Holdfast server')])
    server.child.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)

    const out = join(folder, 'chats.json')
    expect((await run('export', '--data', join(folder, 'data'), '--out', out)).code).toBe(0)
    const { format, threads } = JSON.parse(await readFile(out, 'utf8')) as { format: string; threads: { messages: { role: string; parts: { text?: string }[] }[]; runs: unknown[] }[] }
    expect([format, threads.length, threads[0]?.runs.length]).toEqual(['holdfast-export', 1, 1])
    expect(threads[0]?.messages[0]?.parts[0]?.text).toBe('Remember the sea, fast')
    expect(threads[0]?.messages.some((message) => message.role === 'assistant')).toBe(true)
    const again = await run('export', '--data', join(folder, 'data'), '--out', out)
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('is there already')])
    const nowhere = await run('export', '--data', join(folder, 'nowhere'))
    expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('There is no database')])
  }, WITHIN_MS)
})

describe('holdfast doctor', () => {
  it('knows a node that is too old', () => {
    expect(checkNode('18.19.0')).toMatchObject({ state: 'bad', remedy: expect.stringContaining('20.19') })
    expect(checkNode('20.18.9').state).toBe('bad')
    expect([checkNode('20.19.0').state, checkNode('22.0.0').state]).toEqual(['good', 'good'])
  })

  it('finds nothing wrong where nothing is, and each thing that is, with its remedy', async () => {
    const unused = await freePort()
    const well = await run('doctor', '--data', join(folder, 'data'), '--port', String(unused))
    expect([well.code, well.out]).toEqual([0, expect.stringMatching(/ok {2}node[\s\S]*ok {2}disk[\s\S]* - {2}database[\s\S]*ok {2}agents[\s\S]* - {2}streaming/)])

    await rm(join(folder, 'data'), { recursive: true })
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'data/holdfast.db'), 'this is no database at all, and long enough to be looked at as one')
    const ill = await command(['doctor', '--data', join(folder, 'data'), '--url', `http://127.0.0.1:${unused}`], { OPENAI_BASE_URL: `http://127.0.0.1:${unused}/v1`, OPENAI_MODEL: 'none' }).ended
    expect(ill.code).toBe(1)
    expect(ill.out).toMatch(/BAD database: .*holdfast\.db.*\n.*→ .*backup/)
    expect(ill.out).toMatch(/BAD agent at http.*\n.*→ /)
    expect(ill.out).toMatch(/BAD streaming.*\n.*→ .*ALLOWED_HOSTS/)
  }, WITHIN_MS)
})

describe('a proxy in front', () => {
  it('passes the first token on within a second: nginx as the README sets it up, with its buffering on; where a proxy holds answers back, the doctor says so', async () => {
    const provider = await createScriptedProvider()
    leftovers.push(() => provider.close())
    const server = await startServerProcess({ OPENAI_BASE_URL: provider.url, OPENAI_MODEL: 'scripted-model' })
    leftovers.push(() => server.close())
    const nginx = await startNginx(await freePort(), await readmeNginx(server.port))
    leftovers.push(() => nginx.close())

    const id = await send(nginx.url, 'Say it')
    const call = await provider.nextCall()
    let shown = ''
    const open = get(`${nginx.url}/api/runs/${id}/stream`, (answer) => { answer.setEncoding('utf8').on('data', (more: string) => { shown += more }) })
    await until('the stream is joined', () => shown.includes('event:snapshot') || shown.includes('run.started'), 20_000)
    const begun = performance.now()
    call.text('First words')
    await until('the first words are through', () => shown.includes('First words'), 20_000)
    expect(performance.now() - begun).toBeLessThan(1_000)
    call.finish()
    await until('the end is through', () => shown.includes('stream_end'), 20_000)
    open.destroy()
    const good = await run('doctor', '--data', join(folder, 'data'), '--url', nginx.url)
    expect([good.code, good.out]).toEqual([0, expect.stringMatching(/ok {2}streaming/)])

    // One that does not listen to what Holdfast says about buffering.
    const deaf = await startNginx(await freePort(), (await readmeNginx(server.port)).replace('location / {', 'location / { proxy_ignore_headers X-Accel-Buffering; gzip on; gzip_types text/event-stream; gzip_proxied any;'))
    leftovers.push(() => deaf.close())
    const held = await run('doctor', '--data', join(folder, 'data'), '--url', deaf.url)
    expect([held.code, held.out]).toEqual([1, expect.stringMatching(/BAD streaming.*held back[\s\S]*proxy_buffering off/)])
  }, WITHIN_MS)
})
