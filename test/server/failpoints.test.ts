/** A server that dies at a chosen instant: between a commit and its delivery, between a tool's effect and its record, in the middle of recovery. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { journaledKinds, savedMessages, sendTo, settledRun, watchRun } from '../support/server-client.ts'
import { startServerProcess } from '../support/server-process.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { textOf } from '../support/test-server.ts'
import { until } from '../support/until.ts'

// Each start of a server takes seconds where other tests keep the machine busy.
vi.setConfig({ testTimeout: 90_000 })

const dist = resolve(import.meta.dirname, '../../dist')
let server: ServerProcess | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

const started = async () => (server = await startServerProcess({ TEST_AGENT: 'planned' }))
const pour = (more: object = {}) => JSON.stringify({ pieces: 60, everyMs: 20, chars: 12, ...more })

describe('a server that dies at the worst instant', () => {
  it('between commit and delivery: what nobody was told is delivered once they come back', async () => {
    const process = await started()
    const run = await sendTo(process.url, pour())
    const seen = watchRun(process.url, run.id)
    await until('text is shown', () => seen.shown().length > 20)
    process.failAt('deliver:before:5')
    await process.gone()
    await seen.over
    process.failAt(null)
    await process.restart()
    await settledRun(process.url, run.id)
    const again = watchRun(process.url, run.id)
    await again.over
    expect(again.shown().startsWith(seen.shown())).toBe(true)
    expect(again.shown().length).toBeGreaterThan(seen.shown().length)
    expect(again.shown()).toBe(textOf(await savedMessages(process.url, run.thread)))
  })

  it('after a tool’s effect, before its record: the call is kept without a result, and the tool is never run again', async () => {
    const process = await started()
    const effect = join(process.dataDir, 'effect')
    const run = await sendTo(process.url, JSON.stringify({ effect }))
    const stream = await fetch(`${process.url}/api/runs/${run.id}/stream`)
    let told = ''
    const reading = stream.body?.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream({ write: (text) => { told += text } })).catch(() => {})
    await until('the call is in the journal', () => told.includes(effect))
    writeFileSync(`${effect}.go`, '')
    await process.gone()
    await reading
    await process.restart()
    const settled = await settledRun(process.url, run.id)
    expect(settled.outcome).toBe('interrupted')
    const [, answer] = await savedMessages(process.url, run.thread)
    expect(answer?.parts).toMatchObject([{ kind: 'tool', name: 'effect', state: 'stopped', output: '' }])
    await process.restart()
    expect(readFileSync(effect, 'utf8')).toBe('done\n')
  })

  it('five times inside recovery: the run still ends once, with all its text', async () => {
    const process = await started()
    const run = await sendTo(process.url, pour({ hold: true }))
    const seen = watchRun(process.url, run.id)
    await until('text is shown', () => seen.shown().length > 100)
    await process.kill()
    await seen.over
    for (const point of ['claim:after:1', 'end:before:1', 'end:after:1', 'settle:before:1', 'settle:after:1']) {
      process.failAt(point)
      await expect(process.restart(), point).rejects.toThrow('before it listened')
    }
    process.failAt(null)
    await process.restart()
    expect((await settledRun(process.url, run.id)).outcome).toBe('interrupted')
    expect(textOf(await savedMessages(process.url, run.thread)).startsWith(seen.shown())).toBe(true)
    expect((await journaledKinds(process.url, run.id)).filter((kind) => kind === 'stream_end')).toHaveLength(1)
  })

  it('between the record of Stop and its answer: the run is cancelled all the same', async () => {
    const process = await started()
    const run = await sendTo(process.url, pour({ hold: true }))
    const seen = watchRun(process.url, run.id)
    await until('text is shown', () => seen.shown().length > 100)
    process.failAt('requestStop:after:1')
    await expect(fetch(`${process.url}/api/runs/${run.id}/cancel`, { method: 'POST', headers: { 'content-type': 'application/json' } })).rejects.toThrow('fetch failed')
    await process.gone()
    process.failAt(null)
    await process.restart()
    expect((await settledRun(process.url, run.id)).outcome).toBe('cancelled')
    expect(textOf(await savedMessages(process.url, run.thread)).startsWith(seen.shown())).toBe(true)
  })
})

it('what is shipped holds no failpoint', () => {
  expect(existsSync(join(dist, 'server/main.js'))).toBe(true)
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => /\.m?js$/.test(name))
  expect(files.length).toBeGreaterThan(50)
  expect(files.filter((name) => /failpoint|planned-agent|TEST_AGENT|TEST_FAILPOINT/i.test(readFileSync(join(dist, name), 'utf8')))).toEqual([])
})
