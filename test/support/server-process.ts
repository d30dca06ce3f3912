/** The built server as a child process that a test may kill, stop and start again on the same port and data. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onSmallDisk } from './small-disk.ts'

export interface ServerProcess {
  /** Where it listens; the same for all its lives. */
  readonly url: string
  readonly port: number
  readonly dataDir: string
  readonly running: boolean
  /** Of the life that runs now. */
  readonly pid: number
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
  /** SIGSTOP: it stands still with all its connections open; or SIGCONT. */
  freeze(frozen: boolean): void
  /** SIGTERM, and waits until it has left. Answers with its exit code. */
  stop(): Promise<number | null>
  /** Starts it again, on the same port and data. Kills it first if it runs. */
  restart(): Promise<void>
  /** Everything it has written to its log, all lives together. */
  logs(): string
  /** Time between a run's end and its settling, from now on, for runs that wait already too. `'hold'`: until told otherwise. */
  settleDelay(ms: number | 'hold'): void
  /** Has it kill itself at this instant (failpoints.mjs), in this life or the next that it starts. Null: no more. */
  failAt(point: string | null): void
  /** Resolves when the life that runs now has ended, however. */
  gone(): Promise<void>
  /** Fills the disk that `smallDiskMb` gave it to the last byte, or frees it again. */
  fillDisk(full: boolean): Promise<void>
  /** Resident memory, bytes. */
  memory(): Promise<number>
  /** Kills it and removes its data. */
  close(): Promise<void>
}

type Said = { readonly url: string } | { readonly error: string }

const script = resolve(import.meta.dirname, 'serve-for-tests.mjs')
const built = resolve(import.meta.dirname, '../../dist/server/serve.js')

interface ServerOptions {
  /** Megabytes of the disk that its data is on, which is its own and in memory; it is gone with each life. Left out: the disk of the machine. */
  readonly smallDiskMb?: number
}

/** `env` is all the configuration there is: nothing of the caller's environment reaches the server. */
export async function startServerProcess(env: Readonly<Record<string, string>> = {}, { smallDiskMb }: ServerOptions = {}): Promise<ServerProcess> {
  if (!existsSync(built)) throw new Error('There is no built server. Run `npm run build` first.')
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  let log = ''
  let child: ChildProcess | null = null
  let settleDelayMs: number | null = 0
  let failpoint: string | null = null

  async function start(port: number): Promise<string> {
    const started = fork(script, {
      env: {
        PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'info', FIND_LOCAL_MODELS: 'off', ...env, PORT: String(port), DATA_DIR: dataDir,
        ...(failpoint === null ? {} : { TEST_FAILPOINT: failpoint }),
      },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(smallDiskMb === undefined ? {} : onSmallDisk(dataDir, smallDiskMb)),
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log += text
      })
    }
    const said = await new Promise<Said>((answer, reject) => {
      started.once('message', (message) => answer(message as Said))
      started.once('exit', (code) => reject(new Error(`The server left with code ${code} before it listened.\n${log}`)))
    })
    if ('error' in said) throw new Error(`The server did not start: ${said.error}\n${log}`)
    started.send({ settleDelayMs })
    return said.url
  }

  /** Sends `signal` and waits for the end. Null where nothing runs, or where the signal ended it. */
  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const ending = child
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null
    const gone = new Promise<number | null>((left) => ending.once('exit', left))
    ending.kill(signal)
    return gone
  }

  const url = await start(0)
  const port = Number(new URL(url).port)
  return {
    url,
    port,
    dataDir,
    get running() {
      return child !== null && child.exitCode === null && child.signalCode === null
    },
    get pid() {
      return child?.pid ?? -1
    },
    async kill() {
      await end('SIGKILL')
    },
    freeze: (frozen) => void child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    stop: () => end('SIGTERM'),
    async restart() {
      await end('SIGKILL')
      await start(port)
    },
    logs: () => log,
    settleDelay(ms) {
      settleDelayMs = ms === 'hold' ? null : ms
      if (child?.connected === true) child.send({ settleDelayMs })
    },
    failAt(point) {
      failpoint = point
      if (child?.connected === true) child.send({ failpoint })
    },
    async gone() {
      if (child !== null && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
    async fillDisk(full) {
      if (child === null) throw new Error('The server does not run.')
      const done = once(child, 'message')
      child.send({ fillDisk: full })
      await done
    },
    async memory() {
      const status = await readFile(`/proc/${child?.pid}/status`, 'utf8')
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
    },
    async close() {
      await end('SIGKILL')
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
