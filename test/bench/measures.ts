/** What is measured, one function each. All of it over TCP, against the server on SQLite on disk. */
import Sqlite from 'better-sqlite3'
import type { BenchProcess } from './bench-process.ts'
import { join, settled, startRun } from './browser.ts'
import type { Frame, Reader } from './browser.ts'
import { nowUs, stampsIn } from './plan.ts'

const textOf = (data: string) => (JSON.parse(data) as { text: string }).text
let gates = 0
const newGate = () => `gate-${++gates}`
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export interface Latencies {
  /** Token yielded by the agent → delta that holds it read by the browser, joining included. */
  readonly token: number[]
  /** Event made (after joining) → committed. */
  readonly durable: number[]
  /** Event committed → read by the browser. */
  readonly delivered: number[]
  readonly firstToken: number[]
  /** Last token yielded, with which the agent returns → stream closed. */
  readonly close: number[]
}

/** Token streams at `1000 / everyMs` tokens a second. All in µs. */
export async function latencies(server: BenchProcess, { runs, readers, tokens, everyMs }: { runs: number; readers: number; tokens: number; everyMs: number }): Promise<Latencies> {
  const gate = newGate()
  await server.ask('record', { on: true })
  const found: Latencies = { token: [], durable: [], delivered: [], firstToken: [], close: [] }
  const watched: { readonly run: string; readonly readAt: Map<number, number>; readonly closed: Promise<number>; lastToken: number }[] = []
  for (let i = 0; i < runs; i++) {
    // Spread over a second, as people are; together they would measure the crowd at the door.
    const run = await startRun(server.url, { kind: 'paced', gate, delayMs: runs === 1 ? 50 : (i * 1000) / runs, tokens, everyMs })
    for (let k = 0; k < readers; k++) {
      const entry = { run, readAt: new Map<number, number>(), closed: Promise.resolve(0), lastToken: 0 }
      const reader = await join(server.url, run, ({ type, seq, data, atUs }: Frame) => {
        if (seq > 0) entry.readAt.set(seq, atUs)
        const stamps = type === 'part.delta' ? stampsIn(textOf(data)) : []
        for (const stamp of stamps) found.token.push(atUs - stamp)
        if (entry.lastToken === 0 && stamps[0] !== undefined) found.firstToken.push(atUs - stamps[0])
        entry.lastToken = stamps.at(-1) ?? entry.lastToken
      })
      entry.closed = reader.closed
      watched.push(entry)
    }
  }
  await server.ask('open', { gate })
  await Promise.all(watched.map(async (entry) => found.close.push((await entry.closed) - entry.lastToken)))
  const times = await server.ask('times', null)
  await server.ask('record', { on: false })
  for (const [i, { run, readAt }] of watched.entries()) {
    const { seq, produced, durable } = times[run] ?? { seq: [], produced: [], durable: [] }
    for (const [k, number] of seq.entries()) {
      const durableAt = durable[k] ?? 0
      const read = readAt.get(number)
      if (durableAt === 0 || read === undefined) continue
      if (i % readers === 0) found.durable.push(durableAt - (produced[k] ?? 0))
      found.delivered.push(read - durableAt)
    }
  }
  return found
}

export interface Cost {
  readonly cpuUs: number
  readonly deliveries: number
}

/** Processor time of the server while `readers` read one run. */
export async function deliveryCost(server: BenchProcess, { readers, tokens, everyMs }: { readers: number; tokens: number; everyMs: number }): Promise<Cost> {
  const gate = newGate()
  const run = await startRun(server.url, { kind: 'plain', gate, tokens, everyMs, chars: 6 })
  const joined: Reader[] = []
  for (let i = 0; i < readers; i++) joined.push(await join(server.url, run))
  await pause(200)
  const before = await server.ask('cpuUs', null)
  await server.ask('open', { gate })
  await Promise.all(joined.map((reader) => reader.closed))
  const cpuUs = (await server.ask('cpuUs', null)) - before
  return { cpuUs, deliveries: joined.reduce((sum, reader) => sum + reader.deliveries(), 0) }
}

export interface LongRun {
  readonly eventsPerS: number
  readonly heapBytes: number
  readonly liveJoinMs: number
  readonly liveStallMs: number
  readonly endedJoinMs: number
  readonly endedStallMs: number
}

/** A run of very many events: how fast they go through, what they leave in memory, and what joining it costs whom. */
export async function longRun(server: BenchProcess, events: number): Promise<LongRun> {
  const gate = newGate()
  const heapBefore = await server.ask('heapBytes', null)
  const startedAtUs = nowUs()
  const run = await startRun(server.url, { kind: 'flood', gate, deltas: events, chars: 6, joined: false })
  let lastAtUs = 0
  const reader = await join(server.url, run, ({ atUs }) => { lastAtUs = atUs })
  await journaled(server, run, events)
  const eventsPerS = events / ((lastAtUs - startedAtUs) / 1e6)
  const heapBytes = (await server.ask('heapBytes', null)) - heapBefore

  const live = await stallWhile(server, () => timeToJoin(server, run))
  await server.ask('open', { gate })
  await reader.closed
  await settled(server.url, run)
  const ended = await stallWhile(server, () => timeToJoin(server, run))
  return { eventsPerS, heapBytes, liveJoinMs: live.answer, liveStallMs: live.stallMs, endedJoinMs: ended.answer, endedStallMs: ended.stallMs }
}

/** Resolves when the run's journal holds at least `events`. */
async function journaled(server: BenchProcess, run: string, events: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`${server.url}/api/runs/${run}`)
    if (((await answer.json()) as { lastSeq: number }).lastSeq >= events) return
    await pause(50)
  }
}

/** From the request to the whole snapshot, ms. */
async function timeToJoin(server: BenchProcess, run: string): Promise<number> {
  const beganUs = nowUs()
  const reader = await join(server.url, run)
  const tookMs = ((await reader.first('snapshot')) - beganUs) / 1000
  reader.cut()
  return tookMs
}

const TICK_MS = 10

/** How long another reader, who gets an event every 10 ms, goes without one beyond those 10 ms, while `work` is done. */
async function stallWhile(server: BenchProcess, work: () => Promise<number>): Promise<{ readonly answer: number; readonly stallMs: number }> {
  const gate = newGate()
  const run = await startRun(server.url, { kind: 'ticks', gate, everyMs: TICK_MS })
  let lastAtUs = 0
  let longestUs = 0
  const reader = await join(server.url, run, ({ type, atUs }) => {
    if (type !== 'run.notice') return
    if (lastAtUs > 0) longestUs = Math.max(longestUs, atUs - lastAtUs)
    lastAtUs = atUs
  })
  await pause(300)
  longestUs = 0
  const answer = await work()
  await pause(100)
  const stallMs = Math.max(0, longestUs / 1000 - TICK_MS)
  await server.ask('open', { gate })
  await reader.closed
  return { answer, stallMs }
}

/** Tokens a second that the server takes from an agent that never waits, joining them. */
export async function joinedTokensPerS(server: BenchProcess, tokens: number): Promise<number> {
  const gate = newGate()
  await server.ask('open', { gate })
  const beganUs = nowUs()
  const run = await startRun(server.url, { kind: 'flood', gate, deltas: tokens, chars: 6, joined: true })
  const reader = await join(server.url, run)
  return tokens / (((await reader.closed) - beganUs) / 1e6)
}

/** Seconds for a run of very many tool calls, three events each, and the loop's delay meanwhile. */
export async function manyTools(server: BenchProcess, calls: number): Promise<{ readonly seconds: number; readonly loopP99Ms: number }> {
  const gate = newGate()
  await server.ask('open', { gate })
  await server.ask('watchLoop', null)
  const beganUs = nowUs()
  const run = await startRun(server.url, { kind: 'tools', gate, calls })
  const reader = await join(server.url, run)
  const seconds = ((await reader.closed) - beganUs) / 1e6
  return { seconds, loopP99Ms: (await server.ask('loopDelay', null)).p99Ms }
}

/** The event loop's delay while `runs` stream. */
export async function loopDelay(server: BenchProcess, { runs, tokens, everyMs }: { runs: number; tokens: number; everyMs: number }) {
  const gate = newGate()
  const readers: Reader[] = []
  for (let i = 0; i < runs; i++) readers.push(await join(server.url, await startRun(server.url, { kind: 'paced', gate, delayMs: (i * 1000) / runs, tokens, everyMs })))
  await pause(200)
  await server.ask('watchLoop', null)
  await server.ask('open', { gate })
  await Promise.all(readers.map((reader) => reader.closed))
  return server.ask('loopDelay', null)
}

export interface Volume {
  /** Bytes on the wire per byte of text, from the join to the close: frames and chunk sizes, without the headers and the snapshot of the join. */
  readonly wire: number
  /** Bytes of the journal's pages per byte of text. */
  readonly journal: number
}

/** What `runs` runs at 200 deltas of 6 characters a second take up. */
export async function volume(server: BenchProcess, { runs, tokens }: { runs: number; tokens: number }): Promise<Volume> {
  const gate = newGate()
  const chars = 6
  const readers: Reader[] = []
  for (let i = 0; i < runs; i++) readers.push(await join(server.url, await startRun(server.url, { kind: 'plain', gate, tokens, everyMs: 5, chars })))
  await pause(200)
  const before = journalBytes(await server.ask('file', null))
  const joinBytes = readers.reduce((sum, reader) => sum + reader.bytes(), 0)
  await server.ask('open', { gate })
  await Promise.all(readers.map((reader) => reader.closed))
  const text = runs * tokens * chars
  const wireBytes = readers.reduce((sum, reader) => sum + reader.bytes(), 0) - joinBytes
  return { wire: wireBytes / text, journal: (journalBytes(await server.ask('file', null)) - before) / text }
}

function journalBytes(file: string): number {
  const database = new Sqlite(file, { readonly: true })
  try {
    return Number(database.prepare("SELECT sum(pgsize) FROM dbstat WHERE name = 'events'").pluck().get())
  } finally {
    database.close()
  }
}
