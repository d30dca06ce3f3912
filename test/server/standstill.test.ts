/** A server that stands still for longer than its lease, and one that restarts under two hundred readers: browsers' halves follow it over a real network. */
import { afterEach, expect, test, vi } from 'vitest'
import type { Clock } from '../../src/client/stream/clock.ts'
import { content } from '../../src/shared/covers.ts'
import { agentParts } from '../../src/shared/transcript.ts'
import { createNetworkOf, standInForBrowser, watchRun } from '../soak/watcher.ts'
import { createChecker } from '../support/history/checker.ts'
import { piecesOf } from '../support/planned-agent.mjs'
import { seedOf } from '../support/seed.ts'
import { sendTo, settledRun } from '../support/server-client.ts'
import { startServerProcess } from '../support/server-process.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

vi.setConfig({ testTimeout: 120_000 })
standInForBrowser()

let server: ServerProcess | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

/** A page for which time passes ten times as fast: the watchdog's 25 s are 2.5. */
function createFastClock(): Clock {
  const began = Date.now()
  return {
    now: () => began + (Date.now() - began) * 10,
    after(ms, wake) {
      const timer = setTimeout(wake, ms / 10)
      return () => clearTimeout(timer)
    },
  }
}

const LEASE_MS = 10_000
const WATCHDOG_MS = 2_500

test('a server that is frozen for longer than its lease: its silence is noticed and told, and afterwards its run goes on to the end, nothing twice', async () => {
  server = await startServerProcess({ TEST_AGENT: 'planned' })
  const plan = { pieces: 400, everyMs: 50, chars: 30 }
  const run = await sendTo(server.url, JSON.stringify(plan))
  const history = createChecker()
  const reader = watchRun(server.url, run, createNetworkOf(), 'reader', history.see, { clock: createFastClock() })
  await until('text is shown', () => textOf(reader) !== '')
  server.freeze(true)
  const before = reader.connections()
  await until('its silence is told', () => reader.told.some((connection) => connection.kind === 'waiting' && /heard/.test(connection.reason)), 30_000)
  // Nobody answers, and each try takes as long as the first to be given up.
  await until('it has been frozen for longer than its lease', () => reader.connections() > before + LEASE_MS / WATCHDOG_MS, 60_000)
  const shown = textOf(reader)
  server.freeze(false)
  await until('text goes on', () => textOf(reader).length > shown.length, 30_000)
  expect(reader.told.at(-1)?.kind).toBe('streaming')
  expect((await reader.over).kind).toBe('settled')
  expect(textOf(reader)).toBe(piecesOf(plan).join(''))
  expect((await settledRun(server.url, run.id)).outcome).toBe('completed')
  expect([...reader.violations, ...history.violations()]).toEqual([])
})

test('two hundred readers of a server that restarts come back spread over seconds, none before the time that was asked for, and lose nothing', async () => {
  let state = seedOf('two hundred readers')
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const running = (server = await startServerProcess({ TEST_AGENT: 'planned' }))
  // Everything is said long before the end, which is that of the server.
  const plan = { pieces: 5, everyMs: 1, chars: 20, hold: true }
  const runs = await Promise.all(Array.from({ length: 4 }, () => sendTo(running.url, JSON.stringify(plan))))
  const history = createChecker()
  const lifecycle = createNetworkOf()
  const readers = runs.flatMap((run) => Array.from({ length: 50 }, (_, i) => watchRun(running.url, run, lifecycle, `reader ${i}`, history.see, { random })))
  await until('everybody is shown all of it', () => readers.every((reader) => textOf(reader) === piecesOf(plan).join('')), 30_000)
  expect(await running.stop()).toBe(0)
  await running.restart()
  lifecycle.send({ type: 'stirred' }) // their next tries are seconds away by now; how they spread is in the first
  await Promise.all(readers.map((reader) => reader.over))
  for (const reader of readers) expect(textOf(reader)).toBe(piecesOf(plan).join(''))
  expect([...readers.flatMap((reader) => reader.violations), ...history.violations()]).toEqual([])
  const delays = readers.flatMap(({ told }) => {
    const first = told.find((connection) => connection.kind === 'waiting')
    return first?.kind === 'waiting' ? [first.retryAt - first.sinceAt] : []
  })
  expect(delays).toHaveLength(readers.length)
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(1_000) // what `bye` asked for
  // A fair share of each tenth of the second that follows is twenty.
  for (let tenth = 0; tenth < 10; tenth++) {
    const from = 1_000 + tenth * 100
    expect(delays.filter((ms) => ms >= from && ms < from + 100).length, `from ${from} ms on`).toBeLessThan(50)
  }
})

function textOf(reader: ReturnType<typeof watchRun>): string {
  const live = reader.shown()
  return live === null ? '' : agentParts(live.transcript).map(content).join('')
}
