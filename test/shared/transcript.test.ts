import { describe, expect, it } from 'vitest'
import type { RunEvent, ToolPart } from '../../src/shared/protocol.ts'
import { agentParts, applyEvent, checksums, content, covers, findPart, foldEvents, skipEvent, waitsForApproval } from '../../src/shared/transcript.ts'
import { turnOf } from '../../src/shared/turns.ts'
import type { Transcript } from '../../src/shared/transcript.ts'
import { createRunStory, humanMessage } from '../support/run-story.ts'

const toolOf = (transcript: Transcript, id: string) => findPart(transcript, id) as ToolPart
/** What becomes of the story's last event when all before it were applied. */
const last = (events: readonly RunEvent[]) => applyEvent(foldEvents(events.slice(0, -1)), events.at(-1) as RunEvent)

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
    expect(findPart(story.transcript(), 'p1')).toMatchObject({ state: 'done', text: 'Hello', endedAt: 1040 })
    expect(toolOf(story.transcript(), 'p2')).toMatchObject({ state: 'failed', input: '{"all":1}', output: 'none', error: 'no network' })
  })

  it('asks for an approval and takes its answer', () => {
    const story = createRunStory()
    story.message()
    story.part('p1', 'tool')
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

  it('passes over an event of a kind it does not know, which takes up its seq', () => {
    const story = hello()
    const before = story.transcript()
    const skipped = skipEvent(before, 5)
    expect(skipped).toEqual({ kind: 'applied', transcript: { ...before, lastSeq: 5 } })
    expect(skipEvent(before, 4)).toEqual({ kind: 'duplicate' })
    expect(skipEvent(before, 6).kind).toBe('gap')
    expect(skipEvent(null, 1).kind).toBe('gap')
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
    expect(applyEvent(transcript, events[3] as RunEvent)).toMatchObject({ kind: 'gap', reason: 'seq 4 came where 3 was due' })
    expect(applyEvent(null, events[1] as RunEvent).kind).toBe('gap')
    expect(() => foldEvents(events.slice(1))).toThrow(/does not follow from itself/)
  })

  it('a first event that starts nothing, and a second start', () => {
    expect(applyEvent(null, { type: 'run.cancelling', seq: 1, at: 1, by: 'you' })).toMatchObject({ kind: 'gap' })
    const { events } = createRunStory()
    expect(applyEvent(foldEvents(events), { ...(events[0] as RunEvent), seq: 2 })).toMatchObject({ kind: 'gap' })
  })

  it('text that begins behind what is there', () => {
    const story = hello()
    story.delta('p1', 'world', 'text', 6)
    expect(last(story.events)).toMatchObject({ kind: 'gap', reason: expect.stringContaining('shorter than 6') })
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
    for (const story of [never, ended, input, text]) expect(last(story.events).kind).toBe('gap')
  })

  it('a part of a message that never started, or that starts or ends twice', () => {
    const homeless = createRunStory()
    homeless.part('p1')
    const twice = hello()
    twice.part('p1')
    const over = hello()
    over.endPart('p1')
    over.endPart('p1')
    for (const story of [homeless, twice, over]) expect(last(story.events).kind).toBe('gap')
  })

  it('an approval for what is no tool, and an answer to what was never asked', () => {
    const text = hello()
    text.request('a1', 'p1')
    const unasked = hello()
    unasked.answer('a1')
    for (const story of [text, unasked]) expect(last(story.events).kind).toBe('gap')
  })

  it('an end whose checksums differ, lack a part or know one more', () => {
    const { p1 } = checksums(hello().transcript()) as { p1: { length: number; hash: string } }
    const parts: ReturnType<typeof checksums>[] = [{ p1: { ...p1, hash: '00000000' } }, { p1: { ...p1, length: 4 } }, {}, { p1, p2: p1 }, { p9: p1 }, Object.fromEntries([['constructor', { length: 1, hash: 'x' }]])]
    for (const wrong of parts) {
      const story = hello()
      story.end('completed', { parts: wrong })
      expect(last(story.events).kind, JSON.stringify(wrong)).toBe('gap')
    }
  })

  it('anything after the end', () => {
    const story = hello()
    story.end()
    story.notice('late')
    expect(last(story.events).kind).toBe('gap')
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
    story.end('cancelled')
    expect(agentParts(story.transcript()).map((part) => (part as ToolPart).approval?.state)).toEqual(['answered', 'expired'])
    expect(waitsForApproval(story.transcript())).toBe(false)
  })

  it('carries error, usage and time', () => {
    const story = hello()
    const error = { code: 'provider_closed', message: 'closed', retryable: true }
    const end = story.end('failed', { error })
    expect(story.transcript()).toMatchObject({ outcome: 'failed', error, endedAt: end.at })
  })
})

describe('covers', () => {
  const shown = hello().transcript().messages
  const saved = () => {
    const story = hello()
    story.delta('p1', ' world')
    story.endPart('p1')
    story.end()
    return story.transcript().messages
  }

  it('is true for the same, and for more', () => {
    expect(covers(shown, shown)).toBe(true)
    expect(covers(saved(), shown)).toBe(true)
    expect(covers(saved(), [])).toBe(true)
  })

  it('is false where a message, a part or a character is missing or differs', () => {
    expect(covers(shown, saved())).toBe(false)
    expect(covers([], shown)).toBe(false)
    expect(covers(shown.slice(0, 1), shown)).toBe(false)
    expect(covers(shown.map((message) => ({ ...message, parts: [] })), shown)).toBe(false)
    const other = createRunStory()
    other.message()
    other.part('p1', 'thinking')
    other.delta('p1', 'Hello')
    expect(covers(other.transcript().messages, shown)).toBe(false)
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
