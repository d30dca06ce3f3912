/** A server whose disk is full, slow or damaged: real ones, under the built server as a process. */
import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { foldEvents } from '../../src/shared/transcript.ts'
import { slowFsync } from '../bench/slow-fsync.ts'
import { names, none, running } from './storage/scene.ts'
import { piecesOf } from '../support/planned-agent.mjs'
import { recordRun } from '../support/recorded-run.ts'
import { seedOf } from '../support/seed.ts'
import { savedMessages, sendTo, settledRun, watchRun } from '../support/server-client.ts'
import { startServerProcess } from '../support/server-process.ts'
import { textOf } from '../support/test-server.ts'
import { until } from '../support/until.ts'

// Each start of a server takes seconds where other tests keep the machine busy.
vi.setConfig({ testTimeout: 120_000 })

const FSYNC_MS = 100

const leftovers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of leftovers.splice(0).reverse()) await close()
})

const journaledText = async (url: string, run: string) => {
  const { events } = (await (await fetch(`${url}/api/runs/${run}/events?limit=1000`)).json()) as { events: { type: string; text?: string }[] }
  return events.map((event) => (event.type === 'part.delta' ? (event.text ?? '') : '')).join('')
}

test('a full disk: nothing is shown that is not journaled, Stop and Send are answered, and it all goes on when there is room', async () => {
  const server = await startServerProcess({ TEST_AGENT: 'planned' }, { smallDiskMb: 32 })
  leftovers.push(() => server.close())
  const plan = { pieces: 300, everyMs: 10, chars: 4_000 }
  const [goesOn, isStopped] = await Promise.all([sendTo(server.url, JSON.stringify(plan)), sendTo(server.url, JSON.stringify({ ...plan, hold: true }))])
  const [seen, other] = [watchRun(server.url, goesOn.id), watchRun(server.url, isStopped.id)]
  await until('both are shown', () => seen.shown() !== '' && other.shown() !== '')
  await server.fillDisk(true)
  await until('the log names the disk', () => /The disk that holds [^"]*holdfast\.db is full\. Free some space/.test(server.logs()))
  // Whatever was on its way when the disk filled has arrived once the journal can be read: it is read after it was shown.
  const shownWhileFull = seen.shown()
  expect((await journaledText(server.url, goesOn.id)).startsWith(shownWhileFull)).toBe(true)
  await expect(sendTo(server.url, 'now?')).rejects.toThrow(/503 .*nothing was changed/)
  const stop = await fetch(`${server.url}/api/runs/${isStopped.id}/cancel`, { method: 'POST', headers: { 'content-type': 'application/json' } })
  expect([stop.status, ((await stop.json()) as { status: string }).status]).toEqual([202, 'cancelling'])
  expect((await fetch(`${server.url}/api/ready`)).status).toBe(503)
  expect(server.logs()).toContain(goesOn.id)
  await server.fillDisk(false)
  await seen.over
  await other.over
  expect([(await settledRun(server.url, goesOn.id, 20_000)).outcome, (await settledRun(server.url, isStopped.id, 20_000)).outcome]).toEqual(['completed', 'cancelled'])
  expect(seen.shown()).toBe(piecesOf(plan).join(''))
  expect(textOf(await savedMessages(server.url, isStopped.thread))).toBe(other.shown())
  expect((await fetch(`${server.url}/api/ready`)).status).toBe(200)
})

test('slow fsyncs: every character, in order; and while one does not come back the event loop answers, and nothing is shown that it has not saved', async () => {
  const slow = slowFsync(FSYNC_MS)
  if (slow === null) throw new Error('This test slows fsync down with a small library: it needs Linux and a C compiler (cc).')
  leftovers.push(slow.remove)
  const server = await startServerProcess({ TEST_AGENT: 'planned', ...slow.env })
  leftovers.push(() => server.close())
  const plan = { pieces: 100, everyMs: 10, chars: 40 }
  const run = await sendTo(server.url, JSON.stringify(plan))
  const seen = watchRun(server.url, run.id)
  await until('text is shown', () => seen.shown() !== '')
  slow.hold()
  const another = sendTo(server.url, JSON.stringify(plan)) // is written down before it is answered
  await until('an fsync is held', slow.holdsOne)
  for (let asked = 0; asked < 3; asked++) expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
  expect((await journaledText(server.url, run.id)).startsWith(seen.shown())).toBe(true)
  expect(await Promise.race([another.then(() => 'answered'), fetch(`${server.url}/api/health`).then(() => 'not yet')])).toBe('not yet')
  slow.letGo()
  await seen.over
  expect(seen.shown()).toBe(piecesOf(plan).join(''))
  expect((await settledRun(server.url, run.id, 20_000)).outcome).toBe('completed')
  expect((await settledRun(server.url, (await another).id, 20_000)).outcome).toBe('completed')
})

// The built store: its writing thread starts without a compiler.
const built = resolve(import.meta.dirname, '../../dist/server/sqlite-storage.js')
const { createSqliteStorage } = (await import(built)) as typeof import('../../src/server/storage/sqlite/sqlite-storage.ts')

test('a flipped byte or a lost end: a refusal that names the file and changes nothing in it, or whole journals, or an error; never another text', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-damage-'))
  leftovers.push(() => rmSync(folder, { recursive: true }))
  const good = join(folder, 'good.db')
  const turns = Array.from({ length: 8 }, () => names())
  const filling = await createSqliteStorage({ file: good })
  const words = Array.from({ length: 60 }, (_, i) => `word ${i} of a journal whose end vouches for it `)
  for (const turn of turns) {
    const { events } = recordRun({ ...turn, words })
    await running(filling, turn)
    await filling.append({ run: turn.run, epoch: 1, events: events.slice(1, -1) })
    await filling.end({ run: turn.run, epoch: 1, events: events.slice(-1), outcome: 'completed' })
    await filling.settle({ run: turn.run, messages: recordRun({ ...turn, words }).messages().slice(1), counters: none, notices: [] })
  }
  const whole = textOf(foldEvents(await filling.read(turns[0]?.run ?? ('' as never), 0, 1_000))?.messages ?? [])
  await filling.close()
  const size = statSync(good).size
  let random = seedOf('damage')
  const next = () => { random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0; return random / 2 ** 32 }
  const tally = { refused: 0, whole: 0, told: 0 }
  for (let round = 0; round < 12; round++) {
    const file = join(folder, 'damaged.db')
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
    copyFileSync(good, file)
    const at = Math.floor(next() * size)
    if (round % 6 === 0) truncateSync(file, at)
    else {
      const byte = readFileSync(file).subarray(at, at + 1)
      const handle = openSync(file, 'r+')
      writeSync(handle, Buffer.from([(byte[0] ?? 0) ^ (1 << Math.floor(next() * 8))]), 0, 1, at)
      closeSync(handle)
    }
    const before = hashOf(file)
    const storage = await createSqliteStorage({ file }).catch((error: unknown) => error as Error)
    if (storage instanceof Error) {
      tally.refused += 1
      expect(storage.message, `at ${at}`).toContain(file)
      expect(storage.message, `at ${at}`).toMatch(/Restore it from a backup|newer version/)
      expect(hashOf(file), `at ${at}`).toBe(before)
      continue
    }
    let damaged = false
    for (const { run, thread } of turns) {
      try {
        for (const message of (await storage.messages(thread, { limit: 9 }))?.messages ?? []) {
          if (message.damaged === true) damaged = true
          else if (message.role === 'assistant') expect(textOf([message]), `at ${at}`).toBe(whole)
        }
        const events = await storage.read(run, 0, 1_000)
        // Throws where it does not follow from itself, or where the checksums of the end differ.
        const folded = events.length === 0 ? null : foldEvents(events)
        if (folded !== null && folded.outcome !== undefined) expect(textOf(folded.messages), `at ${at}`).toBe(whole)
      } catch (error) {
        if ((error as Error).name === 'AssertionError') throw error
        damaged = true
      }
    }
    tally[damaged ? 'told' : 'whole'] += 1
    await storage.close()
  }
  console.info(`12 damaged files: ${tally.refused} refused, ${tally.told} told by a read, ${tally.whole} unharmed where it counts`)
  expect(tally.refused).toBeGreaterThan(0)
})

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
