/**
 * A network in virtual time between pages and a server that may be gone: it delays, cuts, swallows, loses answers and answers with a proxy's
 * own words. A connection is a request and its answer; nothing is delivered twice or out of order, for TCP does not.
 */
import type { ManualClock } from '../manual-clock.ts'
import type { FaultKind, Weather } from './weather.ts'

/** What a page's next plain answer becomes on its way. `lost`: the server has done what it was asked, and nobody hears. */
export type AnswerFault = 'lost' | 'unsent' | 502 | 503 | 'html'

export type Answer = (request: Request) => Response | Promise<Response>

export interface Network {
  /** `fetch` of one page. */
  fetchFor(page: string): typeof fetch
  /** Who answers from now on; null: nobody listens, connections are refused. */
  serve(answer: Answer | null): void
  /** This one is dead: what it still has open is reset. */
  reset(answer: Answer): void
  /** Ends all open streams of a page, after up to `bytes` more. `fin` looks like a proper end. */
  cut(page: string, how: 'fin' | 'rst', bytes: number): void
  /** For `ms` nothing gets through to or from the page, and nobody is told. */
  swallow(page: string, ms: number): void
  /** The page's next plain request meets this fault. */
  spoil(page: string, fault: AnswerFault): void
  /** The page is gone: what it has open is closed, what comes for it is dropped. */
  leave(page: string): void
  /** No fault is left: what was asked for and did not happen yet never will. */
  clear(): void
  /** Connections that are open. */
  open(): number
}

interface Line {
  readonly page: string
  /** Streams are cut and swallowed; plain answers are spoiled. */
  stream: boolean
  fail(error: Error): void
  end(): void
  /** The process at the other end. */
  peer: Answer | null
  over: boolean
  /** Bytes that still get through; then `fail` or `end`. */
  budget: { bytes: number; readonly how: 'fin' | 'rst' } | null
}

const LATENCY_MS = 4
const REQUEST_TIMEOUT_MS = 30_000

const FIRST_BYTES = 800
const answerFaults: readonly AnswerFault[] = ['lost', 'lost', 'unsent', 502, 503, 'html']
const nameOf = (fault: AnswerFault): FaultKind => (fault === 'lost' ? 'answer lost' : fault === 'unsent' ? 'request lost' : 'answer of a proxy')

export function createNetwork(clock: ManualClock, random: () => number, weather: Weather): Network {
  let serving: Answer | null = null
  const lines = new Set<Line>()
  const swallowedUntil = new Map<string, number>()
  const spoiled = new Map<string, AnswerFault[]>()
  const left = new Set<string>()
  const wait = (ms: number) => new Promise<void>((resolve) => { clock.after(ms, resolve) })
  const travel = () => wait(random() * LATENCY_MS)
  const isSwallowed = (page: string) => (swallowedUntil.get(page) ?? 0) > clock.now()
  const refused = () => new TypeError('Failed to fetch')

  async function through(page: string): Promise<void> {
    await travel()
    const until = swallowedUntil.get(page) ?? 0
    if (until <= clock.now()) return
    // TCP sends again for a while: a short hole is a delay, a long one an end.
    const late = until - clock.now()
    await wait(Math.min(late, REQUEST_TIMEOUT_MS))
    if (late > REQUEST_TIMEOUT_MS) throw refused()
  }

  function faultOf(page: string): AnswerFault | undefined {
    const wanted = spoiled.get(page)?.shift()
    if (wanted !== undefined || !weather.strikes('answer')) return wanted
    return answerFaults[Math.floor(random() * answerFaults.length)]
  }

  async function ask(page: string, request: Request, line: Line): Promise<Response> {
    const fault = /\/stream|\/feed/.test(request.url) ? undefined : faultOf(page)
    if (fault !== undefined) weather.count(nameOf(fault))
    await through(page)
    if (fault === 'unsent' || serving === null) throw refused()
    if (fault === 502 || fault === 503) return new Response('upstream', { status: fault, headers: fault === 503 ? { 'retry-after': '1' } : {} })
    if (fault === 'html') return new Response('<html>portal</html>', { headers: { 'content-type': 'text/html' } })
    line.peer = serving
    const answer = await serving(request)
    await through(page)
    if (fault === 'lost') throw refused()
    if (answer.body === null || !/event-stream/.test(answer.headers.get('content-type') ?? '')) return answer
    line.stream = true
    if (weather.strikes('cut')) line.budget = { bytes: Math.floor(random() * FIRST_BYTES), how: random() < 0.5 ? 'fin' : 'rst' }
    return new Response(carry(page, answer.body, line), { status: answer.status, headers: answer.headers })
  }

  /** Bytes as they come over the wire: in pieces that fall where they fall. */
  function carry(page: string, body: ReadableStream<Uint8Array>, line: Line): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    const stop = () => void reader.cancel().catch(() => undefined)
    return new ReadableStream<Uint8Array>({
      start(controller) {
        const finish = (act: () => void) => {
          if (line.over) return
          line.over = true
          stop()
          act()
        }
        line.fail = (error) => finish(() => controller.error(error))
        line.end = () => finish(() => controller.close())
        const pump = async () => {
          for (;;) {
            const { done, value } = await reader.read()
            while (isSwallowed(page) && !line.over) await wait((swallowedUntil.get(page) ?? 0) - clock.now())
            if (line.over) return
            if (done) return line.end()
            if (weather.strikes('hole')) swallow(page, random() < 0.97 ? random() * 800 : random() * 60_000)
            await travel()
            deliver(value)
          }
        }
        const deliver = (value: Uint8Array) => {
          const given = line.budget === null ? value : value.subarray(0, line.budget.bytes)
          if (line.over) return
          const at = Math.floor(random() * given.length)
          for (const piece of [given.subarray(0, at), given.subarray(at)]) if (piece.length > 0) controller.enqueue(piece.slice())
          if (line.budget === null) return
          line.budget.bytes -= given.length
          if (line.budget.bytes <= 0) cutNow(line, line.budget.how)
        }
        pump().catch((error: unknown) => line.fail(error instanceof Error ? error : refused()))
      },
      cancel: stop,
    })
  }

  function cutNow(line: Line, how: 'fin' | 'rst'): void {
    weather.count('stream cut')
    if (how === 'fin') line.end()
    else line.fail(new TypeError('network error'))
  }

  function swallow(page: string, ms: number): void {
    weather.count('bytes held up')
    swallowedUntil.set(page, clock.now() + ms)
  }

  return {
    fetchFor: (page) => (input, init) => new Promise<Response>((resolve, reject) => {
      const signal = init?.signal ?? null
      const line: Line = { page, stream: false, fail: reject, end: () => reject(refused()), budget: null, peer: null, over: false }
      lines.add(line)
      signal?.addEventListener('abort', () => {
        lines.delete(line)
        line.fail(signal.reason instanceof Error ? signal.reason : refused())
      })
      const headers = { host: 'localhost:8484', ...Object.fromEntries(new Headers(init?.headers)) }
      const request = new Request(`http://localhost:8484${String(input)}`, { method: init?.method ?? 'GET', headers, ...(init?.body === undefined || init.body === null ? {} : { body: init.body }) })
      ask(page, request, line).then(
        (answer) => { if (!left.has(page)) resolve(answer) },
        (error: unknown) => { if (!left.has(page)) reject(error as Error) },
      ).finally(() => { if (!line.stream) lines.delete(line) })
    }),
    serve: (answer) => { serving = answer },
    reset(answer) {
      if (serving === answer) serving = null
      for (const line of [...lines]) {
        if (line.peer !== answer) continue
        lines.delete(line)
        line.fail(new TypeError('connection reset'))
      }
    },
    cut(page, how, bytes) {
      for (const line of lines) {
        if (line.page !== page || !line.stream || line.over) continue
        if (bytes === 0) cutNow(line, how)
        else line.budget = { bytes, how }
      }
    },
    swallow(page, ms) {
      if ([...lines].some((line) => line.page === page && !line.over)) swallow(page, ms)
    },
    spoil: (page, fault) => void spoiled.set(page, [...(spoiled.get(page) ?? []), fault]),
    leave(page) {
      left.add(page)
      for (const line of [...lines]) {
        if (line.page !== page) continue
        lines.delete(line)
        line.fail(refused())
      }
    },
    clear() {
      spoiled.clear()
      swallowedUntil.clear()
      for (const line of lines) line.budget = null
    },
    open: () => lines.size,
  }
}
