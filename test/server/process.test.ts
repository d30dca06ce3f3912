/** The shipped program as a process: how it starts, refuses, leaves, and what a SIGKILL leaves behind. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeId } from '../../src/shared/ids.ts'
import { seedOf } from '../support/seed.ts'
import { savedMessages, sendTo, settledRun, watchRun } from '../support/server-client.ts'
import { textOf } from '../support/test-server.ts'
import { until } from '../support/until.ts'

// Each start takes seconds where other tests keep the machine busy.
vi.setConfig({ testTimeout: 90_000 })

const main = resolve(import.meta.dirname, '../../dist/server/main.js')

interface Program {
  readonly child: ChildProcess
  url(): string
  out(): string
  readonly gone: Promise<number | null>
}

let dataDir: string
let programs: Program[]
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holdfast-process-'))
  programs = []
})
afterEach(async () => {
  for (const program of programs) program.child.kill('SIGKILL')
  await Promise.all(programs.map((program) => program.gone))
  await rm(dataDir, { recursive: true })
})

function run(env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'] ?? '', PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'info', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { out += text })
  const program: Program = {
    child,
    out: () => out,
    url: () => /ready: (http:\/\/\S+)/.exec(out)?.[1] ?? '',
    gone: new Promise((left) => child.once('exit', left)),
  }
  programs.push(program)
  return program
}

async function running(env: Record<string, string> = {}): Promise<Program> {
  const program = run(env)
  await until('it prints its URL', () => program.url() !== '', 15_000)
  return program
}

describe('the program', () => {
  it('prints its URL once it answers, and serves with no key', async () => {
    const program = await running()
    expect((await fetch(`${program.url()}/api/ready`)).status).toBe(200)
    const { agents } = (await (await fetch(`${program.url()}/api/agents`)).json()) as { agents: { id: string; ready: boolean }[] }
    expect(agents).toMatchObject([{ id: 'demo', ready: true }])
  })

  it.each([
    [{ HOST: '0.0.0.0' }, /HOST is "0\.0\.0\.0".*accounts/], [{ PORT: 'x' }, /PORT is "x"/], [{ LOG_LEVEL: 'x' }, /LOG_LEVEL is "x"/],
  ])('refuses %o with the variable and the remedy, and no stack', async (env, said) => {
    const program = run(env)
    expect(await program.gone).toBe(1)
    expect(program.out()).toMatch(said)
    expect(program.out()).not.toMatch(/^\s+at /m)
  })

  it('refuses a port in use, and a second server on the same data, by name', async () => {
    const taken = createServer()
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening))
    const busy = run({ PORT: String((taken.address() as AddressInfo).port) })
    expect(await busy.gone).toBe(1)
    expect(busy.out()).toMatch(/Port \d+ is in use.*PORT/)
    taken.close()
    await running()
    const second = run()
    expect(await second.gone).toBe(1)
    expect(second.out()).toContain('holdfast.db')
  })

  it('on SIGTERM says bye, ends what runs, and leaves within 10 s with nothing open', async () => {
    const program = await running()
    const started = await sendTo(program.url(), 'slow: tell me something long')
    const bytes = fetch(`${program.url()}/api/runs/${started.id}/stream`).then((answer) => answer.text())
    const seen = watchRun(program.url(), started.id)
    await until('text is shown', () => seen.shown().length > 5)
    const before = Date.now()
    program.child.kill('SIGTERM')
    expect(await program.gone).toBe(0)
    expect(Date.now() - before).toBeLessThan(12_000)
    expect(await bytes).toMatch(/event:bye\ndata:\{"retryMs":\d+\}/)
    const next = await running()
    expect((await settledRun(next.url(), started.id)).outcome).toBe('interrupted')
  })

  it('after SIGKILL at random instants: what was shown is in the journal, and the run is settled, with every kept character, within 5 s of the restart', async () => {
    let random = seedOf('kill loop')
    const next = () => { random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0; return random / 2 ** 32 }
    for (let round = 0; round < 6; round++) {
      const program = await running()
      const thread = encodeId(randomBytes(16))
      const started = await sendTo(program.url(), 'rate 400: show me every kind of markdown', thread)
      const seen = watchRun(program.url(), started.id)
      const enough = Math.floor(next() * 1_500)
      await until('enough is shown, or all', () => seen.shown().length > enough || seen.ended())
      program.child.kill('SIGKILL')
      await program.gone
      await seen.over
      const restarted = await running()
      const row = await settledRun(restarted.url(), started.id)
      const kept = textOf(await savedMessages(restarted.url(), thread))
      expect(kept.startsWith(seen.shown())).toBe(true)
      expect(row.outcome).toBe(seen.ended() || row.outcome === 'completed' ? 'completed' : 'interrupted')
      restarted.child.kill('SIGKILL')
      await restarted.gone
    }
  }, 120_000)
})
