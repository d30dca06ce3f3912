import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Cursor, StreamFrame } from '../../../src/shared/protocol.ts'
import { createFetchTransport } from '../../../src/client/stream/fetch-transport.ts'
import { following } from '../../../src/client/stream/live.ts'
import { createStreams } from '../../../src/client/stream/streams.ts'
import { createRunCache } from '../../../src/client/stream/run-cache.ts'
import type { Closed } from '../../../src/client/stream/transport.ts'
import { covers } from '../../../src/shared/covers.ts'
import { encodeRun, recordRun } from '../../support/recorded-run.ts'
import { createHastyClock } from './hasty-clock.ts'
import { startMisfortuneServer } from './misfortunes.ts'
import type { MisfortuneServer } from './misfortunes.ts'
import { createScriptedLifecycle, createSpySink, silentLog } from './stream-page.ts'

const recorded = recordRun({ run: 'r', thread: 't', words: ['a', '👋🏽'] })
let server: MisfortuneServer

beforeAll(async () => {
  // What the library touches of a browser, even on its leash.
  vi.stubGlobal('window', { clearTimeout, setTimeout })
  vi.stubGlobal('document', { removeEventListener: () => {}, get hidden() { throw new Error('the library looked at visibility') } })
  server = await startMisfortuneServer(recorded)
})
afterAll(async () => {
  try {
    await server.close()
  } finally {
    vi.unstubAllGlobals()
  }
})

interface Seen {
  opened: number
  heard: number
  readonly frames: StreamFrame[]
  readonly closed: Closed[]
}

/** Opens one attempt and waits until it is closed. */
async function meet(misfortune: string, after: Cursor | null = null): Promise<Seen> {
  const seen: Seen = { opened: 0, heard: 0, frames: [], closed: [] }
  await new Promise<void>((resolve) => {
    createFetchTransport({ fetch, base: `${server.origin}/${misfortune}` }).open({ run: recorded.run, after }, {
      opened: () => void seen.opened++,
      heard: () => void seen.heard++,
      frame: (frame) => void seen.frames.push(frame),
      closed(why) {
        seen.closed.push(why)
        resolve()
      },
    })
  })
  await new Promise((resolve) => setImmediate(resolve))
  return seen
}

test('brings every frame of a stream, then says that it was closed, which is no end', async () => {
  const seen = await meet('whole')
  expect(seen.frames).toEqual(recorded.frames(0))
  expect(seen.closed.map((why) => why.kind)).toEqual(['lost'])
  expect(seen.opened).toBe(1)
  expect(seen.heard).toBeGreaterThan(0)
})

test.each<[string, Closed['kind'], number | undefined]>([
  ['no-content', 'exhausted', undefined],
  ['logged-out', 'unauthorized', undefined],
  ['forbidden', 'refused', undefined],
  ['missing', 'refused', undefined],
  ['gone', 'refused', undefined],
  ['bad-cursor', 'malformed', undefined],
  ['html', 'lost', undefined],
  ['untyped', 'lost', undefined],
  ['server-error', 'lost', undefined],
  ['bad-gateway', 'lost', undefined],
  ['retry-seconds', 'lost', 7_000],
  ['retry-date', 'lost', 9_000],
  ['retry-nonsense', 'lost', undefined],
  ['too-many', 'lost', 3_000],
  ['redirect', 'unauthorized', undefined],
  ['rst-before-headers', 'lost', undefined],
])('%s is told as %s, and its body is never parsed', async (misfortune, kind, retryAfterMs) => {
  const { closed, frames, opened } = await meet(misfortune)
  expect(closed).toHaveLength(1)
  expect(closed[0]?.kind).toBe(kind)
  expect(closed[0]?.kind === 'lost' ? closed[0].retryAfterMs : undefined).toBe(retryAfterMs)
  expect(frames).toEqual([])
  expect(opened).toBe(0)
})

test.each(['eof', 'rst'])('%s in the middle of a frame brings the whole frames before it and no half one', async (misfortune) => {
  const { frames, closed } = await meet(misfortune)
  expect(frames.length).toBeLessThan(recorded.events.length)
  expect(frames).toEqual(recorded.frames(0, frames.length))
  expect(closed.map((why) => why.kind)).toEqual(['lost'])
})

test.each(['comments', 'empty-messages', 'late-retry'])('%s change nothing', async (misfortune) => {
  const { frames, closed } = await meet(misfortune)
  expect(frames).toEqual(recorded.frames(0))
  expect(closed.map((why) => why.kind)).toEqual(['lost'])
})

test('what cannot be read closes the stream once, and nothing after it is handed on', async () => {
  const { frames, closed } = await meet('not-json')
  expect(frames).toEqual([])
  expect(closed.map((why) => why.kind)).toEqual(['malformed'])
})

test('kinds of a newer server take up their seq, or are passed over', async () => {
  const { frames } = await meet('unknown')
  expect(frames).toEqual([{ type: 'skipped', cursor: { incarnation: 'inc1', seq: 1 } }])
})

test('a server that nobody runs is a loss', async () => {
  const gone = await startMisfortuneServer(recorded)
  await gone.close()
  const closed = await new Promise<Closed>((resolve) => {
    createFetchTransport({ fetch, base: gone.origin }).open({ run: recorded.run, after: null }, { opened() {}, heard() {}, frame() {}, closed: resolve })
  })
  expect(closed.kind).toBe('lost')
})

test('nothing is heard of an attempt after it was aborted', async () => {
  const calls: string[] = []
  let opened: () => void = () => {}
  const open = new Promise<void>((resolve) => { opened = resolve })
  const abort = createFetchTransport({ fetch, base: `${server.origin}/silent` }).open({ run: recorded.run, after: null }, {
    opened() {
      calls.push('opened')
      opened()
    },
    heard: () => void calls.push('heard'),
    frame: () => void calls.push('frame'),
    closed: () => void calls.push('closed'),
  })
  expect(calls).toEqual([])
  await open
  abort()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(calls).toEqual(['opened'])
})

test('an attempt aborted at once never leaves the page', async () => {
  const sent = vi.fn<typeof fetch>()
  createFetchTransport({ fetch: sent }).open({ run: recorded.run, after: null }, { opened() {}, heard() {}, frame() {}, closed() {} })()
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent).not.toHaveBeenCalled()
})

const EDGE = 12

/** Hands on the body one byte at a time: the bytes around a cut, on either side of it; with `all`, every one. */
function byteByByte(all = false): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    const bytes = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const head = all ? chunk.length : Math.min(EDGE, chunk.length)
        const tail = Math.max(head, chunk.length - EDGE)
        for (let at = 0; at < head; at++) controller.enqueue(chunk.slice(at, at + 1))
        if (tail > head) controller.enqueue(chunk.slice(head, tail))
        for (let at = tail; at < chunk.length; at++) controller.enqueue(chunk.slice(at, at + 1))
      },
    })
    return new Response(response.body?.pipeThrough(bytes) ?? null, { status: response.status, headers: response.headers })
  }
}

test.each(['lf', 'crlf'])('a whole run may come one byte at a time (%s)', async (lines) => {
  expect(await survivesCut(`${lines}/fin`, 700, byteByByte(true))).toBeNull()
})

let followers = 0

/** Follows the recorded run over a stream that is cut at `offset` once. Answers with what went wrong, or null. */
function survivesCut(path: string, offset: number, send: typeof fetch): Promise<string | null> {
  return new Promise((resolve) => {
    const sink = createSpySink()
    const api = {
      getRun: () => Promise.resolve(recorded.row()),
      messages: () => Promise.resolve({ messages: [...recorded.messages()], runs: [], activeRun: null, before: null }),
      cancelRun: () => Promise.resolve(recorded.row()),
    }
    const streams = createStreams({
      createFollower: following({ transport: createFetchTransport({ fetch: send, base: `${server.origin}/cut/${offset}/${path}/${followers++}` }), api }),
      api,
      sink: {
        ...sink,
        finalize(token, finale) {
          sink.finalize(token, finale)
          resolve(judge(offset, sink.said))
        },
      },
      clock: createHastyClock(),
      random: () => 0,
      lifecycle: createScriptedLifecycle(),
      log: silentLog,
      cache: createRunCache(() => ({ getItem: () => null, setItem() {}, removeItem() {} })),
    })
    streams.follow(recorded.thread, recorded.run, null)
  })
}

const whole = plain(recorded.transcript())

function judge(offset: number, said: ReturnType<typeof createSpySink>['said']): string | null {
  let seq = 0
  for (const one of said) {
    if (one.kind === 'finale') {
      if (one.finale.kind !== 'settled') return `offset ${offset}: ${one.finale.kind}`
    } else if (one.kind === 'events') {
      const { transcript, cursor } = one.live
      if (cursor.seq <= seq || transcript.lastSeq !== cursor.seq) return `offset ${offset}: seq ${cursor.seq} was shown after ${seq}`
      if (!covers(recorded.messages(), transcript.messages)) return `offset ${offset}: what was shown at ${cursor.seq} is no prefix`
      seq = cursor.seq
    }
  }
  const last = said.findLast((one) => one.kind === 'events')
  return isDeepStrictEqual(plain(last?.live.transcript), whole) ? null : `offset ${offset}: the text is not the journal's`
}

/** As it would be after a journey: without fields that are undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

test.each([
  ['LF, RST', 'lf/rst', fetch],
  ['CRLF, FIN', 'crlf/fin', fetch],
  ['CRLF in one-byte chunks, RST', 'crlf/rst', byteByByte()],
])('a cut at every byte loses nothing and doubles nothing (%s)', { timeout: 300_000 }, async (name, path, send) => {
  const text = encodeRun(recorded, 0)
  const length = Buffer.byteLength(path.startsWith('crlf') ? text.replaceAll('\n', '\r\n') : text)
  const offsets = Array.from({ length: length + 1 }, (_, offset) => offset)
  const wrong: string[] = []
  const began = Date.now()
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (let offset = offsets.pop(); offset !== undefined; offset = offsets.pop()) {
      const fault = await survivesCut(path, offset, send)
      if (fault !== null) wrong.push(fault)
    }
  }))
  console.info(`${name}: ${length + 1} offsets in ${Date.now() - began} ms`)
  expect(wrong).toEqual([])
})
