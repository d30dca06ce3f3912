import { describe, expect, it } from 'vitest'
import type { MessageId, PartId } from '../../src/shared/ids.ts'
import {
  assertEvent, decodeEventData, decodeFeedEvent, decodeFrame, encodeEventData, encodeFrame, eventSchemas, formatCursor, isEventType, parseCursor, parseJson, patchThreadSchema,
  ProtocolError, read, startRunSchema,
} from '../../src/shared/protocol.ts'
import type { RunEvent } from '../../src/shared/protocol.ts'
import { createRunStory } from '../support/run-story.ts'
import { parseFrames } from '../support/sse.ts'

/** One event of each kind, and of each shape that travels differently. */
function everyKind(): readonly RunEvent[] {
  const story = createRunStory({ text: 'Zwölf 😀' })
  story.message()
  story.part('p1', 'thinking')
  story.delta('p1', 'hm \u0000\ufeff\u2028\ud83d')
  story.endPart('p1')
  story.part('p2', 'tool', { name: 'clock', call: 'call-1' })
  story.delta('p2', '{"zone":', 'input')
  story.request('a1', 'p2')
  story.answer('a1')
  story.delta('p2', 'noon\r\n', 'output')
  story.endPart('p2', 'failed', { error: 'late' })
  story.message('m-2', 'p2')
  story.part('p3', 'source', { title: 'A page', url: 'https://example.org/' })
  story.steer('m-said', 'Shorter, please')
  story.progress({ usage: { inputTokens: 3, outputTokens: 4, cost: 0.5 }, modelCalls: 1, toolCalls: 1, messages: 2 })
  story.notice('again in 2 s')
  story.cancelling()
  story.end('failed', { error: { code: 'provider_closed', message: 'The provider closed the stream.', retryable: true } })
  return story.events
}

const wire = (event: RunEvent) => encodeFrame(event.type, encodeEventData(event), formatCursor({ incarnation: 'inc' as never, seq: event.seq }))

describe('an event on the wire', () => {
  it('has a story for every kind there is', () => {
    expect(new Set(everyKind().map((event) => event.type))).toEqual(new Set(Object.keys(eventSchemas)))
  })

  it.each(everyKind().map((event) => [event.type, event] as const))('%s comes back as it went', (_type, event) => {
    assertEvent(event)
    const [message, ...more] = parseFrames(wire(event))
    expect(more).toEqual([])
    const frame = decodeFrame(message as NonNullable<typeof message>)
    // A delta travels without its time.
    const expected = event.type === 'part.delta' ? { ...event, at: 0 } : event
    expect(frame).toEqual({ type: 'event', cursor: { incarnation: 'inc', seq: event.seq }, event: expected })
  })

  it('is one line of data, whatever the text holds', () => {
    const story = createRunStory()
    story.message()
    story.part('p1')
    const frame = wire(story.delta('p1', 'a\nb\r\nc\rd\u2028e\n\nevent:stream_end\n\n'))
    expect(frame.split('\n')).toHaveLength(5)
    expect(frame).not.toContain('\r')
  })

  it('costs less than 60 bytes beside its text for a delta', () => {
    const story = createRunStory()
    story.message()
    story.part('p1')
    expect(wire(story.delta('p1', '')).length).toBeLessThan(70)
  })

  it('of an unknown kind is passed over by readers, and still takes up its seq', () => {
    expect(decodeEventData('part.sang', 7, '{"anything":1}')).toBeNull()
    expect(decodeFrame({ event: 'part.sang', id: 'inc.7', data: 'not even JSON' })).toEqual({ type: 'skipped', cursor: { incarnation: 'inc', seq: 7 } })
    expect(decodeFrame({ event: 'weather', id: '', data: '{}' })).toBeNull()
  })

  it('of an unknown kind is refused by writers', () => {
    expect(() => assertEvent({ type: 'part.sang', seq: 1, at: 1 } as unknown as RunEvent)).toThrow(ProtocolError)
    for (const type of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(isEventType(type)).toBe(false)
      expect(() => assertEvent({ type, seq: 1, at: 1 } as unknown as RunEvent)).toThrow(/is not an event kind/)
    }
  })

  it('with an unknown field is refused by writers and read without it', () => {
    for (const event of everyKind()) {
      const more = Object.assign({ sung: true }, event)
      expect(() => assertEvent(more), event.type).toThrow(/sung/)
      const { type: _type, seq: _seq, ...data } = more
      expect(decodeEventData(event.type, event.seq, JSON.stringify(data))).toEqual(event)
    }
  })

  it('that lacks what its kind needs is refused by writers and readers, naming the field', () => {
    const needed: Record<string, string> = {
      'run.started': 'thread', 'message.started': 'role', 'part.started': 'kind', 'part.delta': 'off', 'part.ended': 'state', 'approval.requested': 'question',
      'approval.answered': 'decision', 'run.progress': 'modelCalls', 'run.notice': 'level', 'run.cancelling': 'by', 'run.steered': 'message', stream_end: 'outcome',
    }
    for (const event of everyKind()) {
      const field = needed[event.type] ?? ''
      const { [field as 'at']: _gone, ...rest } = event
      expect(() => assertEvent(rest as RunEvent), event.type).toThrow(new RegExp(field))
      expect(() => decodeEventData(event.type, event.seq, JSON.stringify(rest)), event.type).toThrow(new RegExp(field))
    }
  })

  it('with a value of the wrong sort is refused', () => {
    const delta = { part: 'p1', off: 0, text: 'x' }
    for (const wrong of [{ ...delta, off: -1 }, { ...delta, off: 0.5 }, { ...delta, off: '0' }, { ...delta, part: '../x' }, { ...delta, text: 1 }, { ...delta, field: 'state' }]) {
      expect(() => decodeEventData('part.delta', 1, JSON.stringify(wrong)), JSON.stringify(wrong)).toThrow(ProtocolError)
    }
    for (const data of ['', '{', 'null', '1', '"x"', '[]', '<!doctype html>']) expect(() => decodeEventData('part.delta', 1, data), data).toThrow(ProtocolError)
    for (const data of ['null', '1', '"x"', '[]']) expect(() => decodeEventData('part.delta', 1, data), data).toThrow('part.delta: data is not an object')
    expect(() => decodeEventData('part.delta', 0, JSON.stringify(delta))).toThrow(ProtocolError)
  })

  it('keeps the seq of its frame, not one from its data', () => {
    expect(decodeEventData('run.cancelling', 5, '{"seq":9,"type":"stream_end","at":1,"by":"you"}')).toEqual({ type: 'run.cancelling', seq: 5, at: 1, by: 'you' })
  })
})

describe('a frame', () => {
  it.each(['a\rb', 'a\nb', 'a\0b', '\n'])('is refused with %j in its event or id: it would forge another', (bad) => {
    expect(() => encodeFrame(bad, '{}')).toThrow(ProtocolError)
    expect(() => encodeFrame('hb', '{}', bad)).toThrow(ProtocolError)
  })

  it('is refused with a line break in its data', () => {
    expect(() => encodeFrame('hb', '{\n}')).toThrow(ProtocolError)
    expect(() => encodeFrame('hb', '{\r}')).toThrow('an SSE field must not hold CR, LF or NUL')
    expect(encodeFrame('hb', '{}')).toBe('event:hb\ndata:{}\n\n')
  })

  it.each([
    ['hb', '{"tail":3}', { type: 'hb', tail: 3 }],
    ['reset', '{"reason":"other journal"}', { type: 'reset', reason: 'other journal' }],
    ['held', '{"reason":"disk-full"}', { type: 'held', reason: 'disk-full' }],
    ['held', '{"reason":"a cause of tomorrow"}', { type: 'held', reason: 'store' }],
    ['bye', '{"retryMs":500}', { type: 'bye', retryMs: 500 }],
    ['hb', '{"tail":3,"more":1}', { type: 'hb', tail: 3 }],
  ])('%s about the connection is read from %s', (type, data, expected) => {
    const [message] = parseFrames(encodeFrame(type, data))
    expect(decodeFrame(message as NonNullable<typeof message>)).toEqual(expected)
  })

  it('that is malformed throws a ProtocolError', () => {
    for (const [event, id, data] of [
      ['hb', '', '{}'], ['hb', '', 'x'], ['bye', '', '{"retryMs":-1}'], ['snapshot', '', '{}'], ['reset', '', 'null'], ['part.delta', 'junk', '{}'], ['part.sang', '1', '{}'],
    ] as const) {
      expect(() => decodeFrame({ event, id, data }), event).toThrow(ProtocolError)
    }
  })

  it('of a snapshot with a cursor that is none throws', () => {
    const story = createRunStory()
    const data = JSON.stringify({ cursor: 'x', transcript: story.transcript(), status: 'running' })
    expect(() => decodeFrame({ event: 'snapshot', id: '', data })).toThrow(/is not a cursor/)
  })
})

describe('a cursor', () => {
  it.each(['inc.0', 'inc.1', 'A-b_9.123456', `x.${Number.MAX_SAFE_INTEGER}`])('%s is read and written alike', (text) => {
    const cursor = parseCursor(text)
    expect(cursor === null ? null : formatCursor(cursor)).toBe(text)
  })

  it.each([
    '', '.', '.1', 'inc', 'inc.', '1', 'inc.01', 'inc.-1', 'inc.1.5', 'inc.1e3', 'inc. 1', ' inc.1', 'inc.1 ', 'inc.1\n', 'inc.0x1', 'in c.1', 'inc.NaN', 'inc.Infinity',
    'inc.9007199254740992', 'inc.9007199254740993', 'inc.99999999999999999999', `${'x'.repeat(65)}.1`, 'inc\0.1', 'inc.１', '../x.1', 'x'.repeat(10_240),
  ])('%j is none', (text) => {
    expect(parseCursor(text)).toBeNull()
  })
})

describe('hostile keys', () => {
  const hostile = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"lc":1,"type":"constructor"'

  it('in an event are inert', () => {
    const event = decodeEventData('run.cancelling', 2, `{"at":1,"by":"you",${hostile}}`)
    expect(event).toEqual({ type: 'run.cancelling', seq: 2, at: 1, by: 'you' })
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype)
    expect((event as unknown as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('in a nested value are inert', () => {
    const story = createRunStory()
    const started = story.events[0] as Extract<RunEvent, { type: 'run.started' }>
    const data = encodeEventData(started).replace('"role":"user"', `"role":"user",${hostile.replace('"type":"constructor"', '"x":1')}`)
    expect(decodeEventData('run.started', 1, data)).toEqual(started)
  })

  it('as names in the checksums of an end never reach a prototype', () => {
    const data = '{"at":1,"outcome":"completed","usage":{},"parts":{"__proto__":{"length":1,"hash":"x"},"p1":{"length":0,"hash":"811c9dc5"}}}'
    const event = decodeEventData('stream_end', 2, data)
    const parts = event?.type === 'stream_end' ? event.parts : {}
    expect(Object.keys(parts)).toEqual(['p1'])
    expect(Object.getPrototypeOf(parts)).toBe(Object.prototype)
  })

  it('as the id of a part are refused by writers and readers: validation would lose them from a record', () => {
    for (const part of ['__proto__', 'constructor', 'prototype']) {
      const delta = { type: 'part.delta', seq: 2, at: 1, part: part as PartId, field: 'text', off: 0, text: 'x' } as const
      expect(() => assertEvent(delta)).toThrow(/no name that every object has/)
      expect(() => decodeEventData('part.delta', 2, encodeEventData(delta))).toThrow(ProtocolError)
    }
  })

  it('as the kind of a frame or of a feed message are unknown kinds', () => {
    for (const type of ['__proto__', 'constructor', 'toString']) {
      expect(decodeFrame({ event: type, id: '', data: '{}' })).toBeNull()
      expect(decodeFrame({ event: type, id: 'inc.1', data: '{}' })).toEqual({ type: 'skipped', cursor: { incarnation: 'inc', seq: 1 } })
      expect(decodeFeedEvent(type, '{}')).toBeNull()
    }
  })
})

describe('a request', () => {
  const parts = [{ kind: 'text', text: 'Hi' }]

  it('to start a run is rejected while busy unless it says otherwise', () => {
    expect(read(startRunSchema, { message: { id: 'm1', parts } })).toEqual({ message: { id: 'm1' as MessageId, parts }, ifBusy: 'reject' })
    expect(read(startRunSchema, { regenerate: 'm1', ifBusy: 'interrupt' })).toEqual({ regenerate: 'm1', ifBusy: 'interrupt' })
  })

  it('to start a run needs a message that says something', () => {
    for (const body of [{}, null, [], { message: { id: 'm1', parts: [] } }, { message: { id: 'm1', parts: [{ kind: 'text', text: ' \n' }] } }, { message: { id: '../m1', parts } }, { message: { id: 'm1', parts: [{ kind: 'image' }] } }]) {
      expect(() => read(startRunSchema, body), JSON.stringify(body)).toThrow(ProtocolError)
    }
  })

  it('to rename wants a title that is not blank, and trims it', () => {
    expect(read(patchThreadSchema, { title: '  Trip ' })).toEqual({ title: 'Trip' })
    expect(() => read(patchThreadSchema, { title: '  ' })).toThrow(/title: must not be blank/)
  })

  it('that is not JSON is a ProtocolError with its cause', () => {
    expect(() => parseJson('{')).toThrow(/^not JSON/)
  })
})
