import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

it('measures the server and prints every row', { timeout: 120_000 }, async () => {
  const bench = spawn(process.execPath, ['--import', 'tsx', resolve(import.meta.dirname, 'server.ts'), '--quick'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [bench.stdout, bench.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { said += text })
  const code = await new Promise((left) => bench.once('exit', left))
  expect(said).toMatch(/QUICK/)
  expect(code).toBe(0)
  for (const crowd of ['1 run', '3 runs', '5 runs', '1 run, 5 readers']) {
    for (const what of ['token → browser', 'event produced → durable', 'event durable → browser', 'first token → browser', 'agent\'s end → stream closed']) {
      expect(said).toMatch(new RegExp(`^${crowd}: ${what}.*  [0-9.]+ / [0-9.]+ ms`, 'm'))
    }
  }
  for (const row of [
    'CPU per delivery.* µs', 'CPU per extra delivery.* µs', 'events/s flat out.* /s', 'heap per 100,000 events of a live run.* MB', 'join a live run of 2000 events.* ms',
    'join an ended run of 2000 events.* ms', 'others stalled meanwhile.* ms', 'tokens of 6 characters taken flat out, joined.* /s',
    'run of 300 tool calls.* s', 'wire bytes / text.* x', 'journal bytes / text.* x', 'event loop p99 with 5 ms fsync.*(ms|not measured)',
  ]) expect(said).toMatch(new RegExp(row))
})
