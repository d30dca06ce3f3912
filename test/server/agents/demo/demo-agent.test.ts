import { describe, expect, it } from 'vitest'
import { createDemoAgent } from '../../../../src/server/agents/demo/demo-agent.ts'
import { markdownTour } from '../../../../src/server/agents/demo/markdown-tour.ts'
import { createPacer, tokensOf } from '../../../../src/server/agents/demo/pacing.ts'
import { searchPages } from '../../../../src/server/agents/demo/pages.ts'
import type { MessageId, PartId, RunId } from '../../../../src/shared/ids.ts'
import type { Message } from '../../../../src/shared/protocol.ts'
import type { ApprovalRequest } from '../../../../src/server/agents/agent.ts'
import { createManualClock, settlePromises } from '../../../support/manual-clock.ts'
import { ask, partsOf, play, textOf } from '../conformance.ts'
import type { Played } from '../conformance.ts'

interface Asked {
  readonly answer?: (request: ApprovalRequest) => { decision: string; note?: string }
  /** Time passes in steps of this, and at least one per wait: small where time is measured. */
  readonly stepMs?: number
}

async function answerTo(message: string, { answer, stepMs = 50 }: Asked = {}): Promise<Played & { tookMs: number }> {
  const clock = createManualClock()
  const startedAt = clock.now()
  const played = await play(
    { agent: createDemoAgent({ clock }), input: ask(message), pump: () => clock.advance(stepMs), leftovers: () => 0, close: () => Promise.resolve() },
    answer === undefined ? {} : { answer },
  )
  return { ...played, tookMs: clock.now() - startedAt }
}

describe('the demo agent', () => {
  it('says that it is a demo, needs nothing, and is ready', () => {
    expect(createDemoAgent({ clock: createManualClock() }).describe()).toMatchObject({ id: 'demo', title: 'Demo', demo: true, ready: true, models: [{}] })
  })

  it('tells in its help every word it listens to', async () => {
    const text = textOf((await answerTo('help')).events)
    for (const word of ['think', 'tools', 'approval', 'markdown', 'long', 'fail', 'slow', 'fast', 'rate']) expect(text).toContain(`**${word}`)
    expect(text).toMatch(/not a language model/)
  })

  it.each([
    ['what is 12*7?', 'calculator', '84'],
    ['what time is it?', 'clock', '14 November 2023'],
    ['how does Stop work?', 'search_help', 'Esc'],
    ['How do I connect a real model?', 'search_help', 'OPENAI_BASE_URL'],
    ['what happens when I reload?', 'search_help', 'journal'],
    ['What is the capital of France?', 'search_help', 'I am only the demo agent'],
  ])('answers %j by means of %s', async (message, tool, words) => {
    const parts = partsOf((await answerTo(message)).events)
    expect(parts.map((part) => part.kind)).toEqual(['thinking', 'tool', 'text'])
    expect(parts[1]).toMatchObject({ name: tool, state: 'done' })
    expect(parts[2]?.text).toContain(words)
  })

  it('shows every kind of markdown, whole', async () => {
    expect(textOf((await answerTo('markdown')).events)).toBe(markdownTour)
    for (const kind of [/^# /m, /^## /m, /^- \[x\]/m, /^\|:--/m, /^> > /m, /^```typescript$/m, /^```python$/m, /^```sql$/m, /\]\(https:/, /\$\$/, /👩‍🚀/, /^ {2,}- /m, /^---$/m]) {
      expect(markdownTour).toMatch(kind)
    }
  })

  it('runs all its tools, one of which fails', async () => {
    const tools = partsOf((await answerTo('tools')).events).filter((part) => part.kind === 'tool')
    expect(tools.map((tool) => [tool.name, tool.state])).toEqual([['calculator', 'done'], ['clock', 'done'], ['search_help', 'done'], ['calculator', 'failed']])
  })

  it('asks before it deletes, and takes a note for an answer', async () => {
    const asked: ApprovalRequest[] = []
    const { events } = await answerTo('approval', {
      answer: (request) => {
        asked.push(request)
        return { decision: 'deny', note: 'not today' }
      },
    })
    expect(asked).toMatchObject([{ question: 'Delete the demo file “notes.txt”?', input: '{"path":"demo/notes.txt"}', options: ['approve', 'deny'] }])
    expect(partsOf(events).at(-1)?.text).toContain('“not today”')
  })

  it('writes a megabyte within seconds, every paragraph once', async () => {
    const { events, tookMs } = await answerTo('long', { stepMs: 2 })
    const flood = partsOf(events).at(-1)?.text ?? ''
    expect(flood).toHaveLength(1_000_000)
    expect(flood.match(/\*\*Paragraph \d+\.\*\*/g)?.every((head, i) => head === `**Paragraph ${i + 1}.**`)).toBe(true)
    expect(tookMs).toBeLessThan(4_000)
  })

  it('watches a tool print as much as is asked for, every line once', async () => {
    const { events } = await answerTo('output 300', { stepMs: 2 })
    const printed = events.flatMap((event) => (event.type === 'part.delta' && event.field === 'output' ? [event.text] : [])).join('')
    expect(printed).toHaveLength(300_000)
    expect(printed.split('\n').slice(0, -1).every((line, i) => line.startsWith(String(i + 1).padStart(7, '0')))).toBe(true)
    expect(partsOf(events).find((part) => part.kind === 'tool')).toMatchObject({ name: 'shell', state: 'done' })
  })

  it('can be made to fail in the middle, with its own words', async () => {
    expect((await answerTo('fail')).error).toMatchObject({ code: 'demo_failure', retryable: true })
  })

  it.each([['think', 60, 80, 2], ['think slow', 7, 9, 25], ['think rate 20', 18, 21, 10], ['think fast', 400, 610, 1]])('writes %j at %d to %d tokens per second', async (message, least, most, stepMs) => {
    const { events, tookMs } = await answerTo(message, { stepMs })
    const tokens = events.filter((event) => event.type === 'part.delta').length
    const perSecond = tokens / (tookMs / 1000)
    expect(perSecond).toBeGreaterThan(least)
    expect(perSecond).toBeLessThan(most)
  })
})

describe('a pace', () => {
  it('catches up with what a late timer missed, and no further than a second', async () => {
    const clock = createManualClock()
    const pacer = createPacer(clock, 10, new AbortController().signal)
    await clock.advance(3_600_000)
    let turns = 0
    for (; clock.pending() === 0 && turns < 100; turns++) {
      void pacer.turn()
      await settlePromises()
    }
    expect(turns).toBeGreaterThan(5)
    expect(turns).toBeLessThan(13)
  })

  it('ends when it is stopped', async () => {
    const clock = createManualClock()
    const abort = new AbortController()
    const pacer = createPacer(clock, 10, abort.signal)
    const turn = pacer.turn()
    abort.abort(new Error('enough'))
    await expect(turn).rejects.toThrow('enough')
    await expect(pacer.turn()).rejects.toThrow('enough')
    expect(clock.pending()).toBe(0)
  })
})

it('tokens joined are the text', () => {
  for (const text of ['', ' ', 'a', 'Hello, big  world!\n\n👩‍🚀 x ', '\n']) expect(tokensOf(text).join('')).toBe(text)
})

it('a search finds nothing for nothing', () => {
  expect(searchPages('')).toEqual([])
  expect(searchPages('zzz the of')).toEqual([])
  expect(searchPages('__proto__ constructor')).toEqual([])
})

describe('the demo agent, spoken to while it works', () => {
  it('turns to what a person says between two steps, and says that it heard', async () => {
    const clock = createManualClock()
    const said: Message[] = [{ id: 'm-said' as MessageId, role: 'user', run: 'r' as RunId, after: null, status: 'completed', at: 1, parts: [{ id: 'h1' as PartId, kind: 'text', state: 'done', startedAt: 1, endedAt: 1, text: 'what is 6*7?' }] }]
    const agent = createDemoAgent({ clock })
    const steered = { ...agent, run: (input: Parameters<typeof agent.run>[0], context: Parameters<typeof agent.run>[1]) => agent.run(input, { ...context, steering: () => said.splice(0) }) }
    const { events } = await play({ agent: steered, input: ask('think'), pump: () => clock.advance(50), leftovers: () => 0, close: () => Promise.resolve() })
    expect(textOf(events)).toContain('You said “what is 6*7?”')
    expect(textOf(events)).toContain('42')
    expect(textOf(events)).not.toContain('That was a long thought')
  })

  it('goes on where it was cut off, without saying anything twice', async () => {
    const clock = createManualClock()
    const whole = textOf((await answerTo('markdown')).events)
    const partial = whole.slice(0, 400)
    const of = (id: string, role: Message['role'], text: string, more: Partial<Message> = {}): Message =>
      ({ id: id as MessageId, role, run: 'r' as RunId, after: null, status: 'completed', at: 1, parts: text === '' ? [] : [{ id: 'p1' as PartId, kind: 'text', state: 'stopped', startedAt: 1, text }], ...more })
    const input = { messages: [of('u', 'user', 'markdown'), of('a', 'assistant', partial), of('c', 'user', '', { continues: true })], model: null }
    const { events } = await play({ agent: createDemoAgent({ clock }), input, pump: () => clock.advance(50), leftovers: () => 0, close: () => Promise.resolve() })
    expect(partial + textOf(events)).toBe(whole)
  })
})
