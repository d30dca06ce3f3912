import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../../src/server/agents/agent.ts'
import { JOIN_MS, PROGRESS_MS, openRecording, record, requestApproval } from '../../../src/server/runs/recording.ts'
import { encodeEventData, encodeFrame, read, transcriptSchema } from '../../../src/shared/protocol.ts'
import { createRunStory } from '../../support/run-story.ts'
import { openText, recorder } from './recorder.ts'

describe('recording what an agent says', () => {
  it('sends the first text of a part at once and joins what follows within 33 ms', () => {
    const r = recorder()
    r.yields(openText)
    r.say('Hel')
    expect(r.texts()).toEqual(['Hel'])
    r.say('lo ')
    r.say('wor')
    expect(r.texts()).toEqual(['Hel'])
    r.pass(JOIN_MS)
    expect(r.texts()).toEqual(['Hel', 'lo wor'])
    r.pass(1_000)
    r.say('ld')
    expect(r.texts()).toEqual(['Hel', 'lo wor', 'ld'])
  })

  it('never lets joined text hold back an event of another kind, nor lets that event overtake it', () => {
    const r = recorder()
    r.yields(openText)
    r.say('one')
    r.say('two')
    r.yields({ type: 'part.started', part: 'b', kind: 'tool', name: 'clock', call: 'c1' })
    expect(r.types()).toEqual(['message.started', 'part.started', 'part.delta', 'part.delta', 'part.started'])
    expect(r.texts()).toEqual(['one', 'two'])
  })

  it('never ends a delta in half a surrogate pair, and loses neither half', () => {
    const r = recorder()
    r.yields(openText)
    const emoji = '👩‍🚀'
    for (const unit of `a${emoji}b`.split('')) {
      r.say(unit)
      r.pass(JOIN_MS)
    }
    for (const text of r.texts()) expect(/[\uD800-\uDBFF]$/.test(text)).toBe(false)
    expect(r.texts().join('')).toBe(`a${emoji}b`)
  })

  it('keeps half an emoji that the agent never completed', () => {
    const r = recorder()
    r.yields(openText)
    r.say('x\ud83d')
    expect(r.wakeAt()).toBeNull()
    r.yields({ type: 'part.ended', part: 'a', state: 'done' })
    expect(r.texts().join('')).toBe('x\ud83d')
  })

  it('drops what does not fit, and says why', () => {
    const r = recorder()
    expect(r.say('nowhere').dropped).toBe('part a is not open')
    r.yields(openText)
    expect(r.yields(openText).dropped).toBe('part a started twice')
    expect(r.yields({ type: 'part.delta', part: 'a', field: 'output', text: 'x' }).dropped).toBe('part a is a text and has no output')
    r.yields({ type: 'part.ended', part: 'a', state: 'done' })
    expect(r.say('late').dropped).toBe('part a is not open')
    expect(r.yields({ type: 'part.ended', part: 'a', state: 'done' }).dropped).toBe('part a is not open')
    expect(r.yields({ type: 'part.started', part: 'z', message: 'ghost', kind: 'text' }).dropped).toBe('message ghost was never started')
    expect(r.yields({ type: 'bogus' } as unknown as AgentEvent).dropped).toBe('unknown event "bogus"')
    r.yields({ type: 'message.started', message: 'm' })
    expect(r.yields({ type: 'message.started', message: 'm' }).dropped).toBe('message m started twice')
    r.yields({ type: 'part.started', part: 'f', kind: 'file' })
    r.yields({ type: 'part.started', part: 't', kind: 'tool' })
    expect(r.say('x', 'f').dropped).toBe('part f is a file and has no text')
    expect(r.yields({ type: 'part.delta', part: 't', field: 'text', text: 'x' }).dropped).toBe('part t is a tool and has no text')
    expect(r.yields({ type: 'part.delta', part: 't', text: 7 } as unknown as AgentEvent).dropped).toBe('text for part t is none')
    expect(r.say('', 't')).toMatchObject({ events: [] })
    expect(r.wakeAt()).toBeNull()
  })

  it('drops what no page could read, and counts no amount that is none', () => {
    const r = recorder()
    r.yields(openText)
    r.yields({ type: 'part.started', part: 't', kind: 'tool', name: 'x' })
    const wrong = [
      { type: 'part.started', part: 'k', kind: 'hologram' }, { type: 'part.started', part: 'n', kind: 'tool', name: 5 }, { type: 'part.started', part: 'f', kind: 'file', size: -1 },
      { type: 'part.delta', part: 'a', text: undefined }, { type: 'part.delta', part: 'a', text: 7 }, { type: 'part.ended', part: 'a', state: 'open' },
      { type: 'part.ended', part: 't', state: 'done', output: { a: 1 } }, { type: 'notice', level: 'shout', text: 'x' }, { type: 'notice', level: 'info', text: 7 },
    ]
    for (const event of wrong) expect([event, r.yields(event as unknown as AgentEvent).dropped]).toEqual([event, expect.any(String)])
    r.yields({ type: 'used', usage: { inputTokens: -1, outputTokens: 2.6, reasoningTokens: Number.NaN, cost: 0.5 }, modelCalls: -3, toolCalls: 1 })
    r.yields({ type: 'used', usage: { inputTokens: 4, outputTokens: Number.POSITIVE_INFINITY } })
    r.say('kept')
    r.pass(PROGRESS_MS)
    const transcript = read(transcriptSchema, r.end())
    expect(transcript.counters).toEqual({ usage: { inputTokens: 4, outputTokens: 3, cost: 0.5 }, modelCalls: 0, toolCalls: 1, messages: 1 })
    expect(r.texts()).toEqual(['kept'])
  })

  it('asks nothing that cannot be answered', () => {
    const opened = record(openRecording(createRunStory({ run: 'run-1' }).transcript()), { type: 'part.started', part: 't', kind: 'tool' }, 1).recording
    const ask = (options: string[]) => requestApproval(opened, { part: 't', question: 'May I?', input: '{}', options }, 2)
    expect(ask([])).toMatchObject({ approval: null, events: [], dropped: expect.stringMatching(/nothing to choose/) })
    expect(ask(['approve'])).toMatchObject({ approval: 'run-1-a1' })
  })

  it('sends counters at once, then at most once a second, and always the last value', () => {
    const r = recorder()
    const use = () => r.yields({ type: 'used', usage: { outputTokens: 1 }, modelCalls: 1 })
    for (let i = 0; i < 30; i++) {
      use()
      r.pass(100)
    }
    r.pass(PROGRESS_MS)
    const progress = r.events.flatMap((event) => (event.type === 'run.progress' ? [event.usage.outputTokens] : []))
    expect(progress[0]).toBe(1)
    expect(progress.at(-1)).toBe(30)
    expect(progress.length).toBeLessThanOrEqual(5)
  })

  it('vouches for every part in stream_end', () => {
    const r = recorder()
    r.yields({ type: 'part.started', part: 't', kind: 'tool', name: 'clock', call: 'c' })
    r.yields({ type: 'part.delta', part: 't', field: 'input', text: '{}' })
    r.yields({ type: 'part.ended', part: 't', state: 'done', output: '12:00' })
    r.yields(openText)
    r.say('noon')
    const transcript = r.end()
    expect(transcript?.outcome).toBe('completed')
    expect(transcript?.messages[1]?.parts).toMatchObject([{ kind: 'tool', input: '{}', output: '12:00', state: 'done' }, { kind: 'text', text: 'noon', state: 'done' }])
  })
})

describe('what it costs', () => {
  it('keeps the wire under three times and the journal under twice the text at 200 deltas/s of 6 characters', () => {
    const r = recorder()
    r.yields(openText)
    for (let i = 0; i < 2_000; i++) {
      r.say('abcde ')
      r.pass(5)
    }
    r.end()
    const deltas = r.events.filter((event) => event.type === 'part.delta')
    const text = deltas.reduce((sum, event) => sum + event.text.length, 0)
    expect(text).toBe(12_000)
    const wire = r.events.reduce((sum, event) => sum + encodeFrame(event.type, encodeEventData(event), `abc123.${event.seq}`).length, 0)
    expect(wire / text).toBeLessThanOrEqual(3)
  })

  it('cuts a 10 MB delta so that no frame is large, and keeps every character', () => {
    const r = recorder()
    r.yields(openText)
    const big = '😀'.repeat(2_500_000)
    r.say(big)
    r.end()
    expect(Math.max(...r.texts().map((text) => text.length))).toBeLessThanOrEqual(32_768)
    expect(r.texts().join('') === big).toBe(true)
  })
})
