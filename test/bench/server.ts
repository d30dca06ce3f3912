/**
 * `npm run bench:server`: builds the server, measures it over TCP with SQLite on disk, prints one table. `-- --quick`: the same rows in seconds, from
 * too little to judge by. `-- --only=cost`: one of the sections latency, cost, long, flat, bytes, disk.
 */
import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { startBenchProcess } from './bench-process.ts'
import type { BenchProcess } from './bench-process.ts'
import { deliveryCost, joinedTokensPerS, latencies, longRun, loopDelay, manyTools, volume } from './measures.ts'
import { ms, percentile, spread, table, under } from './report.ts'
import type { Row } from './report.ts'
import { slowFsync } from './slow-fsync.ts'

const quick = process.argv.includes('--quick')
const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length)
const EVERY_MS = 20 // 50 tokens/s
const FSYNC_MS = 5
const tokens = quick ? 15 : 250
const crowd = quick ? [1, 3, 5] as const : [1, 50, 200] as const
const events = quick ? 2_000 : 100_000

const root = resolve(import.meta.dirname, '../..')
const build = spawnSync(resolve(root, 'node_modules/.bin/tsc'), ['-b', 'src/server'], { cwd: root, stdio: 'inherit' })
if (build.status !== 0) throw new Error('The server does not build; there is nothing to measure.')

const rows: Row[] = []
const begun = Date.now()
const say = (text: string) => process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${text}\n`)

const sections: Readonly<Record<string, (server: BenchProcess) => Promise<void>>> = {
  latency: async (server) => {
    for (const runs of crowd) await measureLatency(server, runs, 1)
    await measureLatency(server, 1, crowd[2])
  },
  cost: measureCost,
  long: measureLongRun,
  flat: measureFlatOut,
  bytes: measureVolume,
}

const server = await startBenchProcess()
try {
  await latencies(server, { runs: 3, readers: 1, tokens: 25, everyMs: EVERY_MS }) // warms the code up
  for (const [name, measure] of Object.entries(sections)) if (only === undefined || only === name) await measure(server)
} finally {
  await server.close()
}
if (only === undefined || only === 'disk') await measureSlowDisk()

process.stdout.write(`\n${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${((Date.now() - begun) / 1000).toFixed(0)} s${quick ? ', QUICK: no numbers to judge by' : ''}\n\n`)
process.stdout.write(`${table(rows)}\n`)

async function measureLatency(server: BenchProcess, runs: number, readers: number): Promise<void> {
  const at = readers === 1 ? `${runs} run${runs === 1 ? '' : 's'}` : `1 run, ${readers} readers`
  say(`latency, ${at}`)
  const seen = await latencies(server, { runs, readers, tokens, everyMs: EVERY_MS })
  // One run has one first token and one end: a few more make a percentile.
  for (let i = 0; i < (runs === 1 ? (quick ? 2 : 30) : 0); i++) {
    const more = await latencies(server, { runs: 1, readers, tokens: 3, everyMs: EVERY_MS })
    seen.firstToken.push(...more.firstToken)
    seen.close.push(...more.close)
  }
  rows.push(
    { what: `${at}: token → browser, joining (33 ms) included, p50 / p99`, value: spread(seen.token) },
    { what: `${at}: event produced → durable`, value: spread(seen.durable) },
    { what: `${at}: event durable → browser`, value: spread(seen.delivered) },
    { ...under(`${at}: first token → browser, p99`, percentile(seen.firstToken, 0.99) / 1000, 20, 'ms', '58 ms'), value: spread(seen.firstToken) },
    { ...under(`${at}: agent's end → stream closed, p99`, percentile(seen.close, 0.99) / 1000, 20, 'ms', '501 ms'), value: spread(seen.close) },
  )
}

async function measureCost(server: BenchProcess): Promise<void> {
  say('processor time per delivery')
  const count = { tokens: quick ? 50 : 2_000, everyMs: 5 }
  const many = crowd[2]
  const one = await deliveryCost(server, { readers: 1, ...count })
  const all = await deliveryCost(server, { readers: many, ...count })
  rows.push({ what: `CPU per delivery, 1 run, ${many} readers, everything included`, value: `${(all.cpuUs / all.deliveries).toFixed(1)} µs` })
  rows.push(under('CPU per extra delivery (1 → that many readers)', (all.cpuUs - one.cpuUs) / (all.deliveries - one.deliveries), 15, 'µs', '75 µs'))
}

async function measureLongRun(server: BenchProcess): Promise<void> {
  say(`a run of ${events} events`)
  const long = await longRun(server, events)
  const per100k = (long.heapBytes / events) * 100_000
  rows.push(
    { what: 'events/s flat out, agent → journal → one reader, each delta an event', value: `${long.eventsPerS.toFixed(0)} /s` },
    under('heap per 100,000 events of a live run', per100k / 1e6, 10, 'MB', '121 MB'),
    under(`join a live run of ${events} events`, long.liveJoinMs, 300, 'ms', '4060 ms'),
    under('  others stalled meanwhile', long.liveStallMs, 50, 'ms', '3900 ms'),
    under(`join an ended run of ${events} events`, long.endedJoinMs, 300, 'ms', '4060 ms'),
    under('  others stalled meanwhile', long.endedStallMs, 50, 'ms', '3900 ms'),
  )
}

async function measureFlatOut(server: BenchProcess): Promise<void> {
  say('flat out, many tools')
  rows.push({ what: 'tokens of 6 characters taken flat out, joined', value: `${(await joinedTokensPerS(server, quick ? 20_000 : 500_000)).toFixed(0)} /s` })
  const calls = quick ? 300 : 10_000
  const tools = await manyTools(server, calls)
  rows.push({ what: `run of ${calls} tool calls (${3 * calls} events) flat out, start to closed`, value: `${tools.seconds.toFixed(2)} s (loop p99 ${ms(tools.loopP99Ms * 1000)} ms)` })
}

async function measureVolume(server: BenchProcess): Promise<void> {
  say('bytes')
  const bytes = await volume(server, { runs: quick ? 5 : 20, tokens: quick ? 100 : 2_000 })
  rows.push(
    under('wire bytes / text, 200 deltas/s of 6 characters, after the join', bytes.wire, 3, 'x'),
    under('journal bytes / text, the same', bytes.journal, 2, 'x'),
  )
}

async function measureSlowDisk(): Promise<void> {
  const what = `event loop p99 with ${FSYNC_MS} ms fsync, ${crowd[1]} runs at 50 tokens/s`
  const slow = slowFsync(FSYNC_MS)
  if (slow === null) {
    rows.push({ what, value: 'not measured: needs Linux and cc' })
    return
  }
  say('slow disk')
  const slowed = await startBenchProcess(slow.env)
  try {
    const delay = await loopDelay(slowed, { runs: crowd[1], tokens, everyMs: EVERY_MS })
    rows.push({ ...under(what, delay.p99Ms, 5, 'ms'), value: `${ms(delay.p99Ms * 1000)} ms (max ${ms(delay.maxMs * 1000)} ms)` })
    const seen = await latencies(slowed, { runs: crowd[1], readers: 1, tokens: Math.min(tokens, 100), everyMs: EVERY_MS })
    rows.push({ what: '  the same: event produced → durable', value: spread(seen.durable) })
  } finally {
    await slowed.close()
    slow.remove()
  }
}
