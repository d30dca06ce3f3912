import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pouring } from '../../../src/server/sse/pour.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { decodeFrame } from '../../../src/shared/protocol.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import type { Transcript } from '../../../src/shared/transcript.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import type { ScriptedAgent } from '../../support/scripted-agent.ts'
import { parseFrames } from '../../support/sse.ts'
import { createTestServer, newThread } from '../../support/test-server.ts'
import type { TestServer } from '../../support/test-server.ts'
import { createGate, until } from '../../support/until.ts'

describe('an event stream over a socket', () => {
  let storage: Storage
  let agent: ScriptedAgent
  let server: TestServer
  let http: Server
  let port: number

  beforeEach(async () => {
    storage = createMemoryStorage()
    agent = createScriptedAgent(async function* () { yield* says('Hello ', 'world') })
    server = createTestServer(storage, agent)
    http = createAdaptorServer({ fetch: pouring(server.app.fetch) }) as Server
    await new Promise<void>((listening) => http.listen(0, '127.0.0.1', () => listening()))
    port = (http.address() as AddressInfo).port
  })
  afterEach(async () => {
    http.closeAllConnections()
    await new Promise((closed) => http.close(closed))
    await storage.close()
  })

  /** A browser down to its bytes. */
  const ask = (path: string): { readonly socket: Socket; said(): string; readonly ended: Promise<void> } => {
    const socket = connect(port, '127.0.0.1')
    let said = ''
    const ended = new Promise<void>((resolve) => socket.once('end', () => resolve()))
    socket.setEncoding('utf8').on('data', (text: string) => { said += text })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    return { socket, said: () => said, ended }
  }
  const readers = async () => Number(/^holdfast_stream_readers (\d+)$/m.exec(await (await server.request('GET', '/metrics')).text())?.[1])

  it('carries every header of every answer, bare frames, and ends with the connection', async () => {
    const run = await server.send(newThread(), 'Hi')
    const browser = ask(`/api/runs/${run.id}/stream`)
    await browser.ended
    const [head = '', body = ''] = browser.said().split(/\r\n\r\n(.*)/s)
    expect(head).toMatch(/^HTTP\/1\.1 200 /)
    for (const header of [
      'content-type: text/event-stream; charset=utf-8', 'cache-control: no-store, no-transform', 'x-accel-buffering: no', 'x-content-type-options: nosniff',
      'cross-origin-resource-policy: same-origin', 'connection: close',
    ]) expect(head.toLowerCase()).toContain(header)
    expect(head.toLowerCase()).not.toContain('transfer-encoding')
    expect(body).toMatch(/^:ok\n\nevent:snapshot\n/)
    expect(body).toMatch(/event:stream_end\nid:[^\n]+\ndata:[^\n]+\n\n$/)
  })

  it('leaves every other answer as it is', async () => {
    const run = await server.send(newThread(), 'Hi')
    const settled = await server.settled(run.id)
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
    expect((await get(`/api/runs/${run.id}/stream?after=${settled.cursor}`)).status).toBe(204)
    expect((await get('/api/runs/nope/stream')).status).toBe(404)
    expect(await (await get(`/api/runs/${run.id}`)).json()).toEqual(settled)
  })

  it('forgets a browser that goes, and neither the run nor another browser notices', async () => {
    const go = createGate()
    agent.script(async function* () {
      yield* says('Hello ')
      await go.opened
      yield { type: 'part.started', part: 'more', kind: 'text' }
      yield { type: 'part.delta', part: 'more', text: 'world' }
    })
    const run = await server.send(newThread(), 'Hi')
    const [leaves, stays] = [ask(`/api/runs/${run.id}/stream`), ask(`/api/runs/${run.id}/stream`)]
    await until('both read', () => leaves.said().includes('Hello') && stays.said().includes('Hello'))
    expect(await readers()).toBe(2)
    leaves.socket.destroy()
    await until('one is gone', async () => (await readers()) === 1)
    go.open()
    await stays.ended
    expect(stays.said()).toContain('world')
    expect(await readers()).toBe(0)
  })

  it('holds back what a browser does not read, and gives it all once it does', async () => {
    const text = 'x'.repeat(30_000)
    agent.script(async function* () {
      yield { type: 'part.started', part: 'a', kind: 'text' }
      for (let i = 0; i < 400; i++) {
        yield { type: 'part.delta', part: 'a', text }
        yield { type: 'notice', level: 'info', text: `${i}` } // lets the text before it out by itself
      }
    })
    const run = await server.send(newThread(), 'Hi')
    const browser = ask(`/api/runs/${run.id}/stream`)
    await until('it reads', () => browser.said().includes('event:'))
    browser.socket.pause()
    await server.settled(run.id)
    const seen = browser.said().length
    expect(seen).toBeLessThan(12_000_000)
    browser.socket.resume()
    await browser.ended
    let transcript: Transcript | null = null
    for (const message of parseFrames(browser.said().slice(browser.said().indexOf('\r\n\r\n') + 4))) {
      const frame = decodeFrame(message)
      if (frame?.type === 'snapshot') transcript = frame.transcript
      // Throws on a gap, and on text that is not what stream_end vouches for.
      if (frame?.type === 'event') transcript = foldEvents([frame.event], transcript)
    }
    expect(transcript?.outcome).toBe('completed')
  })
})
