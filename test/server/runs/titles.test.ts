import { afterEach, describe, expect, test } from 'vitest'
import type { Agent } from '../../../src/server/agents/agent.ts'
import { titleFor } from '../../../src/server/agents/demo/title.ts'
import { tidyTitle } from '../../../src/server/runs/titles.ts'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { silentLog } from '../../../src/server/log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import { createTestServer, newThread } from '../../support/test-server.ts'
import type { TestServer } from '../../support/test-server.ts'
import { until } from '../../support/until.ts'

const servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.app.drain()
})

interface Told {
  readonly said: string
  answer(title: string): void
  refuse(error: Error): void
  readonly signal: AbortSignal
}

/** A server whose agent answers at once, and whose titles a test gives. */
function setUp(storage = createMemoryStorage(), clock = createManualClock()) {
  const asked: Told[] = []
  const warnings: object[] = []
  const agent: Agent = {
    ...createScriptedAgent(async function* answer() { yield* says('An answer') }),
    title: ({ messages }, signal) => new Promise((answer, refuse) => {
      signal.addEventListener('abort', () => refuse(signal.reason as Error))
      asked.push({ said: JSON.stringify(messages), answer, refuse, signal })
    }),
  }
  const server = createTestServer(storage, agent, { clock, log: { ...silentLog, warn: (details: object) => { warnings.push(details) } } as typeof silentLog })
  servers.push(server)
  const thread = newThread()
  return {
    asked, warnings, server, storage, clock, thread,
    title: async () => (await server.thread(thread)).title,
    say: async (words: string) => server.settled((await server.send(thread, words)).id),
    next: (count = 1) => until('the agent is asked for a title', () => asked[count - 1] ?? null),
    becomes: (title: string) => until(`the title becomes ${title}`, async () => ((await server.thread(thread)).title === title ? true : null)),
  }
}

describe('a title by the agent', () => {
  test('comes after the first exchange, out of both its halves, and is asked for once, restart or not', async () => {
    const one = setUp()
    await one.say('When is high water?')
    const asked = await one.next()
    expect(await one.title()).toBe('When is high water?')
    expect(asked.said).toContain('When is high water?')
    expect(asked.said).toContain('An answer')
    asked.answer('“High water”')
    await one.becomes('High water')
    await one.say('And low water?')
    const again = setUp(one.storage)
    await again.server.settled((await again.server.send(one.thread, 'Once more')).id)
    await again.server.app.drain()
    await one.server.app.drain()
    expect([one.asked.length, again.asked.length]).toEqual([1, 0])
    expect((await again.server.thread(one.thread)).title).toBe('High water')
  })

  test('never takes the place of a name that a person gave, not even one given meanwhile', async () => {
    const one = setUp()
    await one.say('Hi')
    const asked = await one.next()
    await one.server.request('PATCH', `/api/threads/${one.thread}`, { title: 'Mine' })
    asked.answer('Its own')
    await one.server.app.drain()
    expect(await one.title()).toBe('Mine')
  })

  test('that fails, or does not come in time, is only logged', async () => {
    const one = setUp()
    await one.say('Hi')
    ;(await one.next()).refuse(new Error('The provider is out.'))
    await until('it is logged', () => one.warnings[0] ?? null)
    expect(one.warnings).toMatchObject([{ thread: one.thread, err: { message: 'The provider is out.' } }])
    expect(await one.title()).toBe('Hi')
    const two = setUp()
    await two.say('Hello')
    const asked = await two.next()
    await two.clock.advance(30_000)
    await until('it is logged', () => two.warnings[0] ?? null)
    expect(asked.signal.aborted).toBe(true)
    expect(await two.title()).toBe('Hello')
  })

  test('does not hold up a server that goes down', async () => {
    const one = setUp()
    await one.say('Hi')
    const asked = await one.next()
    await one.server.app.drain()
    expect(asked.signal.aborted).toBe(true)
  })
})

describe('tidying a title', () => {
  test.each([
    ['Tides of Brest', 'Tides of Brest'],
    ['"Tides of Brest."', 'Tides of Brest'],
    ['**Title: Tides of Brest**', 'Tides of Brest'],
    ['\n\n# Tides\nof Brest', 'Tides'],
    ['「潮」', '「潮」'],
    ['What now?', 'What now?'],
    ['And so on...', 'And so on...'],
    ['', null],
    ['---\n***', null],
    ['A title that goes on and on although it was asked to be short, as some are', 'A title that goes on and on although it was asked to be…'],
    ['x'.repeat(80), `${'x'.repeat(59)}…`],
  ])('%j becomes %j', (said, title) => expect(tidyTitle(said)).toBe(title))
})

describe('the demo’s titles', () => {
  test.each([
    ['Show me every kind of markdown', 'A tour of markdown'],
    ['Use your tools: what is (12.5*7)^2?', 'Calculation: (12.5*7)^2'],
    ['Could you please tell me how this began?', 'How this began'],
    ['tides', 'Tides'],
  ])('%j is called %j', (question, title) => expect(titleFor(question)).toBe(title))
})
