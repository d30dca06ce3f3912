/**
 * A TCP proxy that misbehaves on demand: it cuts, resets, swallows, delays, throttles, buffers, refuses, or answers in the server's place.
 * It knows just enough of HTTP/1.1 to see which request a connection carries: browsers never pipeline, so a request begins with a chunk.
 */
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export type Cut = 'fin' | 'rst' | 'black-hole'

export interface FaultProxy {
  /** `http://127.0.0.1:<port>`; the server must allow this host. */
  readonly url: string
  /** `127.0.0.1:<port>`, for the server's `ALLOWED_HOSTS`. */
  readonly host: string
  /** Connections that are open now. */
  readonly connections: number
  /** Request lines so far, oldest first, as `GET /path?query`. */
  readonly requests: readonly string[]
  /** Requests that are open now: seen, not closed, and no later one on their connection. */
  open(match?: RegExp): readonly string[]
  /** Ends connections cleanly (FIN) towards the browser; only those whose request matches, if `match` is given. Answers how many. */
  cut(match?: RegExp): number
  /** Resets connections (RST) towards the browser. Answers how many. */
  rst(match?: RegExp): number
  /** Passes nothing on, in either direction, on old connections and new ones; nobody is told. Bytes wait here until `heal`. */
  blackHole(): void
  /** Resets every new connection at once. Old ones live on. */
  refuse(): void
  /** Holds each chunk back by `ms`. */
  delay(ms: number): void
  /** Passes on at most this many bytes per second and direction of each connection. */
  throttle(bytesPerSecond: number): void
  /** Holds answers back until so many bytes have gathered, or their connection ends. */
  buffer(bytes: number): void
  /** Lets this many more bytes of answers through, then cuts the connection that goes over; once. */
  budget(bytes: number, kind: Cut, match?: RegExp): void
  /** Answers the next request (that matches) itself; the server never sees it. Calls add up: two calls, two answers. */
  answerNext(status: number, headers: Readonly<Record<string, string>>, body: string, match?: RegExp): void
  /** Lets the next request (that matches) through to the server, and puts this status in place of the answer's. */
  rewriteNext(status: number, match?: RegExp): void
  /** Answers not given yet. */
  readonly answersLeft: number
  /** Ends every fault. What a black hole or a buffer held goes on its way. */
  heal(): void
  close(): Promise<void>
}

interface Link {
  readonly browser: Socket
  readonly server: Socket
  request: string
  dead: boolean
  /** The status that its next answer is to have. */
  status: number | null
  /** What is held back of its answers. */
  held: Buffer[]
}

interface Answer {
  readonly bytes: string
  readonly match: RegExp
}

interface Rewrite {
  readonly status: number
  readonly match: RegExp
}

const ANY = /^/
const REQUEST_LINE = /^([A-Z]{3,7}) (\S+) HTTP\/1\.[01]\r\n/
const STATUS_LINE = /^HTTP\/1\.1 \d{3} [^\r\n]*/

export async function createFaultProxy({ target }: { readonly target: { readonly host: string; readonly port: number } }): Promise<FaultProxy> {
  const links = new Set<Link>()
  const requests: string[] = []
  let answers: Answer[] = []
  let rewrites: Rewrite[] = []
  let refusing = false
  let delayMs = 0
  let bytesPerSecond = Infinity
  let bufferBytes = 0
  let allowance: { left: number; readonly kind: Cut; readonly match: RegExp } | null = null
  let hole = createGate()

  const server = createServer({ allowHalfOpen: true }, (browser) => {
    if (refusing) {
      browser.on('error', ignoreReset)
      reset(browser)
      return
    }
    const link: Link = { browser, server: connect({ ...target, allowHalfOpen: true }), request: '', dead: false, status: null, held: [] }
    links.add(link)
    for (const [socket, other] of [[link.browser, link.server], [link.server, link.browser]] as const) {
      socket.setNoDelay(true)
      socket.on('error', ignoreReset)
      socket.on('close', () => {
        // In a black hole nobody learns that the other side went away.
        if (!link.dead) void hole.passed().then(() => other.destroy())
        if (socket === link.browser) links.delete(link)
      })
    }
    void pump(link, link.browser, link.server, (chunk) => arriving(link, chunk))
    void pump(link, link.server, link.browser, (chunk) => departing(link, chunk))
  })

  /** Moves bytes one way, with every fault that lasts. `look` says how much of the chunk may pass; null: the connection is over. */
  async function pump(link: Link, from: Socket, to: Socket, look: (chunk: Buffer) => Buffer | null): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await hole.passed()
        if (delayMs > 0) await sleep(delayMs)
        const passing = look(chunk)
        await hole.passed()
        if (passing === null || link.dead) return
        if (Number.isFinite(bytesPerSecond)) await sleep((passing.length / bytesPerSecond) * 1000)
        if (to === link.browser && bufferBytes > 0) {
          link.held.push(passing)
          if (link.held.reduce((sum, { length }) => sum + length, 0) >= bufferBytes) letGo(link)
        } else if (!to.write(passing)) await new Promise((resolve) => to.once('drain', resolve).once('close', resolve))
        await hole.passed()
      }
      await hole.passed()
      letGo(link)
      to.end()
    } catch (error) {
      // A reset or a destroyed socket; 'close' tells the other side.
      if (!link.dead && !from.destroyed) throw error
    }
  }

  function letGo(link: Link): void {
    const held = Buffer.concat(link.held)
    link.held = []
    if (held.length > 0) link.browser.write(held)
  }

  function arriving(link: Link, chunk: Buffer): Buffer | null {
    const line = REQUEST_LINE.exec(chunk.toString('latin1', 0, 4096))
    if (line === null) return chunk
    link.request = `${line[1]} ${line[2]}`
    requests.push(link.request)
    const answer = answers.find(({ match }) => match.test(link.request))
    const rewrite = rewrites.find(({ match }) => match.test(link.request))
    rewrites = rewrites.filter((other) => other !== rewrite)
    link.status = rewrite?.status ?? null
    if (answer === undefined) return chunk
    answers = answers.filter((other) => other !== answer)
    link.dead = true
    link.server.destroy()
    // Let in what is left of the request: closing with unread bytes would be a reset, and the answer would be lost.
    link.browser.resume()
    link.browser.end(answer.bytes)
    return null
  }

  function departing(link: Link, sent: Buffer): Buffer | null {
    const chunk = link.status === null ? sent : withStatus(sent, link.status)
    link.status = null
    if (allowance === null || !allowance.match.test(link.request)) return chunk
    if (chunk.length <= allowance.left) {
      allowance.left -= chunk.length
      return chunk
    }
    const { left, kind } = allowance
    allowance = null
    if (left > 0) link.browser.write(chunk.subarray(0, left))
    if (kind === 'black-hole') {
      hole.shut()
      return chunk.subarray(left)
    }
    link.dead = true
    // What was written must have been read: libuv takes a reset on the heels of data for a clean end.
    setTimeout(() => sever(link, kind), 20)
    return null
  }

  function sever(link: Link, kind: 'fin' | 'rst'): void {
    link.dead = true
    link.server.destroy()
    if (kind === 'rst') {
      reset(link.browser)
      return
    }
    link.browser.resume()
    link.browser.end()
  }

  function severAll(kind: 'fin' | 'rst', match: RegExp): number {
    const hit = [...links].filter((link) => match.test(link.request))
    for (const link of hit) sever(link, kind)
    return hit.length
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    get connections() {
      return links.size
    },
    requests,
    open: (match = ANY) => [...links].filter((link) => !link.dead && link.request !== '' && match.test(link.request)).map((link) => link.request),
    cut: (match = ANY) => severAll('fin', match),
    rst: (match = ANY) => severAll('rst', match),
    blackHole: () => hole.shut(),
    refuse() {
      refusing = true
    },
    delay(ms) {
      delayMs = ms
    },
    throttle(rate) {
      bytesPerSecond = rate
    },
    buffer(bytes) {
      bufferBytes = bytes
    },
    budget(bytes, kind, match = ANY) {
      allowance = { left: bytes, kind, match }
    },
    answerNext(status, headers, body, match = ANY) {
      const head = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers, connection: 'close' })
      answers.push({ match, bytes: `HTTP/1.1 ${status} Answered by the proxy\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}` })
    },
    rewriteNext(status, match = ANY) {
      rewrites.push({ status, match })
    },
    get answersLeft() {
      return answers.length
    },
    heal() {
      refusing = false
      delayMs = 0
      bytesPerSecond = Infinity
      bufferBytes = 0
      allowance = null
      answers = []
      rewrites = []
      for (const link of links) letGo(link)
      hole.open()
    },
    async close() {
      hole.open()
      hole = createGate()
      for (const link of links) {
        link.dead = true
        link.browser.destroy()
        link.server.destroy()
      }
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function withStatus(chunk: Buffer, status: number): Buffer {
  return Buffer.from(chunk.toString('latin1').replace(STATUS_LINE, `HTTP/1.1 ${status} Rewritten by the proxy`), 'latin1')
}

/** A gate that stands open until it is shut; `passed` waits while it is shut. */
function createGate() {
  let waiting: { readonly done: Promise<void>; readonly open: () => void } | null = null
  return {
    passed: async (): Promise<void> => {
      while (waiting !== null) await waiting.done
    },
    shut() {
      if (waiting !== null) return
      let open = () => {}
      const done = new Promise<void>((resolve) => {
        open = resolve
      })
      waiting = { done, open }
    },
    open() {
      const held = waiting
      waiting = null
      held?.open()
    },
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** `resetAndDestroy` sends a FIN before the RST, which the other side may take for a clean end; its second half alone does not. */
function reset(socket: Socket & { resetAndClosing?: boolean }): void {
  socket.resetAndClosing = true
  socket.destroy()
}

/** Resets are this proxy's trade; 'close' follows and does what is needed. */
function ignoreReset(): void {}
