/** The browser's half against the server's: streams, feed and plain requests over the real app, with a network that cuts. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { MessageId } from '../../../src/shared/ids.ts'
import type { FeedEvent, Run, Thread } from '../../../src/shared/protocol.ts'
import { covers } from '../../../src/shared/covers.ts'
import { createFetchApi } from '../../../src/client/api/fetch-api.ts'
import { createFeed } from '../../../src/client/stream/feed.ts'
import { createFetchFeedTransport, createFetchTransport } from '../../../src/client/stream/fetch-transport.ts'
import { createRunCache } from '../../../src/client/stream/run-cache.ts'
import { following } from '../../../src/client/stream/live.ts'
import { createStreams } from '../../../src/client/stream/streams.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import type { AgentScript } from '../../support/scripted-agent.ts'
import { createTestServer, newThread } from '../../support/test-server.ts'
import { until } from '../../support/until.ts'
import { createHastyClock } from './hasty-clock.ts'
import { createScriptedLifecycle, createSpySink, silentLog } from './stream-page.ts'

function started(answer: Run | Thread): Run {
  if ('queue' in answer) throw new Error('the message waits')
  return answer
}

beforeAll(() => {
  vi.stubGlobal('window', { clearTimeout, setTimeout })
  vi.stubGlobal('document', { removeEventListener: () => {} })
})
afterAll(() => void vi.unstubAllGlobals())

const HOST = 'http://localhost:8484'

/** `fetch` without a network: straight into the app. Streams are cut after `cutEvery` bytes, each a little later than the one before. */
function createPage(script: AgentScript, cutEvery = Number.POSITIVE_INFINITY) {
  let budget = cutEvery
  const storage = createMemoryStorage()
  const server = createTestServer(storage, createScriptedAgent(script))
  const send: typeof fetch = async (input, init) => {
    const answer = await server.app.fetch(new Request(`${HOST}${String(input)}`, { ...init, headers: { host: 'localhost:8484', ...Object.fromEntries(new Headers(init?.headers)) } }))
    if (answer.body === null || !/event-stream/.test(answer.headers.get('content-type') ?? '')) return answer
    let left = budget
    budget += 200 // else a snapshot that is longer than every connection would never come through
    const cutting = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.slice(0, left))
        left -= chunk.length
        if (left <= 0) controller.error(new TypeError('cut'))
      },
    })
    const body = answer.body.pipeThrough(cutting, init?.signal === null || init?.signal === undefined ? {} : { signal: init.signal })
    return new Response(body, { status: answer.status, headers: answer.headers })
  }
  const api = createFetchApi({ fetch: send })
  const sink = createSpySink()
  const clock = createHastyClock()
  const lifecycle = createScriptedLifecycle()
  const streams = createStreams({
    createFollower: following({ transport: createFetchTransport({ fetch: send }), api }), api, sink, clock, random: () => 0, lifecycle, log: silentLog,
    cache: createRunCache(() => ({ getItem: () => null, setItem() {}, removeItem() {} })),
  })
  const views = () => sink.said.flatMap((one) => (one.kind === 'events' ? [one.live] : []))
  const finale = () => sink.said.find((one) => one.kind === 'finale')?.finale ?? null
  return { server, send, api, streams, sink, clock, lifecycle, views, finale }
}

const ask = (text: string) => ({ message: { id: newThread() as string as MessageId, parts: [{ kind: 'text' as const, text }] } })
const words = Array.from({ length: 40 }, (_, index) => `word ${index} 👋🏽 `)

test.each([['whole', Number.POSITIVE_INFINITY], ['cut every 1500 bytes', 1_500], ['cut every 300 bytes', 300]])(
  'an answer reaches the page and is settled with what was shown (connections %s)',
  async (_name, cutEvery) => {
    const page = createPage(async function* () {
      await Promise.resolve()
      yield* says(...words)
    }, cutEvery)
    try {
      const run = started(await page.api.startRun(newThread(), ask('Go')))
      page.streams.follow(run.thread, run.id, null)
      const finale = await until('the run settles', () => page.finale())
      if (finale.kind !== 'settled') throw new Error(finale.kind)
      const shown = page.views().at(-1)?.transcript
      expect(covers(finale.messages, shown?.messages ?? [])).toBe(true)
      expect(JSON.stringify(shown?.messages.at(-1)?.parts)).toContain(words.at(-1))
      for (const view of page.views()) expect(covers(finale.messages, view.transcript.messages)).toBe(true)
    } finally {
      page.streams.dispose()
      await page.server.app.drain()
    }
  },
)

test('Stop ends the run in the middle, and what was shown stays', async () => {
  const page = createPage(async function* (_input, { signal }) {
    yield { type: 'part.started', part: 'answer', kind: 'text' }
    yield { type: 'part.delta', part: 'answer', text: 'Hello wor' }
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  })
  try {
    const run = started(await page.api.startRun(newThread(), ask('Go')))
    page.streams.follow(run.thread, run.id, null)
    await until('text is shown', () => (JSON.stringify(page.views().at(-1) ?? null).includes('Hello wor') ? true : null))
    await page.streams.stop(run.id)
    const finale = await until('the run settles', () => page.finale())
    if (finale.kind !== 'settled') throw new Error(finale.kind)
    expect(finale.run.outcome).toBe('cancelled')
    expect(JSON.stringify(finale.messages)).toContain('Hello wor')
  } finally {
    page.streams.dispose()
    await page.server.app.drain()
  }
})

test('the feed tells of a run from its start to its end', async () => {
  const page = createPage(async function* () {
    await Promise.resolve()
    yield* says('Hi')
  })
  const events: FeedEvent[] = []
  const feed = createFeed({
    transport: createFetchFeedTransport({ fetch: page.send }), locks: null, openChannel: null, clock: page.clock, random: () => 0, lifecycle: page.lifecycle, log: silentLog,
    onEvent: (event) => void events.push(event), onStatus() {},
  })
  try {
    await until('the snapshot is there', () => events[0] ?? null)
    const run = started(await page.api.startRun(newThread(), ask('Go')))
    await until('the end is told', () => events.find((event) => event.type === 'run.changed' && event.run.id === run.id && event.run.settled) ?? null)
    expect(events[0]?.type).toBe('snapshot')
    expect(events.some((event) => event.type === 'thread.changed' && event.thread.id === run.thread)).toBe(true)
  } finally {
    feed.close()
    page.streams.dispose()
    await page.server.app.drain()
  }
})
