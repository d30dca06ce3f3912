import { describe, expect, it } from 'vitest'
import type { RunEvent, ToolPart } from '../../src/shared/protocol.ts'
import { content, covers } from '../../src/shared/covers.ts'
import { agentParts, applyEvent, checksums, findPart, foldEvents, skipEvent, waitsForApproval } from '../../src/shared/transcript.ts'
import { turnOf } from '../../src/shared/turns.ts'
import type { Transcript } from '../../src/shared/transcript.ts'
import { createRunStory, humanMessage } from '../support/run-story.ts'
import type { RunStory } from '../support/run-story.ts'

const toolOf = (transcript: Transcript, id: string) => findPart(transcript, id) as ToolPart
/** What becomes of the story's last event when all before it were applied. */
const last = (events: readonly RunEvent[]) => applyEvent(foldEvents(events.slice(0, -1)), events.at(-1) as RunEvent)

/** Why the story's last event does not fit. */
const reasonOf = (story: RunStory) => {
  const applied = last(story.events)
  return applied.kind === 'gap' ? applied.reason : applied.kind
}

/** "Hello" in a part p1 of a message m-1, still open. */
function hello() {
  const story = createRunStory()
  story.message()
  story.part('p1')
  story.delta('p1', 'Hello')
  return story
}

describe('the fold, event by event', () => {
  it('begins with the human message', () => {
    const story = createRunStory({ text: 'Good morning' })
    expect(story.transcript()).toMatchObject({ run: 'run-1', thread: 'thread-1', agent: 'demo', model: null, startedAt: 1000, lastSeq: 1, notices: [], messages: [humanMessage('Good morning')] })
    expect(story.transcript().counters).toEqual({ usage: {}, modelCalls: 0, toolCalls: 0, messages: 0 })
  })

  it('puts each message behind the one before', () => {
    const story = createRunStory()
    story.message('m-1')
    story.message('m-2', 'p9')
    expect(story.transcript().messages.map(({ id, after, parent, status }) => ({ id, after, parent, status }))).toEqual([
      { id: 'm-human', after: null, parent: undefined, status: 'completed' },
      { id: 'm-1', after: 'm-human', parent: undefined, status: 'streaming' },
      { id: 'm-2', after: 'm-1', parent: 'p9', status: 'streaming' },
    ])
  })

  it('starts parts of every kind', () => {
    const story = createRunStory()
    story.message()
    story.part('p1', 'text')
    story.part('p2', 'thinking')
    story.part('p3', 'tool', { name: 'clock', call: 'c1' })
    story.part('p4', 'file', { name: 'plan.pdf' })
    story.part('p5', 'source', { title: 'A page', url: 'https://example.org/' })
    story.part('p6', 'source', { url: 'https://example.org/' })
    story.part('p7', 'tool')
    expect(agentParts(story.transcript())).toMatchObject([
      { id: 'p1', kind: 'text', state: 'open', text: '' },
      { id: 'p2', kind: 'thinking', state: 'open', text: '' },
      { id: 'p3', kind: 'tool', name: 'clock', call: 'c1', input: '', output: '' },
      { id: 'p4', kind: 'file', name: 'plan.pdf', mediaType: 'application/octet-stream' },
      { id: 'p5', kind: 'source', title: 'A page', url: 'https://example.org/' },
      { id: 'p6', kind: 'source', title: 'https://example.org/', url: 'https://example.org/' },
      { id: 'p7', kind: 'tool', name: 'tool', call: 'p7' },
    ])
  })

  it('grows text, input and output apart from each other', () => {
    const story = hello()
    story.part('p2', 'tool')
    story.delta('p2', '{"a"', 'input')
    story.delta('p1', ' world')
    story.delta('p2', 'one', 'output')
    story.delta('p2', ':1}', 'input')
    expect(findPart(story.transcript(), 'p1')).toMatchObject({ text: 'Hello world' })
    expect(toolOf(story.transcript(), 'p2')).toMatchObject({ input: '{"a":1}', output: 'one' })
    expect(content(toolOf(story.transcript(), 'p2'))).toBe('{"a":1}one')
  })

  it('ends a part once, with the whole values where they were not streamed', () => {
    const story = hello()
    story.endPart('p1')
    story.part('p2', 'tool')
    story.delta('p2', '{', 'input')
    story.endPart('p2', 'failed', { input: '{"all":1}', output: 'none', error: 'no network' })
    expect(findPart(story.transcript(), 'p1')).toStrictEqual({ id: 'p1', kind: 'text', text: 'Hello', state: 'done', startedAt: 1020, endedAt: 1040 })
    expect(toolOf(story.transcript(), 'p2')).toMatchObject({ state: 'failed', input: '{"all":1}', output: 'none', error: 'no network' })
  })

  it('asks for an approval and takes its answer', () => {
    const story = createRunStory()
    story.message()
    story.part('p1', 'tool')
    expect(waitsForApproval(story.transcript())).toBe(false)
    story.request('a1', 'p1')
    expect(waitsForApproval(story.transcript())).toBe(true)
    expect(toolOf(story.transcript(), 'p1').approval).toEqual({ id: 'a1', question: 'May I?', input: '{}', options: ['approve', 'deny'], state: 'pending', requestedAt: 1030 })
    story.answer('a1', 'deny')
    expect(waitsForApproval(story.transcript())).toBe(false)
    expect(toolOf(story.transcript(), 'p1').approval).toMatchObject({ state: 'answered', decision: 'deny', by: 'you', answeredAt: 1040 })
  })

  it('keeps the newest progress, every notice, and who pressed Stop', () => {
    const story = createRunStory()
    story.progress({ usage: { inputTokens: 1 }, modelCalls: 1, toolCalls: 0, messages: 0 })
    story.progress({ usage: { inputTokens: 5, cost: 0.1 }, modelCalls: 2, toolCalls: 1, messages: 1 })
    story.notice('one')
    story.notice('two')
    story.cancelling('somebody')
    expect(story.transcript()).toMatchObject({
      counters: { usage: { inputTokens: 5, cost: 0.1 }, modelCalls: 2, toolCalls: 1, messages: 1 },
      notices: [{ level: 'info', text: 'one' }, { level: 'info', text: 'two' }], cancelledBy: 'somebody',
    })
  })

  it('gives a file its name, kind and size, and what has none the plainest', () => {
    const story = createRunStory()
    story.message()
    const started = story.part('p1', 'file', { name: 'plan.pdf', url: '/plan.pdf' })
    const whole = applyEvent(foldEvents(story.events.slice(0, -1)), { ...started, mediaType: 'application/pdf', size: 9 } as RunEvent)
    expect(whole.kind === 'applied' && findPart(whole.transcript, 'p1')).toEqual({ id: 'p1', kind: 'file', state: 'open', startedAt: 1020, name: 'plan.pdf', mediaType: 'application/pdf', url: '/plan.pdf', size: 9 })
    story.part('p2', 'file')
    story.part('p3', 'source')
    expect(agentParts(story.transcript()).slice(1)).toMatchObject([{ kind: 'file', name: 'file', mediaType: 'application/octet-stream' }, { kind: 'source', title: '', url: '' }])
    expect(agentParts(story.transcript()).map(content)).toEqual(['', '', ''])
  })

  it('starts parts and ends them in the message that they belong to, also where it is not the newest', () => {
    const story = createRunStory()
    story.message('m-1')
    story.part('p1')
    story.message('m-2', 'p1')
    story.part('p2')
    const late = story.part('p3')
    const before = foldEvents(story.events.slice(0, -1))
    const applied = applyEvent(before, { ...late, message: 'm-1' } as RunEvent)
    const parts = applied.kind === 'applied' ? applied.transcript.messages.map((message) => message.parts.map((part) => part.id)) : applied
    expect(parts).toEqual([['h1'], ['p1', 'p3'], ['p2']])
    story.delta('p1', 'Hi')
    story.endPart('p1')
    expect(story.transcript().messages[1]?.parts).toMatchObject([{ text: 'Hi', state: 'done' }])
    expect(findPart(story.transcript(), 'p1')).toMatchObject({ text: 'Hi' })
  })

  it('looks for a part among the agent’s own alone: the words of a human are nobody’s to change', () => {
    const story = createRunStory()
    story.message()
    expect(findPart(story.transcript(), 'h1')).toBeUndefined()
    expect(agentParts(story.transcript())).toEqual([])
    story.delta('h1', '!', 'text', 2)
    expect(reasonOf(story)).toBe('part h1 was never started')
  })

  it('takes what a person says meanwhile behind what was said before it', () => {
    const story = hello()
    story.steer('m-said', 'Shorter, please')
    expect(story.transcript().messages).toMatchObject([{ id: 'm-human' }, { id: 'm-1' }, humanMessage('Shorter, please', { id: 'm-said', after: 'm-1' })])
  })

  it('answers the question that was asked, among tools that asked others or nothing', () => {
    const story = createRunStory()
    story.message()
    story.part('p1', 'tool')
    story.part('p2', 'tool')
    story.request('a2', 'p2')
    story.part('p3', 'tool')
    story.request('a3', 'p3')
    expect(waitsForApproval(story.transcript())).toBe(true)
    const answer = story.answer('a3', 'deny')
    const applied = applyEvent(foldEvents(story.events.slice(0, -1)), { ...answer, note: 'not now' } as RunEvent)
    const approvals = applied.kind === 'applied' ? agentParts(applied.transcript).map((part) => (part as ToolPart).approval) : applied
    expect(approvals).toEqual([
      undefined, expect.objectContaining({ id: 'a2', state: 'pending' }),
      { id: 'a3', question: 'May I?', input: '{}', options: ['approve', 'deny'], requestedAt: 1060, state: 'answered', decision: 'deny', by: 'you', note: 'not now', answeredAt: 1070 },
    ])
  })

  it('joins text that follows text, and gives what one event after the other gives', () => {
    const oneByOne = (events: readonly RunEvent[]) => {
      let transcript: Transcript | null = null
      for (const event of events) {
        const applied = applyEvent(transcript, event)
        if (applied.kind === 'gap') return applied.reason
        if (applied.kind === 'applied') transcript = applied.transcript
      }
      return transcript
    }
    const folded = (events: readonly RunEvent[]) => {
      try {
        return foldEvents(events)
      } catch (error) {
        return (error as Error).message.replace('The journal does not follow from itself: ', '')
      }
    }
    const story = hello()
    story.part('p2', 'tool')
    for (const [part, text, field, off] of [
      ['p2', '{"a"', 'input'], ['p2', ':1}', 'input'], ['p2', 'on', 'output'], ['p2', 'e', 'output'], ['p1', ' wor'], ['p1', 'ld'], ['p1', 'world, ', 'text', 6], ['p1', 'how', 'text', 13],
      ['p1', '', 'text', 16], ['p1', ' are', 'text', 16], ['p2', '!', 'output'], ['p1', ' you', 'text', 20],
    ] as const) story.delta(part, text, field, off)
    const { events } = story
    expect(foldEvents(events)).toEqual(oneByOne(events))
    expect(findPart(story.transcript(), 'p1')).toMatchObject({ text: 'Hello world, how are you' })
    // Parts and fields whose texts would go on from each other by their places alone.
    const crossed = hello()
    crossed.part('p2')
    crossed.delta('p2', 'Hello, ')
    crossed.part('p3', 'tool')
    for (const [part, text, field] of [['p1', ' w'], ['p2', 'y'], ['p3', '{}', 'input'], ['p3', 'on', 'output'], ['p3', '!', 'input'], ['p3', '?', 'output']] as const) crossed.delta(part, text, field)
    crossed.delta('p3', 'e', 'input')
    expect(foldEvents(crossed.events)).toEqual(oneByOne(crossed.events))
    const behind = hello()
    behind.delta('p1', 'a', 'text', 50)
    behind.delta('p1', 'b', 'text', 51)
    expect(folded(behind.events)).toBe('text of part p1 is shorter than 50')
    // Each event lost, sent twice or too late, and text that leaves a hole.
    for (let i = 3; i < events.length; i++) {
      const event = events[i] as RunEvent
      const holed = event.type === 'part.delta' ? { ...event, off: event.off + 30 } : event
      for (const other of [events.toSpliced(i, 1), events.toSpliced(i, 0, event), [...events, event], events.with(i, holed)]) expect(folded(other), `${i}`).toEqual(oneByOne(other))
    }
  })

  it('passes over an event of a kind it does not know, which takes up its seq', () => {
    const story = hello()
    const before = story.transcript()
    const skipped = skipEvent(before, 5)
    expect(skipped).toEqual({ kind: 'applied', transcript: { ...before, lastSeq: 5 } })
    expect(skipEvent(before, 4)).toEqual({ kind: 'duplicate' })
    expect(skipEvent(before, 6)).toEqual({ kind: 'gap', reason: 'seq 6 came where 5 was due' })
    expect(skipEvent(null, 1)).toEqual({ kind: 'gap', reason: 'seq 1 came where 1 was due' })
    expect(skipEvent(null, 0)).toEqual({ kind: 'duplicate' })
  })

  it('changes nothing that it was given, and leaves untouched parts as they are', () => {
    const story = hello()
    story.endPart('p1')
    story.part('p2')
    const before = story.transcript()
    const copy = structuredClone(before)
    const applied = applyEvent(before, story.delta('p2', 'more'))
    expect(before).toEqual(copy)
    const after = applied.kind === 'applied' ? applied.transcript : before
    expect(after.messages[0]).toBe(before.messages[0])
    expect(after.messages[1]).not.toBe(before.messages[1])
    expect(after.messages[1]?.parts[0]).toBe(before.messages[1]?.parts[0])
    expect(after.counters).toBe(before.counters)
  })
})

describe('what does not fit is a gap', () => {
  it('a seq that is not the next', () => {
    const { events } = hello()
    const transcript = foldEvents(events.slice(0, 2))
    expect(applyEvent(transcript, events[3] as RunEvent)).toEqual({ kind: 'gap', reason: 'seq 4 came where 3 was due' })
    expect(applyEvent(null, events[1] as RunEvent)).toEqual({ kind: 'gap', reason: 'seq 2 came where 1 was due' })
    expect(() => foldEvents(events.slice(1))).toThrow('The journal does not follow from itself: seq 2 came where 1 was due')
  })

  it('a first event that starts nothing, and a second start', () => {
    expect(applyEvent(null, { type: 'run.cancelling', seq: 1, at: 1, by: 'you' })).toEqual({ kind: 'gap', reason: 'run.cancelling came before run.started' })
    const { events } = createRunStory()
    expect(applyEvent(foldEvents(events), { ...(events[0] as RunEvent), seq: 2 })).toEqual({ kind: 'gap', reason: 'run.started came twice' })
  })

  it('text that begins behind what is there', () => {
    const story = hello()
    story.delta('p1', 'world', 'text', 6)
    expect(reasonOf(story)).toBe('text of part p1 is shorter than 6')
    const tool = hello()
    tool.part('p2', 'tool')
    tool.delta('p2', '{', 'input')
    tool.delta('p2', '}', 'output', 1)
    expect(reasonOf(tool)).toBe('output of part p2 is shorter than 1')
  })

  it('text for a part that never started, has ended, or has no such field', () => {
    const never = hello()
    never.delta('p9', 'x')
    const ended = hello()
    ended.endPart('p1')
    ended.delta('p1', '!')
    const input = hello()
    input.delta('p1', 'x', 'input')
    const text = hello()
    text.part('p2', 'tool')
    text.delta('p2', 'x', 'text')
    const source = hello()
    source.part('p2', 'source')
    source.delta('p2', 'x')
    expect([never, ended, input, text, source].map(reasonOf)).toEqual([
      'part p9 was never started', 'text for part p1 came after its end', 'part p1 is a text and has no input', 'part p2 is a tool and has no text', 'part p2 is a source and has no text',
    ])
  })

  it('a part of a message that never started, or that starts or ends twice', () => {
    const homeless = createRunStory()
    homeless.part('p1')
    const twice = hello()
    twice.part('p1')
    const over = hello()
    over.endPart('p1')
    over.endPart('p1')
    const said = hello()
    said.steer('m-1', 'twice')
    expect([homeless, twice, over, said].map(reasonOf)).toEqual([
      'part p1 belongs to a message that was never started', 'part p1 started twice', 'part p1 ended twice', 'message m-1 was said twice',
    ])
  })

  it('an approval for what is no tool, and an answer to what was never asked', () => {
    const text = hello()
    text.request('a1', 'p1')
    const unasked = hello()
    unasked.answer('a1')
    const another = hello()
    another.part('p2', 'tool')
    another.part('p3', 'tool')
    another.request('a1', 'p3')
    another.answer('a2')
    expect([text, unasked, another].map(reasonOf)).toEqual(['an approval for a text part', 'approval a1 was never requested', 'approval a2 was never requested'])
  })

  it('an end whose checksums differ, lack a part or know one more', () => {
    const { p1 } = checksums(hello().transcript()) as { p1: { length: number; hash: string } }
    const parts: [ReturnType<typeof checksums>, string][] = [
      [{ p1: { ...p1, hash: '00000000' } }, 'part p1 differs from what the server has'], [{ p1: { ...p1, length: 4 } }, 'part p1 differs from what the server has'], [{}, 'the server has other parts'],
      [{ p1, p2: p1 }, 'part p2 differs from what the server has'], [{ p9: p1 }, 'part p9 differs from what the server has'],
      [Object.fromEntries([['constructor', { length: 1, hash: 'x' }]]), 'part constructor differs from what the server has'],
    ]
    for (const [wrong, reason] of parts) {
      const story = hello()
      story.end('completed', { parts: wrong })
      expect(reasonOf(story), JSON.stringify(wrong)).toBe(reason)
    }
  })

  it('anything after the end', () => {
    const story = hello()
    story.end()
    story.notice('late')
    expect(reasonOf(story)).toBe('run.notice came after stream_end')
  })
})

describe('overlap is dropped', () => {
  it('when an event is applied twice', () => {
    const { events } = hello()
    const transcript = foldEvents(events)
    for (const event of events) expect(applyEvent(transcript, event)).toEqual({ kind: 'duplicate' })
  })

  it('when a delta repeats text that is there', () => {
    const story = hello()
    story.delta('p1', 'lo wor', 'text', 3)
    expect(findPart(story.transcript(), 'p1')).toMatchObject({ text: 'Hello wor' })
    story.delta('p1', 'Hell', 'text', 0)
    expect(findPart(story.transcript(), 'p1')).toMatchObject({ text: 'Hello wor' })
    story.delta('p1', '', 'text', 9)
    expect(findPart(story.transcript(), 'p1')).toMatchObject({ text: 'Hello wor' })
  })
})

describe('the end', () => {
  it('leaves a message whose every part is done completed, whatever became of the run', () => {
    for (const outcome of ['completed', 'cancelled', 'failed', 'interrupted'] as const) {
      const story = hello()
      story.endPart('p1')
      story.end(outcome)
      expect(story.transcript()).toMatchObject({ outcome, messages: [{ status: 'completed' }, { status: 'completed' }] })
    }
  })

  it('gives every other message the outcome of the run', () => {
    const story = hello()
    story.endPart('p1')
    story.message('m-2')
    story.part('p2')
    story.delta('p2', 'wor')
    story.endPart('p2', 'stopped')
    story.message('m-3')
    story.end('cancelled')
    expect(story.transcript().messages.map((message) => message.status)).toEqual(['completed', 'completed', 'cancelled', 'cancelled'])
    const half = hello()
    half.endPart('p1')
    half.part('p2')
    half.end('failed')
    expect(half.transcript().messages[1]?.status).toBe('failed')
  })

  it('leaves what a person said as it was, words or none', () => {
    const [started] = createRunStory().events as [Extract<RunEvent, { type: 'run.started' }>]
    const begun = foldEvents([{ ...started, message: { ...started.message, continues: true, parts: [] } }])
    const ended = applyEvent(begun, { type: 'stream_end', seq: 2, at: 1_010, outcome: 'failed', usage: {}, parts: {} })
    expect(ended.kind === 'applied' && ended.transcript.messages).toMatchObject([{ status: 'completed', parts: [] }])
  })

  it('lets approvals that nobody answered expire, and keeps the answered ones', () => {
    const story = createRunStory()
    story.message()
    story.part('p1', 'tool')
    story.request('a1', 'p1')
    story.answer('a1')
    story.endPart('p1')
    story.part('p2', 'tool')
    story.request('a2', 'p2')
    story.endPart('p2', 'stopped')
    story.part('p3', 'tool')
    story.end('cancelled')
    expect(agentParts(story.transcript()).map((part) => (part as ToolPart).approval?.state)).toEqual(['answered', 'expired', undefined])
    expect(waitsForApproval(story.transcript())).toBe(false)
  })

  it('carries error, usage and time', () => {
    const story = hello()
    const error = { code: 'provider_closed', message: 'closed', retryable: true }
    story.progress({ usage: { outputTokens: 1 }, modelCalls: 2, toolCalls: 3, messages: 4 })
    const end = { ...story.end('failed', { error }), usage: { outputTokens: 9 } } as RunEvent
    const applied = applyEvent(foldEvents(story.events.slice(0, -1)), end)
    expect(applied).toMatchObject({ transcript: { outcome: 'failed', error, endedAt: end.at, counters: { usage: { outputTokens: 9 }, modelCalls: 2, toolCalls: 3, messages: 4 } } })
  })
})

describe('covers', () => {
  const told = () => hello().transcript().messages
  const saved = () => {
    const story = hello()
    story.delta('p1', ' world')
    story.endPart('p1')
    story.end()
    return story.transcript().messages
  }

  it('is true for the same, and for more', () => {
    const shown = told()
    expect(covers(shown, shown)).toBe(true)
    expect(covers(saved(), shown)).toBe(true)
    expect(covers(saved(), [])).toBe(true)
  })

  it('is false where a message, a part or a character is missing or differs', () => {
    const shown = told()
    expect(covers(shown, saved())).toBe(false)
    expect(covers([], shown)).toBe(false)
    expect(covers(shown.slice(0, 1), shown)).toBe(false)
    expect(covers(shown.map((message) => ({ ...message, parts: [] })), shown)).toBe(false)
    const other = createRunStory()
    other.message()
    other.part('p1', 'thinking')
    other.delta('p1', 'Hello')
    expect(covers(other.transcript().messages, shown)).toBe(false)
    const two = (first: string, second: string) => {
      const story = createRunStory()
      story.message()
      story.part('p1', 'thinking')
      story.delta('p1', first)
      story.part('p2')
      story.delta('p2', second)
      return story.transcript().messages
    }
    expect(covers(two('ab', 'cd'), two('a', 'c'))).toBe(true)
    expect(covers(two('ab', 'c'), two('ab', 'cd'))).toBe(false)
    expect(covers(two('a', 'cd'), two('ab', 'cd'))).toBe(false)
  })

  it('looks at the input and the output of a tool apart', () => {
    const tool = (input: string, output: string) => {
      const story = createRunStory()
      story.message()
      story.part('p1', 'tool')
      story.delta('p1', input, 'input')
      story.delta('p1', output, 'output')
      return story.transcript().messages
    }
    expect(covers(tool('ab', 'cd'), tool('a', 'c'))).toBe(true)
    // The joined text would start alike.
    expect(covers(tool('abc', 'd'), tool('ab', 'cd'))).toBe(false)
  })
})

describe('the turn of a transcript', () => {
  it('has the human message, the replies and the run', () => {
    const story = hello()
    story.end('cancelled')
    expect(turnOf(story.transcript())).toMatchObject({ message: { id: 'm-human' }, replies: [{ id: 'm-1' }], run: { id: 'run-1', outcome: 'cancelled', agent: 'demo' } })
  })
})
