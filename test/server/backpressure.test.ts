/** A reader that never reads, on the built server as a process: what it costs the server, and the others. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { sendTo, settledRun, watchRun } from '../support/server-client.ts'
import { startServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const MB = 1_000_000
const NEVER_READERS = 4

const leftovers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of leftovers.splice(0).reverse()) await close()
})

/** Asks for a stream and reads nothing of it. */
async function joinWithoutReading(port: number, path: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.pause()
  socket.on('error', () => {}) // the server may cut it, which is its right
  leftovers.push(() => socket.destroy())
  await new Promise<void>((sent) => socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`, () => sent()))
  return socket
}

const readers = async (url: string) => Number(/^holdfast_stream_readers (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1])

test('readers that never read a run of 100 MB cost less than 50 MB each, and somebody who reads gets every character', { timeout: 240_000 }, async () => {
  const server = await startServerProcess({ TEST_AGENT: 'planned', LOG_LEVEL: 'warn' })
  leftovers.push(() => server.close())
  const plan = { pieces: 1_000, everyMs: 0, chars: 100_000 }
  const run = await sendTo(server.url, JSON.stringify(plan))
  await settledRun(server.url, run.id, 200_000)
  // Its next life has nothing of the run in memory.
  await server.restart()
  await fetch(`${server.url}/api/ready`)
  const before = await server.memory()
  for (let i = 0; i < NEVER_READERS; i++) await joinWithoutReading(server.port, `/api/runs/${run.id}/stream`)
  await until('they have all joined', async () => (await readers(server.url)) === NEVER_READERS)
  const reader = watchRun(server.url, run.id)
  let most = 0
  const watching = setInterval(() => void server.memory().then((now) => { most = Math.max(most, now) }), 50)
  await reader.over
  clearInterval(watching)
  expect(reader.shown().length).toBe(plan.pieces * plan.chars)
  expect(reader.ended()).toBe(true)
  const each = Math.round((most - before) / MB / NEVER_READERS)
  console.info(`before ${Math.round(before / MB)} MB, at most ${Math.round(most / MB)} MB with ${NEVER_READERS} that never read and one that does: ${each} MB each`)
  expect(each).toBeLessThan(50)
})
