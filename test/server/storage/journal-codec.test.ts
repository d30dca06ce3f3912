import { expect, it } from 'vitest'
import { decodeEvent, decodeRows, encodeBatch, lastSeqOf, notableEvents } from '../../../src/server/storage/journal-codec.ts'
import { StorageError } from '../../../src/server/storage/storage.ts'
import type { PartId } from '../../../src/shared/ids.ts'
import { ProtocolError } from '../../../src/shared/protocol.ts'
import type { RunEvent } from '../../../src/shared/protocol.ts'

const delta = (seq: number, part: string, text: string, field: 'text' | 'input' = 'text'): RunEvent => ({ type: 'part.delta', seq, at: 1_000 + seq, part: part as PartId, field, off: 7, text })
const rowsOf = (events: readonly RunEvent[]) => {
  const { at, kind, payload } = encodeBatch(events)
  return payload.map((text, i) => [(at[i] ?? 0) - 1_000, kind[i] ?? 0, text] as const)
}

it('reads back what it wrote, whatever a part is called and whatever the text is', () => {
  const parts = ['p1', 'p12', 'xp1', 'p0', 'p01', 'p', 'P1', 'p1x', '1', 'p1234567890']
  const texts = ['plain', '"],["', '\u0000', '\ud83d', ']', '', '{}', 'p1,2']
  const events = parts.flatMap((part) => texts.map((text) => ({ part, text }))).map(({ part, text }, i) => delta(i + 5, part, text, i % 2 === 0 ? 'text' : 'input'))
  expect(decodeRows(5, 1_000, rowsOf(events))).toEqual(events)
})

it('names a damaged event of any kind, whatever bit of it was flipped, and reads those of older builds', () => {
  const [whole] = rowsOf([{ type: 'run.notice', seq: 1, at: 1_000, level: 'info', text: 'It rains.' }])
  if (whole === undefined) throw new Error('no row')
  const [at, kind, payload] = whole
  const told = decodeRows(1, 1_000, [whole])
  for (let i = 0; i < payload.length; i++) {
    const flipped = payload.slice(0, i) + String.fromCharCode(payload.charCodeAt(i) ^ 1) + payload.slice(i + 1)
    expect(() => decodeRows(1, 1_000, [[at, kind, flipped]]), flipped).toThrow(StorageError)
  }
  expect(decodeRows(1, 1_000, [[at, kind, payload.slice(0, payload.lastIndexOf('#'))]])).toEqual(told)
})

it('names a damaged event among whole ones', () => {
  const rows = rowsOf([delta(1, 'p1', 'a'), delta(2, 'p1', 'b'), delta(3, 'p1', 'c')])
  // The last would make two events of one, and shift all behind it.
  for (const damage of ['', '[1,7,"b"', '1],[1', 'nonsense', '1,7,"b"],[1,7,"x"']) {
    expect(() => decodeRows(1, 1_000, rows.map((row, i) => (i === 1 ? [row[0], row[1], damage] : row)))).toThrow(StorageError)
  }
})

/** What the database of somebody's first version holds: kind numbers and payloads that every later version must read as this. */
const rows: readonly (readonly [kind: number, payload: string, event: Record<string, unknown>])[] = [
  [0, '7,12,"text"', { type: 'part.delta', part: 'p7', field: 'text', off: 12, text: 'text' }],
  [0, '7,12,"{}","input"', { type: 'part.delta', part: 'p7', field: 'input', off: 12, text: '{}' }],
  [0, '"odd",0,""', { type: 'part.delta', part: 'odd', field: 'text', off: 0, text: '' }],
  [1, '{"run":"r","thread":"t","agent":"demo","model":null}', { type: 'run.started', run: 'r', thread: 't', agent: 'demo', model: null }],
  [2, '{"message":"m","role":"assistant"}', { type: 'message.started', message: 'm', role: 'assistant' }],
  [3, '{"message":"m","part":"p7","kind":"text"}', { type: 'part.started', message: 'm', part: 'p7', kind: 'text' }],
  [4, '{"part":"p7","state":"done"}', { type: 'part.ended', part: 'p7', state: 'done' }],
  [5, '{"approval":"a","part":"p7","question":"?","input":"{}","options":["yes"]}', { type: 'approval.requested', approval: 'a', part: 'p7', question: '?', input: '{}', options: ['yes'] }],
  [6, '{"approval":"a","decision":"yes","by":"you"}', { type: 'approval.answered', approval: 'a', decision: 'yes', by: 'you' }],
  [7, '{"usage":{},"modelCalls":1,"toolCalls":2,"messages":3}', { type: 'run.progress', usage: {}, modelCalls: 1, toolCalls: 2, messages: 3 }],
  [8, '{"level":"info","text":"n"}', { type: 'run.notice', level: 'info', text: 'n' }],
  [9, '{"by":"you"}', { type: 'run.cancelling', by: 'you' }],
  [10, '{"outcome":"completed","usage":{},"parts":{}}', { type: 'stream_end', outcome: 'completed', usage: {}, parts: {} }],
  [11, '{"message":{"id":"m"}}', { type: 'run.steered', message: { id: 'm' } }],
]

it('writes and reads what lies on people’s disks, whichever version wrote it', () => {
  const events = rows.map(([, , event], i) => ({ ...event, seq: 5 + i, at: 2_000 + i }) as unknown as RunEvent)
  const written = encodeBatch(events)
  expect(written).toMatchObject({ firstSeq: 5, at: events.map((event) => event.at), kind: rows.map(([kind]) => kind) })
  // All but text has its checksum behind it; rows of older builds have none.
  expect(written.payload.map((payload) => payload.replace(/#[0-9a-f]{8}$/, ''))).toEqual(rows.map(([, payload]) => payload))
  expect(written.payload[rows.findIndex(([kind]) => kind === 9)]).toBe('{"by":"you"}#c870cbbb')
  expect(decodeRows(5, 1_000, written.payload.map((payload, i) => [1_000 + i, written.kind[i] ?? 0, payload]))).toEqual(events)
  expect(decodeRows(5, 1_000, rows.map(([kind, payload], i) => [1_000 + i, kind, payload]))).toEqual(events)
  for (const [i, [kind, payload]] of rows.entries()) expect(decodeEvent(5 + i, 2_000 + i, kind, payload)).toEqual(events[i])
})

it('tells the place of a batch, an empty one being behind nothing', () => {
  expect(lastSeqOf(encodeBatch([delta(5, 'p1', 'a'), delta(6, 'p1', 'b')]))).toBe(6)
  expect(encodeBatch([])).toEqual({ firstSeq: 1, at: [], kind: [], payload: [] })
  expect(lastSeqOf(encodeBatch([]))).toBe(0)
})

it('takes no batch with a hole or a double in it, and says where', () => {
  for (const seqs of [[5, 7], [5, 5], [6, 5]]) {
    const write = () => encodeBatch(seqs.map((seq) => delta(seq, 'p1', 'a')))
    expect(write).toThrow(StorageError)
    expect(write).toThrow(`Event ${seqs[1]} was given where ${(seqs[0] ?? 0) + 1} is due.`)
    expect(write).toThrow(expect.objectContaining({ retryable: false }))
  }
})

it('says of a kind from the future which version reads it, and of a damaged event that it is', () => {
  const future = () => decodeEvent(5, 1, 99, '{}')
  expect(future).toThrow('The journal holds an event of kind 99, which this version does not know. Start the version that wrote it.')
  expect(future).toThrow(expect.objectContaining({ name: 'StorageError', retryable: false }))
  for (const [kind, payload] of [[0, '7,12'], [0, '7,12,5'], [0, '7,'], [9, '{'], [9, '']] as const) {
    const damaged = () => decodeEvent(5, 1, kind, payload)
    expect(damaged, payload).toThrow('The journal holds a damaged event')
    expect(damaged, payload).toThrow(expect.objectContaining({ name: 'StorageError', retryable: false }))
    expect(() => decodeRows(5, 0, [[1, kind, payload]]), payload).toThrow('The journal holds a damaged event')
  }
  expect(() => decodeEvent(5, 1, 9, '{')).toThrow(expect.objectContaining({ cause: expect.any(ProtocolError) }))
})

it('finds the events that change more than the journal, from any place in a batch', () => {
  const batch = encodeBatch(rows.map(([, , event], i) => ({ ...event, seq: 5 + i, at: 2_000 + i }) as unknown as RunEvent))
  const found = (from: number) => notableEvents(batch, from).map((event) => [event.type, event.seq, event.at])
  const all = [['message.started', 9, 2_004], ['approval.requested', 12, 2_007], ['approval.answered', 13, 2_008], ['run.steered', 18, 2_013]]
  expect(found(1)).toEqual(all)
  expect(found(5)).toEqual(all)
  expect(found(9)).toEqual(all)
  expect(found(10)).toEqual(all.slice(1))
  expect(found(18)).toEqual(all.slice(3))
  expect(found(19)).toEqual([])
  expect(notableEvents(batch, 1)[0]).toMatchObject({ message: 'm', role: 'assistant' })
})

it('reads back what it wrote, whatever its checksum is', () => {
  const notices = Array.from({ length: 100 }, (_, i): RunEvent => ({ type: 'run.notice', seq: 5 + i, at: 1_000, level: 'info', text: `note ${i}` }))
  const written = rowsOf(notices)
  expect(written.some(([, , payload]) => payload.includes('#0'))).toBe(true)
  expect(decodeRows(5, 1_000, written)).toEqual(notices)
})
