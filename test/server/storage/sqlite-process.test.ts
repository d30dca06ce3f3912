import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RunId } from '../../../src/shared/ids.ts'
import { createSqliteStorage } from '../../../src/server/storage/sqlite/sqlite-storage.ts'
import { StorageError } from '../../../src/server/storage/storage.ts'

// Each process compiles its TypeScript first, which takes seconds where other tests keep the machine busy.
vi.setConfig({ testTimeout: 90_000 })

let folder = ''
let children: Holder[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-process-'))
})
afterEach(async () => {
  for (const child of children) await child.kill()
  children = []
  rmSync(folder, { recursive: true })
})

interface Holder {
  /** Waits until it has printed a line that `wanted` accepts. */
  says(wanted: (line: string) => boolean): Promise<string>
  /** SIGKILL; answers with everything it ever printed. */
  kill(): Promise<readonly string[]>
}

/** Starts holder.ts on a file. */
function hold(file: string): Holder {
  const script = fileURLToPath(new URL('./holder.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let printed = ''
  let look = () => {}
  const lines = () => printed.split('\n').slice(0, -1)
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    look()
  })
  const holder: Holder = {
    says: (wanted) => new Promise((resolve, reject) => {
      look = () => {
        const line = lines().find(wanted)
        if (line !== undefined) resolve(line)
      }
      look()
      void exited.then(() => reject(new Error(`the other process ended after printing ${JSON.stringify(printed.slice(-300))}`)))
    }),
    async kill() {
      child.kill('SIGKILL')
      await exited
      return lines()
    },
  }
  children.push(holder)
  return holder
}

test('a second server on the same file refuses and says what to do; killing the first one frees it', async () => {
  const file = join(folder, 'a.db')
  const first = hold(file)
  await first.says((line) => line === 'ready')
  const second = createSqliteStorage({ file })
  await expect(second).rejects.toThrow(StorageError)
  await expect(second).rejects.toThrow(`Another Holdfast server is using the database ${file}. Stop it, or give this one its own DATA_DIR.`)
  await expect(second).rejects.toMatchObject({ retryable: false })
  await first.kill()
  const heir = await createSqliteStorage({ file })
  expect(await heir.ready()).toBe(true)
  expect(await hold(file).says((line) => line.startsWith('refused'))).toContain(file)
  await heir.close()
})

test('every append that was acknowledged before a SIGKILL is in the journal, without holes', async () => {
  const file = join(folder, 'b.db')
  for (const stopAfter of [5, 100]) {
    rmSync(file, { force: true })
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
    const child = hold(file)
    await child.says((line) => Number(line) >= stopAfter)
    const lines = await child.kill()
    const acknowledged = Number(lines.at(-1))
    const storage = await createSqliteStorage({ file })
    const events = await storage.read('run-1' as RunId, 0, 100_000)
    const run = await storage.getRun('run-1' as RunId)
    expect(events.length).toBeGreaterThanOrEqual(acknowledged)
    expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1))
    expect(run).toMatchObject({ status: 'running', lastSeq: events.length })
    await storage.close()
  }
})
