import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOpenAIAgent } from '../../../../src/server/agents/openai/openai-agent.ts'
import type { OpenAIOptions } from '../../../../src/server/agents/openai/openai-agent.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import type { ManualClock } from '../../../support/manual-clock.ts'
import { createScriptedProvider, finish, reasoningAs, text, toolCall } from '../../../support/scripted-provider.ts'
import type { ScriptedProvider } from '../../../support/scripted-provider.ts'
import { ask, partsOf, play, textOf } from '../conformance.ts'
import type { Played } from '../conformance.ts'

let provider: ScriptedProvider
let clock: ManualClock

beforeEach(async () => {
  provider = await createScriptedProvider()
  clock = createManualClock()
})
afterEach(() => provider.close())

const create = (options: Partial<OpenAIOptions> = {}) => createOpenAIAgent({ baseUrl: provider.url, model: 'scripted-model', clock, ...options })
const run = (options: Partial<OpenAIOptions> = {}, model: string | null = null): Promise<Played> =>
  play({ agent: create(options), input: ask('Hi', model), leftovers: () => 0, close: () => Promise.resolve() })

describe('what it says of itself', () => {
  it('is ready with an address, and says what to set without one', async () => {
    expect(create().describe()).toMatchObject({ id: 'openai', ready: true, models: [{ id: 'scripted-model' }] })
    const info = create({ baseUrl: null, model: null }).describe()
    expect(info.ready).toBe(false)
    for (const name of ['OPENAI_BASE_URL', 'OPENAI_API_KEY', 'OPENAI_MODEL']) expect(info.missing).toContain(name)
    expect((await run({ baseUrl: null })).error).toMatchObject({ code: 'agent-not-set-up', message: info.missing })
  })

  it('asks once which models there are, where none is set', async () => {
    provider.models(['alpha', 'beta'])
    const agent = create({ model: null, apiKey: 'sk-key-123456' })
    expect(agent.describe().models).toEqual([])
    await vi.waitFor(() => expect(agent.describe().models.map((model) => model.id)).toEqual(['alpha', 'beta']))
    agent.describe()
    expect(provider.requests).toHaveLength(1)
    expect(provider.requests[0]).toMatchObject({ method: 'GET', path: '/v1/models', headers: { authorization: 'Bearer sk-key-123456' } })
    expect(clock.pending()).toBe(0)
  })

  it('leaves a provider that has no list alone for a while', async () => {
    const url = provider.url
    await provider.close()
    const agent = create({ baseUrl: url, model: null })
    agent.describe()
    await vi.waitFor(() => expect(clock.pending()).toBe(0))
    agent.describe()
    expect(clock.pending()).toBe(0)
    await clock.advance(30_000)
    agent.describe()
    expect(clock.pending()).toBe(1)
    await vi.waitFor(() => expect(clock.pending()).toBe(0))
    provider = await createScriptedProvider()
  })
})

describe('which model answers', () => {
  it.each<[string, Partial<OpenAIOptions>, string | null, string]>([
    ['the one that was chosen', {}, 'chosen', 'chosen'],
    ['else the one that is set', {}, null, 'scripted-model'],
    ['else the first that the provider has', { model: null }, null, 'alpha'],
  ])('%s', async (_title, options, asked, expected) => {
    provider.models(['alpha', 'beta'])
    provider.script([[text('Hi'), finish()]])
    expect((await run(options, asked)).error).toBeNull()
    expect(provider.calls[0]?.request.body?.model).toBe(expected)
  })

  it('is asked for by name if there is none', async () => {
    provider.models([])
    expect((await run({ model: null })).error).toMatchObject({ code: 'unknown_model', message: expect.stringContaining('OPENAI_MODEL') as string })
  })
})

describe('an answer', () => {
  it('sends the key as a bearer token, and asks for a stream with usage', async () => {
    provider.script([[text('Hi'), finish()]])
    await run({ apiKey: 'sk-key-123456' })
    expect(provider.requests[0]?.headers.authorization).toBe('Bearer sk-key-123456')
    expect(provider.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true }, messages: [{ role: 'user', content: 'Hi' }] })
  })

  it.each(['reasoning_content', 'reasoning'] as const)('shows thinking that comes as %s', async (field) => {
    provider.script([[reasoningAs(field, 'Hm', '.'), text('Yes'), finish()]])
    expect(partsOf((await run()).events)).toMatchObject([{ kind: 'thinking', text: 'Hm.', state: 'done' }, { kind: 'text', text: 'Yes', state: 'done' }])
  })

  it('shows thinking that comes in tags', async () => {
    provider.script([[text('<th', 'ink>\nHm', '.</think', '>\n\nYes'), finish()]])
    expect(partsOf((await run()).events)).toMatchObject([{ kind: 'thinking', text: 'Hm.' }, { kind: 'text', text: 'Yes' }])
  })

  it('counts each call of the model, with its tokens, as it goes', async () => {
    provider.script([
      [toolCall('calculator', ['{"expression":"6*7"}']), finish('tool_calls', { input: 100, output: 20 })],
      [text('42'), finish('stop', { input: 130, output: 5, reasoning: 3, cached: 100 })],
    ])
    const used = (await run()).events.filter((event) => event.type === 'used')
    expect(used.reduce((sum, event) => sum + (event.modelCalls ?? 0), 0)).toBe(2)
    expect(used.reduce((sum, event) => sum + (event.toolCalls ?? 0), 0)).toBe(1)
    expect(used.flatMap((event) => event.usage ?? [])).toEqual([
      { inputTokens: 100, outputTokens: 20, reasoningTokens: 0, cachedTokens: 0 },
      { inputTokens: 130, outputTokens: 5, reasoningTokens: 3, cachedTokens: 100 },
    ])
  })

  it('gives the model what its tools said', async () => {
    provider.script([[text('Let me see'), toolCall('calculator', ['{"expression":', '"6*7"}']), finish('tool_calls')], [text('42'), finish()]])
    await run()
    expect(provider.requests[1]?.body?.messages.slice(1)).toMatchObject([
      { role: 'assistant', content: 'Let me see', tool_calls: [{ id: 'call_calculator', function: { name: 'calculator', arguments: '{"expression":"6*7"}' } }] },
      { role: 'tool', tool_call_id: 'call_calculator', content: '{"result":42}' },
    ])
  })

  it('runs calls that come side by side', async () => {
    provider.script([
      [toolCall('calculator', ['{"expression":"1+1"}'], 'a', 0), toolCall('clock', ['{}'], 'b', 1), finish('tool_calls')],
      [text('Done'), finish()],
    ])
    expect(partsOf((await run()).events)).toMatchObject([
      { name: 'calculator', output: '{"result":2}', state: 'done' }, { name: 'clock', state: 'done', output: expect.stringContaining('2023-11-14') as string }, { kind: 'text' },
    ])
  })

  it('keeps calls apart whose ids the provider uses again', async () => {
    const again = toolCall('calculator', ['{"expression":"1+1"}'], 'call_0')
    provider.script([[again, finish('tool_calls')], [again, finish('tool_calls')], [text('Done'), finish()]])
    expect(partsOf((await run()).events).map((part) => part.state)).toEqual(['done', 'done', 'done'])
  })

  it.each<[string, string, string[], RegExp]>([
    ['that does not exist', 'rm_rf', ['{}'], /unavailable tool/],
    ['whose input is no JSON', 'calculator', ['{"expression":'], /Invalid input/],
    ['whose input is of the wrong kind', 'calculator', ['{"expression":7}'], /must be text/],
  ])('tells the model of a tool call %s, and goes on', async (_title, name, chunks, why) => {
    provider.script([[toolCall(name, chunks), finish('tool_calls')], [text('Sorry'), finish()]])
    const { events, error } = await run()
    expect(error).toBeNull()
    expect(partsOf(events)).toMatchObject([{ kind: 'tool', state: 'failed', error: expect.stringMatching(why) as string }, { kind: 'text', text: 'Sorry' }])
    expect(JSON.stringify(provider.requests[1]?.body?.messages)).toMatch(why)
  })

  it('stops a model that only ever calls tools', async () => {
    provider.script(() => [toolCall('clock', ['{}']), finish('tool_calls')])
    const { events, error } = await run({ maxSteps: 3 })
    expect(error).toBeNull()
    expect(provider.calls).toHaveLength(3)
    expect(events.at(-1)).toMatchObject({ type: 'notice', text: expect.stringContaining('3 rounds') as string })
  })

  it('comes piece by piece, as the provider sends it', async () => {
    const seen: string[] = []
    const whole = (async () => {
      for await (const event of create().run(ask('Hi'), { signal: new AbortController().signal, steering: () => [], readFile: () => Promise.resolve(null), approve: () => Promise.reject(new Error('nobody')) })) {
        if (event.type === 'part.delta') seen.push(event.text)
      }
    })()
    const call = await provider.nextCall()
    for (const word of ['Hel', 'lo', ' you']) {
      call.text(word)
      await vi.waitFor(() => expect(seen.at(-1)).toBe(word))
    }
    call.finish()
    await whole
    expect(seen).toEqual(['Hel', 'lo', ' you'])
  })

  it('is given up at the provider too when it is stopped', async () => {
    const abort = new AbortController()
    const whole = (async () => {
      for await (const event of create().run(ask('Hi'), { signal: abort.signal, steering: () => [], readFile: () => Promise.resolve(null), approve: () => Promise.reject(new Error('nobody')) })) {
        if (event.type === 'part.delta') abort.abort(new Error('Stop was pressed'))
      }
    })()
    const call = await provider.nextCall()
    call.text('Hel')
    await call.aborted
    await whole
  })
})

it('gives back what might have become a tag when the stream breaks off there', async () => {
  const abort = new AbortController()
  provider.script(() => null)
  const events: Played['events'][number][] = []
  const whole = (async () => {
    for await (const event of create().run(ask('Hi'), { signal: abort.signal, steering: () => [], readFile: () => Promise.resolve(null), approve: () => Promise.reject(new Error('nobody')) })) events.push(event)
  })()
  const call = await provider.nextCall()
  call.text('<thi')
  call.raw('data: {"error":{"message":"broken"}}\n\n')
  await expect(whole).rejects.toMatchObject({ code: 'provider_error' })
  expect(textOf(events)).toBe('<thi')
})

describe('a title', () => {
  const signal = new AbortController().signal
  it('is asked for in one short request, of the model that answered, without tools, and thoughts are no part of it', async () => {
    provider.holdTitles()
    const title = create().title?.(ask('When is high water in Brest?', 'other-model'), signal)
    const call = await provider.nextTitle()
    expect(call.request.body).toMatchObject({ model: 'other-model', max_tokens: 64 })
    expect(call.request.body?.tools).toBeUndefined()
    expect(JSON.stringify(call.request.body?.messages)).toContain('When is high water in Brest?')
    call.reasoning('They ask about tides.')
    call.text('<think>Short.</think>', 'High water ', 'in Brest')
    call.finish()
    expect(await title).toBe('High water in Brest')
  })

  it('that the provider refuses is asked for no second time, and fails with its words', async () => {
    provider.holdTitles()
    const title = create().title?.(ask('Hi'), signal).catch((error: unknown) => error)
    ;(await provider.nextTitle()).status(429, {}, { error: { message: 'Slow down.' } })
    expect(String(await title)).toContain('Slow down.')
  })

  it('is given up when nobody waits any more', async () => {
    provider.holdTitles()
    const leaving = new AbortController()
    const title = create().title?.(ask('Hi'), leaving.signal).catch((error: unknown) => error)
    const call = await provider.nextTitle()
    leaving.abort(new Error('gone'))
    expect(String(await title)).toContain('gone')
    await call.aborted
  })
})

describe('a person who speaks while it works', () => {
  it('is heard between two rounds of tool calls, and stays heard in the rounds after', async () => {
    provider.script([
      [toolCall('calculator', ['{"expression":"1+1"}']), finish('tool_calls')],
      [toolCall('calculator', ['{"expression":"2+2"}'], 'b'), finish('tool_calls')],
      [text('Done'), finish()],
    ])
    const said = [{ ...ask('Shorter, please').messages[0] as NonNullable<ReturnType<typeof ask>['messages'][number]> }]
    const context = { signal: new AbortController().signal, steering: () => said.splice(0), readFile: () => Promise.resolve(null), approve: () => Promise.reject(new Error('nobody')) }
    for await (const _event of create().run(ask('Hi'), context)) continue
    const roles = provider.calls.map((call) => call.request.body?.messages.map((message) => message.role))
    expect(roles).toEqual([['user'], ['user', 'assistant', 'tool', 'user'], ['user', 'assistant', 'tool', 'user', 'assistant', 'tool']])
    expect(JSON.stringify(provider.calls[2]?.request.body?.messages[3])).toContain('Shorter, please')
  })

  it('is told in words to go on, where it was cut off', async () => {
    provider.script([[text(' more'), finish()]])
    const { messages, model } = ask('Hi')
    const [human] = messages
    if (human === undefined) throw new Error('there is no message')
    const input = { model, messages: [human, { ...human, role: 'assistant' as const }, { ...human, continues: true as const, parts: [] }] }
    for await (const _event of create().run(input, { signal: new AbortController().signal, steering: () => [], readFile: () => Promise.resolve(null), approve: () => Promise.reject(new Error('nobody')) })) continue
    expect(provider.calls[0]?.request.body?.messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user'])
    expect(JSON.stringify(provider.calls[0]?.request.body?.messages.at(-1)?.content)).toContain('cut off')
  })
})
