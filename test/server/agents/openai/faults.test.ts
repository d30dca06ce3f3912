import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOpenAIAgent } from '../../../../src/server/agents/openai/openai-agent.ts'
import type { OpenAIOptions } from '../../../../src/server/agents/openai/openai-agent.ts'
import { AgentError } from '../../../../src/server/agents/agent.ts'
import { createManualClock, settlePromises } from '../../../support/manual-clock.ts'
import type { ManualClock } from '../../../support/manual-clock.ts'
import {
  createScriptedProvider, done, emptyAnswer, eof, errorStatus, finish, halfJson, raw, reasoning, reset, stall, status, text, toolCall,
} from '../../../support/scripted-provider.ts'
import type { ProviderStep, ScriptedProvider } from '../../../support/scripted-provider.ts'
import { ask, contextFor, partsOf, play, textOf } from '../conformance.ts'
import type { Played, Stage } from '../conformance.ts'

const KEY = 'sk-test-0123456789abcdef'
let provider: ScriptedProvider
let clock: ManualClock

beforeEach(async () => {
  provider = await createScriptedProvider()
  clock = createManualClock()
})
afterEach(() => provider.close())

function stage(options: Partial<OpenAIOptions> = {}): Stage {
  return {
    agent: createOpenAIAgent({ baseUrl: provider.url, apiKey: KEY, model: 'scripted-model', clock, random: () => 0, ...options }),
    input: ask('Hi'),
    leftovers: () => 0,
    close: () => Promise.resolve(),
  }
}

/**
 * A stage on which a wait before another try passes at once. A try that is under way is given all the time of the machine:
 * were the clock wound on meanwhile, a slow machine would find the provider silent for too long.
 */
function waitedOut(): Stage {
  const LONGEST_WAIT_MS = 10_000
  return { ...stage(), pump: () => (clock.untilNext() <= LONGEST_WAIT_MS ? clock.advance(clock.untilNext()) : settlePromises()) }
}

async function answerTo(steps: ProviderStep[], options: Partial<OpenAIOptions> = {}): Promise<Played & { failure: AgentError | null }> {
  provider.script([steps])
  const played = await play(stage(options))
  expect(clock.pending()).toBe(0)
  return { ...played, failure: played.error instanceof AgentError ? played.error : null }
}

describe('a provider that fails', () => {
  it.each<[string, ProviderStep[], { code: string; message: RegExp; retryable?: boolean }]>([
    ['ends the stream without a finish', [text('Hel'), eof()], { code: 'provider_closed', message: /closed the stream/ }],
    ['ends an empty stream', [eof()], { code: 'provider_closed', message: /closed the stream/ }],
    ['resets the connection mid-answer', [text('Hel'), reset()], { code: 'provider_closed', message: /closed the stream.*\(/ }],
    ['sends half a JSON', [text('Hel'), halfJson(), finish()], { code: 'bad_response', message: /not valid JSON/ }],
    ['sends a chunk of another format', [text('Hel'), raw('data: {"choices":"none"}\n\n'), finish()], { code: 'bad_response', message: /not in the format/ }],
    ['reports an error inside the stream', [text('Hel'), raw('data: {"error":{"message":"overloaded","code":503}}\n\n'), eof()], { code: 'provider_error', message: /\(503\): overloaded$/ }],
    ['reports an error as bare text', [text('Hel'), raw('data: {"error":"out of memory"}\n\n'), eof()], { code: 'provider_error', message: /out of memory/ }],
    ['reports a limit inside the stream', [raw('data: {"error":{"message":"slow down","code":"rate_limit_exceeded"}}\n\n'), eof()], { code: 'rate_limited', message: /slow down/ }],
    ['refuses the key', [errorStatus(401, `Incorrect API key provided: ${KEY}`)], { code: 'unauthorised', message: /refused the key: set OPENAI_API_KEY/, retryable: false }],
    ['does not know the model', [errorStatus(404, 'The model does not exist', {}, 'model_not_found')], { code: 'unknown_model', message: /"scripted-model".*does not exist.*OPENAI_MODEL/, retryable: false }],
    ['does not know the model, in the words of Ollama', [status(404, {}, { error: { message: 'model "scripted-model" not found, try pulling it first' } })], { code: 'unknown_model', message: /try pulling it first/ }],
    ['has nothing at this address', [status(404, {}, '404 page not found')], { code: 'provider_error', message: /404 page not found.*\/v1/ }],
    ['refuses the request in its own words', [errorStatus(400, 'context length exceeded')], { code: 'provider_error', message: /400: context length exceeded/ }],
    ['refuses in a shape of its own', [status(422, {}, { detail: 'no such thing' })], { code: 'provider_error', message: /422: no such thing/ }],
    ['has run out of quota for good', [errorStatus(429, 'You exceeded your current quota', {}, 'insufficient_quota')], { code: 'rate_limited', message: /429.*current quota/ }],
    ['asks for more patience than we have', [errorStatus(429, 'come back tomorrow', { 'retry-after': '86400' })], { code: 'rate_limited', message: /come back tomorrow/ }],
    ['answers with a web page', [status(200, { 'content-type': 'text/html' }, '<html>')], { code: 'bad_response', message: /web page.*OPENAI_BASE_URL/ }],
    ['redirects', [status(302, { location: 'https://example.org/' }, '')], { code: 'provider_error', message: /another address.*OPENAI_BASE_URL/ }],
    ['does not stream', [status(200, {}, { choices: [] })], { code: 'bad_response', message: /did not stream/ }],
    ['answers 200 with an error', [status(200, {}, { error: { message: 'model is loading' } })], { code: 'provider_error', message: /model is loading/ }],
  ])('%s: the run fails with a name', async (_title, steps, { code, message, retryable = code !== 'unknown_model' }) => {
    const { failure, events } = await answerTo(steps)
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) as string })
    if (code !== 'unknown_model') expect(failure?.retryable).toBe(retryable)
    expect(failure?.message).not.toContain(KEY)
    expect(partsOf(events).every((part) => part.state === 'open'), 'what was cut off is not called done').toBe(true)
    if (steps[0]?.do === 'text') expect(textOf(events)).toBe('Hel')
    expect(provider.requests).toHaveLength(1)
  })

  it('says where it looked when nobody listens there', async () => {
    await provider.close()
    const { failure } = await answerTo([])
    expect(failure).toMatchObject({ code: 'provider_error', message: expect.stringMatching(/^The provider at 127\.0\.0\.1:\d+ could not be reached \(ECONNREFUSED\)\. Is it running\?$/) as string })
    provider = await createScriptedProvider()
  })

  it('never shows the key, nor more than a few lines', async () => {
    const { failure } = await answerTo([errorStatus(400, `Bearer ${KEY} ${KEY} sk-other-abcdefgh ${'x'.repeat(5000)}\n\u001b[31m`)])
    expect(failure?.message).not.toMatch(/sk-/)
    expect(failure?.message).toContain('[key]')
    expect(failure?.message.length).toBeLessThan(600)
    expect(failure?.message).not.toMatch(/\p{Cc}/u)
  })

  it('keeps every whole chunk that came before the fault, wherever it strikes', async () => {
    const whole: ProviderStep[] = [reasoning('Hm', '. '), text('a', '😀', 'b'), toolCall('calculator', ['{"expr', 'ession":"1+1"}'])]
    const chunks = whole.flatMap((step): ProviderStep[] =>
      step.do === 'text' ? step.deltas.map((delta) => text(delta)) : step.do === 'reasoning' ? step.deltas.map((delta) => reasoning(delta)) : [step])
    for (const fault of [eof(), halfJson(), raw('data: {"error":{"message":"broken"}}\n\n')]) {
      for (let n = 0; n <= chunks.length; n++) {
        const { failure, events } = await answerTo([...chunks.slice(0, n), fault, eof()])
        expect(failure, `${fault.do} after ${n} chunks`).not.toBeNull()
        const said = partsOf(events).map((part) => part.text + part.input).join('')
        expect(said).toBe(['', 'Hm', 'Hm. ', 'Hm. a', 'Hm. a😀', 'Hm. a😀b', 'Hm. a😀b{"expression":"1+1"}'][n])
        expect(partsOf(events).at(-1)?.state ?? 'open').toBe('open')
      }
    }
  })

  it('is given up after a silence, and told so', async () => {
    provider.script([[text('Hel'), stall()]])
    const abort = new AbortController()
    const { agent, input } = stage({ idleMs: 120_000 })
    const iterator = agent.run(input, contextFor(abort.signal))[Symbol.asyncIterator]()
    for (;;) {
      const { value } = await iterator.next()
      if (value?.type === 'part.delta') break
    }
    const next = iterator.next()
    next.catch(() => undefined)
    await vi.waitFor(() => expect(clock.pending()).toBe(1))
    await clock.advance(119_000)
    expect(clock.pending()).toBe(1)
    await clock.advance(1_000)
    await expect(next).rejects.toMatchObject({ code: 'idle', message: expect.stringContaining('silent for 120 s') as string })
    await provider.calls[0]?.aborted
  })

  it('that never sends its headers is given up too', async () => {
    provider.script([[stall()]])
    const { agent, input } = stage({ idleMs: 5_000 })
    const next = agent.run(input, contextFor(new AbortController().signal))[Symbol.asyncIterator]().next()
    next.catch(() => undefined)
    await vi.waitFor(() => expect(provider.calls).toHaveLength(1))
    await clock.advance(5_000)
    await expect(next).rejects.toMatchObject({ code: 'idle' })
  })

  it('that never comes to an end is cut off after an hour', async () => {
    provider.script(() => null)
    const { agent, input } = stage({ idleMs: 2 * 60 * 60_000 })
    const iterator = agent.run(input, contextFor(new AbortController().signal))[Symbol.asyncIterator]()
    const first = iterator.next()
    const call = await provider.nextCall()
    call.text('a')
    await first
    await iterator.next()
    await iterator.next()
    const next = iterator.next()
    next.catch(() => undefined)
    await vi.waitFor(() => expect(clock.pending()).toBe(1))
    await clock.advance(61 * 60_000)
    call.text('b')
    await expect(next).rejects.toMatchObject({ code: 'provider_error', message: expect.stringContaining('60 minutes') as string })
  })

  it('that sends without measure is cut off after 64 MB', async () => {
    const comment = Buffer.from(`: ${'x'.repeat(1024 * 1024)}\n\n`)
    provider.script([Array.from({ length: 66 }, () => raw(comment))])
    const { agent, input } = stage({ idleMs: 60_000 })
    const next = agent.run(input, contextFor(new AbortController().signal))[Symbol.asyncIterator]().next()
    await expect(next).rejects.toMatchObject({ code: 'provider_error', message: expect.stringContaining('more than 64 MB') as string })
  })

  it('keeps a slow reader’s connection: only waiting for the provider counts as silence', async () => {
    provider.script([[text('Hel', 'lo'), finish()]])
    const { agent, input } = stage({ idleMs: 1_000 })
    const said = []
    for await (const event of agent.run(input, contextFor(new AbortController().signal))) {
      if (event.type === 'part.delta') {
        said.push(event.text)
        await vi.waitFor(() => expect(provider.openCalls()).toBe(0))
        await new Promise((resolve) => setImmediate(resolve))
        await clock.advance(10_000)
      }
    }
    expect(said).toEqual(['Hel', 'lo'])
  })
})

describe('a provider with its own ways', () => {
  it('may end with [DONE] alone', async () => {
    const { error, events } = await answerTo([text('Hel', 'lo'), done()])
    expect(error).toBeNull()
    expect(partsOf(events)).toMatchObject([{ text: 'Hello', state: 'done' }])
  })

  it('may not end with [DONE] alone while a tool waits', async () => {
    const { failure } = await answerTo([toolCall('calculator', ['{"expression":"1+1"}']), done()])
    expect(failure?.code).toBe('provider_closed')
  })

  it('may finish without [DONE]', async () => {
    const { error, events } = await answerTo([text('Hello'), raw('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'), eof()])
    expect(error).toBeNull()
    expect(textOf(events)).toBe('Hello')
  })

  it('may not feign [DONE] in its text', async () => {
    const { failure } = await answerTo([text('\ndata: [DONE]\n'), eof()])
    expect(failure?.code).toBe('provider_closed')
  })

  it('may send comments, pings and events nobody knows', async () => {
    const { error, events } = await answerTo([raw(': OPENROUTER PROCESSING\n\n'), text('Hel'), raw('event: ping\ndata: {"type":"ping"}\n\n'), text('lo'), finish()])
    expect(error).toBeNull()
    expect(textOf(events)).toBe('Hello')
  })

  it('may answer nothing: that is for the server to judge', async () => {
    const { error, events } = await answerTo(emptyAnswer())
    expect(error).toBeNull()
    expect(events.every((event) => event.type === 'used')).toBe(true)
  })

  it('may have no tools: the question is asked again without them, and told', async () => {
    provider.script([[errorStatus(400, 'registry.ollama.ai/library/gemma does not support tools')], [text('Hello'), finish()]])
    const { events, error } = await play(stage())
    expect(error).toBeNull()
    expect(events[0]).toEqual({ type: 'notice', level: 'info', text: 'This model cannot use tools; it answers without them.', code: 'model-without-tools' })
    expect(provider.requests[1]?.body).not.toHaveProperty('tools')
    expect(textOf(events)).toBe('Hello')
  })

  it('may cut the answer at its limit, and that is told', async () => {
    const { events } = await answerTo([text('Hel'), finish('length')])
    expect(events.at(-1)).toMatchObject({ type: 'notice', level: 'warning', text: expect.stringContaining('length limit') as string, code: 'answer-too-long' })
  })
})

describe('a provider that is busy', () => {
  it.each([
    ['seconds', { 'retry-after': '3' }],
    ['a date', { 'retry-after': new Date(1_700_000_000_000 + 3000).toUTCString() }],
    ['milliseconds', { 'retry-after-ms': '3000' }],
  ])('is asked again after the time it names in %s, and the person is told', async (_how, headers) => {
    provider.script([[errorStatus(429, 'slow down', headers)], [text('Hello'), finish()]])
    const { agent, input } = stage()
    const iterator = agent.run(input, contextFor(new AbortController().signal))[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toEqual({ type: 'notice', level: 'warning', text: 'The provider is busy; trying again in 3 s.', code: 'provider-busy', values: { seconds: 3 } })
    const next = iterator.next()
    await vi.waitFor(() => expect(clock.pending()).toBe(1))
    await clock.advance(2_999)
    expect(provider.requests).toHaveLength(1)
    await clock.advance(1)
    await next
    expect(provider.requests).toHaveLength(2)
    await iterator.return?.()
  })

  it('is asked four times in all, with longer and longer waits, then the run fails in its words', async () => {
    provider.script(() => [errorStatus(503, 'overloaded')])
    const { events, error } = await play(waitedOut())
    expect(provider.requests).toHaveLength(4)
    expect(events).toEqual([1, 2, 4].map((seconds) => ({ type: 'notice', level: 'warning', text: `The provider has a problem (503); trying again in ${seconds} s.`, code: 'provider-trouble', values: { seconds, status: 503 } })))
    expect(error).toMatchObject({ code: 'provider_error', message: 'The provider answered 503: overloaded' })
  })

  it('may drop the connection before it answers: that is tried again as well', async () => {
    provider.script([[reset()], [text('Hello'), finish()]])
    const { events, error } = await play(waitedOut())
    expect(error).toBeNull()
    expect(events[0]).toMatchObject({ type: 'notice', text: expect.stringContaining('trying again in 1 s') as string })
    expect(textOf(events)).toBe('Hello')
  })

  it('is never asked again once it has begun to answer', async () => {
    const { failure } = await answerTo([text('H'), reset()])
    expect(failure?.code).toBe('provider_closed')
    expect(provider.requests).toHaveLength(1)
  })

  it('is not waited for after Stop', async () => {
    provider.script(() => [errorStatus(429, 'slow down', { 'retry-after': '30' })])
    const { events, error } = await play(stage(), { abortAfter: 1 })
    expect(error).toBeNull()
    expect(events).toHaveLength(1)
    expect(clock.pending()).toBe(0)
  })

  it('is not waited for once the reader has left', async () => {
    provider.script(() => [errorStatus(429, 'slow down', { 'retry-after': '30' })])
    const { agent, input } = stage()
    const iterator = agent.run(input, contextFor(new AbortController().signal))[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.return?.()
    await vi.waitFor(() => expect(clock.pending()).toBe(0))
    expect(provider.requests).toHaveLength(1)
  })

  it('in a later round of tools is waited for too', async () => {
    provider.script([[toolCall('calculator', ['{"expression":"6*7"}']), finish('tool_calls')], [errorStatus(429, 'slow down', { 'retry-after': '1' })], [text('42'), finish()]])
    const { events, error } = await play(waitedOut())
    expect(error).toBeNull()
    expect(events.filter((event) => event.type === 'notice')).toHaveLength(1)
    expect(textOf(events)).toBe('42')
  })
})
