import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFaultProxy } from './fault-proxy.ts'
import type { FaultProxy } from './fault-proxy.ts'

let server: Server
let proxy: FaultProxy
/** What the server got, and how to answer it. */
let asked: { readonly req: IncomingMessage; readonly res: ServerResponse }[]
let answer: (req: IncomingMessage, res: ServerResponse) => void

beforeEach(async () => {
  asked = []
  answer = (_req, res) => res.end('from the server')
  server = createServer((req, res) => {
    asked.push({ req, res })
    answer(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy = await createFaultProxy({ target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } })
})

afterEach(async () => {
  await proxy.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** A browser's end of one connection: what came, and how it ended. */
function dial(path: string): { readonly socket: Socket; text(): string; readonly ended: Promise<'fin' | 'rst'>; until(size: number): Promise<void> } {
  const socket = connect({ host: '127.0.0.1', port: Number(proxy.host.split(':')[1]) })
  let text = ''
  const watchers = new Set<() => void>()
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    for (const look of watchers) look()
  })
  const ended = new Promise<'fin' | 'rst'>((resolve) => {
    socket.on('end', () => resolve('fin'))
    socket.on('error', () => resolve('rst'))
  })
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
  const until = (size: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (text.length < size) return
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      look()
    })
  return { socket, text: () => text, ended, until }
}

const body = (text: string) => text.slice(text.indexOf('\r\n\r\n') + 4)

describe('the fault proxy', () => {
  it('passes requests and answers through, and remembers them', async () => {
    const got = await fetch(`${proxy.url}/a?b=1`, { method: 'POST', body: 'x'.repeat(300_000) })
    expect(await got.text()).toBe('from the server')
    expect(proxy.requests).toEqual(['POST /a?b=1'])
    expect(asked).toHaveLength(1)
  })

  it('passes a large body without a byte lost', async () => {
    const large = Buffer.alloc(5_000_000, 'abcdefg')
    answer = (_req, res) => res.end(large)
    const got = Buffer.from(await (await fetch(proxy.url)).arrayBuffer())
    expect(got.equals(large)).toBe(true)
  })

  it.each([['cut', 'fin'], ['rst', 'rst']] as const)('%s ends a stream that runs with %s, and says how many', async (fault, how) => {
    answer = (_req, res) => res.write('first')
    const browser = dial('/stream')
    await browser.until(5)
    const other = dial('/other')
    await other.until(5)
    expect(proxy.open(/stream/)).toEqual(['GET /stream'])
    expect(proxy[fault](/stream/)).toBe(1)
    expect(await browser.ended).toBe(how)
    expect(other.socket.destroyed).toBe(false)
    expect(proxy.open()).toEqual(['GET /other'])
  })

  it('lets as many bytes through as it was told, then cuts', async () => {
    const long = 'x'.repeat(1000)
    answer = (_req, res) => res.end(long)
    for (const bytes of [0, 1, 10, 500]) {
      proxy.budget(bytes, 'fin')
      const browser = dial('/')
      expect(await browser.ended).toBe('fin')
      expect(browser.text()).toHaveLength(bytes)
    }
    expect(await (await fetch(proxy.url)).text()).toBe(long)
  })

  it('counts the bytes of the requests that match only', async () => {
    proxy.budget(20, 'rst', /stream/)
    expect(await (await fetch(`${proxy.url}/other`)).text()).toBe('from the server')
    const browser = dial('/stream')
    expect(await browser.ended).toBe('rst')
    expect(browser.text().length).toBeLessThanOrEqual(20)
  })

  it('swallows everything in a black hole, tells nobody, and lets go of it when healed', async () => {
    answer = (_req, res) => res.write('first')
    const browser = dial('/stream')
    await browser.until(5)
    const before = browser.text()
    proxy.blackHole()
    asked[0]?.res.write('second')
    const late = dial('/late')
    await expect(Promise.race([browser.ended, late.ended, new Promise((resolve) => setTimeout(resolve, 100, 'silence'))])).resolves.toBe('silence')
    expect(browser.text()).toBe(before)
    expect(asked).toHaveLength(1)
    proxy.heal()
    await browser.until(before.length + 6)
    await late.until(5)
    expect(browser.text()).toContain('second')
  })

  it('opens a black hole after a budget, and lets the rest go when healed', async () => {
    answer = (_req, res) => res.end('x'.repeat(500))
    proxy.budget(100, 'black-hole')
    const browser = dial('/')
    await browser.until(100)
    expect(browser.text()).toHaveLength(100)
    proxy.heal()
    await browser.until(600)
    expect(body(browser.text())).toBe('x'.repeat(500))
  })

  it('refuses new connections until healed', async () => {
    proxy.refuse()
    await expect(fetch(proxy.url)).rejects.toThrow('fetch failed')
    proxy.heal()
    expect((await fetch(proxy.url)).status).toBe(200)
  })

  it('answers the next requests itself, each once, and only those that match', async () => {
    proxy.answerNext(502, { 'content-type': 'text/html' }, '<h1>Bad gateway</h1>', /stream/)
    proxy.answerNext(401, {}, '', /stream/)
    expect(proxy.answersLeft).toBe(2)
    expect((await fetch(`${proxy.url}/other`)).status).toBe(200)
    const first = await fetch(`${proxy.url}/stream`)
    expect([first.status, await first.text()]).toEqual([502, '<h1>Bad gateway</h1>'])
    expect((await fetch(`${proxy.url}/stream`, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(401)
    expect((await fetch(`${proxy.url}/stream`)).status).toBe(200)
    expect(asked).toHaveLength(2)
    expect(proxy.answersLeft).toBe(0)
  })

  it('delays and throttles', async () => {
    answer = (_req, res) => res.end('x'.repeat(2000))
    const timed = async () => {
      const before = performance.now()
      await (await fetch(proxy.url)).text()
      return performance.now() - before
    }
    proxy.delay(60)
    expect(await timed()).toBeGreaterThan(110)
    proxy.heal()
    proxy.throttle(10_000)
    expect(await timed()).toBeGreaterThan(190)
  })

  it('holds answers back until enough has gathered, the answer is complete, or it is healed', async () => {
    answer = (_req, res) => res.write('first')
    proxy.buffer(1_000)
    const browser = dial('/stream')
    await expect.poll(() => asked.length).toBe(1)
    asked[0]?.res.write('second')
    await expect(Promise.race([browser.until(1), new Promise((resolve) => setTimeout(resolve, 50, 'silence'))])).resolves.toBe('silence')
    asked[0]?.res.write('x'.repeat(1_000))
    await browser.until(1_000)
    expect(browser.text()).toMatch(/first[^]*second[^]*xxx/)
    asked[0]?.res.write('third')
    proxy.heal()
    await expect.poll(() => browser.text()).toContain('third')
    proxy.buffer(1_000_000)
    answer = (_req, res) => res.writeHead(200, { connection: 'close' }).end('short')
    expect(await (await fetch(proxy.url)).text()).toBe('short')
  })

  it('gives the next answer another status, after the server has done what was asked', async () => {
    proxy.rewriteNext(502, /POST/)
    expect((await fetch(proxy.url)).status).toBe(200)
    const rewritten = await fetch(proxy.url, { method: 'POST', body: 'x' })
    expect([rewritten.status, await rewritten.text(), asked.length]).toEqual([502, 'from the server', 2])
    expect((await fetch(proxy.url, { method: 'POST', body: 'x' })).status).toBe(200)
  })

  it('ends a connection towards the server when the browser goes', async () => {
    answer = (_req, res) => res.write('first')
    const browser = dial('/stream')
    await browser.until(5)
    const gone = new Promise((resolve) => asked[0]?.res.on('close', resolve))
    browser.socket.destroy()
    await gone
    await expect.poll(() => proxy.connections).toBe(0)
  })
})
