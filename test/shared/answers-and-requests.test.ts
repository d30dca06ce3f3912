/** Everything that a server answers with and a browser asks for, field by field: readers ignore what they do not know, and miss nothing. */
import type * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import {
  addAgentSchema, agentListSchema, agentSettingListSchema, agentTestSchema, answerApprovalSchema, branchMapSchema, byeSchema, changeAgentSchema, createThreadSchema, decodeFeedEvent,
  decodeFrame, deleteEverythingSchema, eventPageSchema, eventSchemas, findPageSchema, forkThreadSchema, heartbeatSchema, heldSchema, inputPartsSchema, messagePageSchema, MOST_FILES, parseJson,
  patchQueuedSchema, patchThreadSchema, problemSchema, ProtocolError, read, resetSchema, runPageSchema, runSchema, saidPartSchema, snapshotSchema, startRunSchema, storedFileSchema,
  testAgentSchema, threadPageSchema, threadSchema, threadUsageSchema,
} from '../../src/shared/protocol.ts'

type Sample = Readonly<Record<string, unknown>>

const usage = { inputTokens: 1, outputTokens: 2, reasoningTokens: 3, cachedTokens: 4, cost: 0.5 }
const counters = { usage, modelCalls: 1, toolCalls: 2, messages: 3 }
const notice = { level: 'warning', text: 'again', at: 7 }
const error = { code: 'idle', message: 'It fell silent.', retryable: true }
const run = {
  id: 'r1', thread: 't1', message: 'm1', status: 'failed', settled: true, waiting: false, outcome: 'failed', error, agent: 'demo', model: 'small', startedAt: 1, endedAt: 2, ...counters,
  notices: [notice], lastSeq: 9, cursor: 'inc.9',
}
const words = { kind: 'text', text: 'Hi' }
const said = { kind: 'file', file: 'f1', name: 'plan.png', mediaType: 'image/png', size: 9, width: 3, height: 4 }
const queue = { messages: [{ id: 'm2', parts: [words, said], agent: 'demo', model: 'small', at: 3, state: 'waiting' }], paused: 'stopped' }
const thread = { id: 't1', title: 'Trip', agent: 'demo', model: 'small', pinned: true, archived: false, unread: true, draft: 'Hm', createdAt: 1, updatedAt: 2, activeRun: run, queue }
const times = { state: 'done', startedAt: 1, endedAt: 2 }
const approval = { id: 'a1', question: '?', input: '{}', options: ['approve', 'deny'], state: 'answered', requestedAt: 1, decision: 'deny', by: 'you', note: 'no', answeredAt: 2 }
const parts = [
  { id: 'p1', ...times, kind: 'text', text: 'Hi' },
  { id: 'p2', ...times, kind: 'thinking', text: 'Hm' },
  { id: 'p3', ...times, kind: 'tool', name: 'clock', call: 'c1', input: '{}', output: 'noon', error: 'late', approval },
  { id: 'p4', ...times, kind: 'file', name: 'plan.png', mediaType: 'image/png', url: '/p', size: 9, file: 'f1', width: 3, height: 4 },
  { id: 'p5', ...times, kind: 'source', title: 'A page', url: 'https://example.org/' },
]
const message = { id: 'm1', role: 'assistant', run: 'r1', after: 'm0', parent: 'p9', continues: true, status: 'completed', at: 1, parts }
const transcript = { run: 'r1', thread: 't1', agent: 'demo', model: 'small', startedAt: 1, endedAt: 2, cancelledBy: 'you', outcome: 'failed', error, counters, notices: [notice], messages: [message], lastSeq: 9 }
const totals = { ...counters, runs: 4 }
const head = { seq: 1, at: 2 }
const setting = { id: 'g1', title: 'Local', baseUrl: 'http://a/v1', model: 'small', hasKey: true, source: 'settings', shadowed: false, problem: 'down' }

/** Schema, one that has every field, and the fields that it may lack. */
const answers: Record<string, readonly [schema: v.GenericSchema, whole: Sample, optional?: string]> = {
  run: [runSchema, run, 'outcome error endedAt usage.inputTokens usage.outputTokens usage.reasoningTokens usage.cachedTokens usage.cost'],
  thread: [threadSchema, { ...thread, activeRun: null }, 'queue.messages.0.parts.1.width queue.messages.0.parts.1.height'],
  'page of threads': [threadPageSchema, {
    threads: [], cursor: '1.t1', hits: [{ thread: 't1', title: [[0, 4]], message: 'm1', role: 'user', at: 1, snippet: { text: 'Trip to', marks: [[0, 4]] } }],
  }, 'hits hits.0.role hits.0.at'],
  'page of messages': [messagePageSchema, { messages: [message], runs: [], questions: [], forks: [{ after: 'm0', messages: ['m1', 'm2'] }], activeRun: null, before: 'b', after: 'a' }, [
    'questions forks after messages.0.parent messages.0.continues', ...parts.map((_, i) => `messages.0.parts.${i}.endedAt`), 'messages.0.parts.2.error messages.0.parts.2.approval',
    ...['decision', 'by', 'note', 'answeredAt'].map((name) => `messages.0.parts.2.approval.${name}`), ...['url', 'size', 'file', 'width', 'height'].map((name) => `messages.0.parts.3.${name}`),
  ].join(' ')],
  'page of what was found': [findPageSchema, { hits: [{ message: 'm1', role: 'user', at: 1, excerpt: 'Trip' }], before: 'b' }],
  'map of branches': [branchMapSchema, {
    branches: [{ id: 'r1', last: 'r2', parent: 'r0', turns: 2, at: 1, question: { message: 'm1', excerpt: 'Hi' }, answer: { message: 'm2', excerpt: 'Hello' } }],
  }],
  'page of runs': [runPageSchema, { runs: [], before: 'b' }],
  'page of events': [eventPageSchema, { events: [{ type: 'run.notice', seq: 1, at: 2 }], cursor: 'inc.1', more: true }],
  usage: [threadUsageSchema, { total: totals, byModel: { small: { ...totals, usage: {} } }, byOutcome: { completed: { ...totals, usage: {} } } }, 'total.usage.inputTokens total.usage.outputTokens total.usage.reasoningTokens total.usage.cachedTokens total.usage.cost byModel.small byOutcome.completed'],
  'list of agents': [agentListSchema, {
    agents: [{ id: 'demo', title: 'Demo', description: 'Plays', models: [{ id: 'small', title: 'Small' }], can: { steer: true, approvals: true, resume: false, files: true }, ready: false, missing: 'a key', demo: true }], default: 'demo',
  }, 'agents.0.description agents.0.missing agents.0.demo'],
  'list of agents that are set up': [agentSettingListSchema, { agents: [setting] }, 'agents.0.problem'],
  'test that went well': [agentTestSchema, { ok: true, baseUrl: 'http://a/v1', models: ['small'] }],
  'test that did not': [agentTestSchema, { ok: false, message: 'refused' }],
  problem: [problemSchema, { type: 'about:blank', title: 'Busy', status: 409, detail: 'A run is under way.', about: 'demo', retryAfterMs: 5, activeRun: { ...run, error: undefined, usage: {} }, missingFile: 'f1' },
    'about retryAfterMs activeRun missingFile activeRun.outcome activeRun.endedAt activeRun.error'],
  'stored file': [storedFileSchema, { id: 'f1', name: 'plan.png', mediaType: 'image/png', size: 9, width: 3, height: 4 }, 'width height'],
  snapshot: [snapshotSchema, { cursor: 'inc.9', status: 'running', transcript: { ...transcript, messages: [] } }, ['endedAt', 'cancelledBy', 'outcome', 'error', ...Object.keys(usage).map((name) => `counters.usage.${name}`)].map((name) => `transcript.${name}`).join(' ')],
  heartbeat: [heartbeatSchema, { tail: 3 }],
  reset: [resetSchema, { reason: 'other journal' }],
  bye: [byeSchema, { retryMs: 500 }],
}
const requests: typeof answers = {
  'a new thread': [createThreadSchema, { id: 't1', title: 'Trip', agent: 'demo', model: 'small' }, 'title agent model'],
  'an agent': [addAgentSchema, { title: 'Local', baseUrl: 'http://a/v1', key: 'sk-1', model: 'small' }, 'key model'],
  'a change of an agent': [changeAgentSchema, { title: 'Local', baseUrl: 'http://a/v1', key: 'sk-1', model: 'small' }, 'title baseUrl key model'],
  'a test of an agent': [testAgentSchema, { id: 'g1', baseUrl: 'http://a/v1', key: 'sk-1' }, 'id baseUrl key'],
  'the end of everything': [deleteEverythingSchema, { confirm: true }],
  'a change of a thread': [patchThreadSchema, { title: 'Trip', pinned: true, archived: false, agent: 'demo', model: 'small', draft: 'Hm', seen: true }, 'title pinned archived agent model draft seen'],
  'a change of what waits': [patchQueuedSchema, { parts: [words, { kind: 'file', file: 'f1' }], before: 'm3' }, 'parts before'],
  'a copy': [forkThreadSchema, { message: 'm1', id: 't2' }],
  'an answer': [answerApprovalSchema, { decision: 'approve', inputHash: 'ab', note: 'go' }, 'inputHash note'],
}

/** Every place in a value that has a name: `queue.messages.0.id`. */
function placesIn(value: unknown, at: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [...(Array.isArray(value) ? [] : [[...at, key].join('.')]), ...placesIn(inner, [...at, key])])
}
/** A copy, changed where `place` says. */
function changed(whole: Sample, place: string, change: (holder: Record<string, unknown>, key: string) => void): Sample {
  const copy = structuredClone(whole) as Record<string, unknown>
  const keys = place.split('.')
  const last = keys.pop() ?? ''
  change(keys.reduce<Record<string, unknown>>((holder, key) => holder[key] as Record<string, unknown>, copy), last)
  return copy
}
const without = (whole: Sample, place: string) => changed(whole, place, (holder, key) => { delete holder[key] })

describe.each([...Object.entries(answers), ...Object.entries(requests)])('%s', (_name, [schema, whole, optional = '']) => {
  it('comes through whole, and without what the reader does not know', () => {
    expect(read(schema, whole)).toEqual(whole)
    if (schema === eventPageSchema) return // its events are passed on as they are
    for (const place of placesIn(whole)) {
      const more = changed(whole, place, (holder) => { holder['sung'] = true })
      if (!place.startsWith('by')) expect(read(schema, more), place).toEqual(whole)
    }
  })

  it('may lack what is optional, and nothing else', () => {
    const free = optional.split(' ')
    for (const place of placesIn(whole)) {
      const less = without(whole, place)
      if (free.includes(place)) expect(read(schema, less), place).toEqual(less)
      else expect(() => read(schema, less), place).toThrow(ProtocolError)
    }
  })

  it('holds nothing of another kind', () => {
    for (const place of placesIn(whole)) {
      const value = place.split('.').reduce<unknown>((holder, key) => (holder as Record<string, unknown>)[key], whole)
      for (const wrong of ['sung', 7, true].filter((one) => typeof one !== typeof value)) {
        const other = changed(whole, place, (holder, key) => { holder[key] = wrong })
        expect(() => read(schema, other), `${place}: ${JSON.stringify(wrong)}`).toThrow(ProtocolError)
      }
    }
  })
})

describe('the words of the contract', () => {
  const roles = ['user', 'assistant']
  const levels = ['info', 'warning', 'error']
  const outcomes = ['completed', 'cancelled', 'failed', 'interrupted']
  const page = answers['page of messages']
  const event = (type: keyof typeof eventSchemas, whole: Sample) => [eventSchemas[type], { ...head, ...whole }] as const
  it.each([
    ['status', runSchema, run, ['queued', 'running', 'cancelling', 'settling', ...outcomes]],
    ['outcome', runSchema, run, outcomes],
    ['notices.0.level', runSchema, run, levels],
    ['queue.messages.0.state', threadSchema, thread, ['waiting', 'next', 'steering']],
    ['queue.paused', threadSchema, thread, ['stopped', 'failed', 'interrupted']],
    ['messages.0.role', messagePageSchema, page?.[1], roles],
    ['messages.0.status', messagePageSchema, page?.[1], ['streaming', ...outcomes]],
    ['messages.0.parts.0.state', messagePageSchema, page?.[1], ['open', 'done', 'failed', 'stopped', 'denied']],
    ['messages.0.parts.2.approval.state', messagePageSchema, page?.[1], ['pending', 'answered', 'expired']],
    ['hits.0.role', threadPageSchema, answers['page of threads']?.[1], roles],
    ['hits.0.role', findPageSchema, answers['page of what was found']?.[1], roles],
    ['agents.0.source', agentSettingListSchema, { agents: [setting] }, ['environment', 'settings', 'found']],
    ['role', ...event('message.started', { message: 'm1', role: 'user' }), roles],
    ['kind', ...event('part.started', { message: 'm1', part: 'p1', kind: 'text' }), ['text', 'thinking', 'tool', 'file', 'source']],
    ['field', ...event('part.delta', { part: 'p1', field: 'text', off: 0, text: '' }), ['text', 'input', 'output']],
    ['state', ...event('part.ended', { part: 'p1', state: 'done' }), ['done', 'failed', 'stopped', 'denied']],
    ['level', ...event('run.notice', { level: 'info', text: '' }), levels],
    ['outcome', ...event('stream_end', { outcome: 'failed', usage: {}, parts: {} }), outcomes],
  ] as const)('%s', (place, schema, whole, known) => {
    const say = (word: string) => changed(whole as Sample, place, (holder, key) => { holder[key] = word })
    for (const word of known) expect(read(schema, say(word)), word).toEqual(say(word))
    for (const word of ['', 'sung', 'Completed']) expect(() => read(schema, say(word)), word).toThrow(ProtocolError)
  })

  it('a part that is none, a tool that is no tool: refused', () => {
    for (const part of [{ ...parts[0], kind: 'sound' }, { ...parts[2], kind: 'text' }, { ...parts[1], kind: 'tool' }]) {
      expect(() => read(messagePageSchema, { ...page?.[1], messages: [{ ...message, parts: [part] }] })).toThrow(ProtocolError)
    }
  })

  it('an event of the journal keeps every field that its kind has', () => {
    const whole: Record<keyof typeof eventSchemas, Sample> = {
      'run.started': { run: 'r1', thread: 't1', message, agent: 'demo', model: 'small' },
      'message.started': { message: 'm1', role: 'user', parent: 'p1' },
      'part.started': { message: 'm1', part: 'p1', kind: 'file', name: 'n', call: 'c', title: 't', url: 'u', mediaType: 'x/y', size: 3 },
      'part.delta': { part: 'p1', field: 'input', off: 4, text: 'x' },
      'part.ended': { part: 'p1', state: 'failed', input: 'i', output: 'o', error: 'e' },
      'approval.requested': { approval: 'a1', part: 'p1', question: '?', input: '{}', options: ['approve'] },
      'approval.answered': { approval: 'a1', decision: 'approve', by: 'you', note: 'go' },
      'run.progress': counters,
      'run.notice': { level: 'info', text: 'n' },
      'run.cancelling': { by: 'you' },
      'run.steered': { message },
      stream_end: { outcome: 'failed', error, usage, parts: { p1: { length: 3, hash: 'x' } } },
    }
    for (const [type, schema] of Object.entries(eventSchemas)) {
      const event = { ...head, ...whole[type as keyof typeof eventSchemas] }
      expect(read(schema, event), type).toEqual(event)
      for (const bad of [{ ...event, seq: 0 }, { ...event, seq: 1.5 }, { ...event, at: -1 }]) expect(() => read(schema, bad), type).toThrow(ProtocolError)
    }
    expect(read(eventSchemas['part.delta'], { ...head, part: 'p1', off: 0, text: 'x' })).toEqual({ ...head, part: 'p1', field: 'text', off: 0, text: 'x' })
  })
})

describe('what is refused, and with which words', () => {
  const refusal = (schema: v.GenericSchema, value: unknown) => {
    try {
      return read(schema, value)
    } catch (error) {
      return error instanceof ProtocolError ? error.message : error
    }
  }
  const agent = { title: 'Local', baseUrl: 'http://a/v1' }

  it('names that are blank or too long', () => {
    expect(refusal(createThreadSchema, { id: 't1', title: ' ' })).toBe('title: must not be blank')
    expect(refusal(addAgentSchema, { ...agent, title: '\t' })).toBe('title: must not be blank')
    expect(refusal(addAgentSchema, { ...agent, model: ' ' })).toBe('model: must not be blank')
    expect(read(createThreadSchema, { id: 't1', title: ` ${'x'.repeat(200)} ` })).toEqual({ id: 't1', title: 'x'.repeat(200) })
    for (const [schema, value] of [
      [createThreadSchema, { id: 't1', title: 'x'.repeat(201) }], [addAgentSchema, { ...agent, title: 'x'.repeat(61) }], [addAgentSchema, { ...agent, model: 'x'.repeat(201) }],
      [addAgentSchema, { ...agent, key: 'x'.repeat(4_001) }], [addAgentSchema, { ...agent, baseUrl: `http://a/${'x'.repeat(500)}` }], [patchThreadSchema, { draft: 'x'.repeat(1_000_001) }],
      [answerApprovalSchema, { decision: 'x', note: 'x'.repeat(10_001) }],
    ] as const) expect(() => read(schema, value)).toThrow(/Invalid length/)
  })

  it('ids that are none', () => {
    for (const id of ['', '../x', 'x'.repeat(65), 'constructor']) expect(refusal(createThreadSchema, { id })).toBe('id: must match ^[A-Za-z0-9_-]{1,64}$ and be no name that every object has')
  })

  it('a key that is no single word; spaces around it are nobody’s', () => {
    expect(read(addAgentSchema, { ...agent, key: ' sk-!~1 ' })).toMatchObject({ key: 'sk-!~1' })
    for (const key of ['two words', 'a\nb', 'schlüssel', 'sk 1', ' ']) expect(refusal(addAgentSchema, { ...agent, key })).toBe('key: must be one word of plain letters, digits and signs')
  })

  it('an address that is none, or has in it what is no part of one', () => {
    for (const [given, kept] of [['https://a.example/v1/', 'https://a.example/v1'], [' http://127.0.0.1:11434// ', 'http://127.0.0.1:11434'], ['HTTPS://a/v1', 'HTTPS://a/v1']]) {
      expect(read(addAgentSchema, { ...agent, baseUrl: given })).toMatchObject({ baseUrl: kept })
    }
    expect(refusal(addAgentSchema, { ...agent, baseUrl: 'nowhere' })).toMatch(/^baseUrl: must be an address such as https:\/\/api\.example\.com\/v1/)
    for (const baseUrl of ['ftp://a/v1', 'http://me:pw@a/v1', 'http://a/v1?k=1', 'http://a/v1#x', 'xhttp://a', 'javascript:alert(1)//http://a']) {
      expect(refusal(addAgentSchema, { ...agent, baseUrl }), baseUrl).toBe('baseUrl: must begin with http:// or https:// and have no login, query or # in it')
    }
  })

  it('a message without words and files, with blank words, or with too many files', () => {
    const file = { kind: 'file', file: 'f1' }
    const files = (count: number) => Array.from({ length: count }, () => file)
    expect(read(inputPartsSchema, [words, ...files(MOST_FILES)])).toHaveLength(21)
    expect(refusal(inputPartsSchema, files(22))).toBe('must be at most 20 files and the words')
    expect(refusal(inputPartsSchema, [{ kind: 'text', text: ' \n' }])).toBe('0.text: must not be blank')
    expect(() => read(inputPartsSchema, [])).toThrow(ProtocolError)
    expect(() => read(inputPartsSchema, [{ kind: 'file' }])).toThrow(ProtocolError)
    expect([words, said].map((part) => read(saidPartSchema, part))).toEqual([words, said])
  })

  it('three causes at most, each with its place', () => {
    expect(String(refusal(createThreadSchema, { id: '', title: 7, agent: 7, model: 7 })).split('; ').map((cause) => cause.split(':')[0])).toEqual(['id', 'title', 'agent'])
    expect(refusal(createThreadSchema, null)).toMatch(/^Invalid type/)
  })

  it('no JSON, as a ProtocolError that keeps its cause', () => {
    expect(() => parseJson('{')).toThrow(expect.objectContaining({ name: 'ProtocolError', message: expect.stringMatching(/^not JSON: ./), cause: expect.any(SyntaxError) }))
  })
})

describe('starting a run', () => {
  const options = { agent: 'demo', model: 'small', after: 'm0', ifBusy: 'queue' }

  it('takes a message, one that is answered once more, or one that is gone on from', () => {
    for (const body of [{ message: { id: 'm1', parts: [words] } }, { regenerate: 'm1', run: 'r9' }, { continue: 'm1', id: 'm2' }]) {
      expect(read(startRunSchema, { ...body, ...options })).toEqual({ ...body, ...options })
      expect(read(startRunSchema, body)).toEqual({ ...body, ifBusy: 'reject' })
      for (const ifBusy of ['reject', 'queue', 'interrupt']) expect(read(startRunSchema, { ...body, ifBusy })).toMatchObject({ ifBusy })
      for (const wrong of [{ ifBusy: 'wait' }, { ifBusy: '' }, { agent: 7 }, { model: null }, { after: '../m' }]) expect(() => read(startRunSchema, { ...body, ...wrong })).toThrow(ProtocolError)
      expect(read(startRunSchema, { ...body, after: null })).toMatchObject({ after: null })
    }
    expect(() => read(startRunSchema, { continue: 'm1' })).toThrow(ProtocolError)
    expect(() => read(startRunSchema, { message: { id: 'm1' } })).toThrow(ProtocolError)
  })

  it('lets a run be named, in 48 characters at most', () => {
    expect(read(startRunSchema, { regenerate: 'm1', run: 'r'.repeat(48) })).toMatchObject({ run: 'r'.repeat(48) })
    for (const name of ['r'.repeat(49), '', '../r']) expect(() => read(startRunSchema, { regenerate: 'm1', run: name })).toThrow(ProtocolError)
  })
})

describe('messages of the feed', () => {
  it.each([
    ['snapshot', { threads: [{ ...thread, activeRun: null }] }], ['thread.changed', { thread: { ...thread, activeRun: null } }], ['thread.removed', { thread: 't1' }], ['run.changed', { run }], ['agents.changed', {}],
  ])('%s is read whole, and refused where something is missing', (type, data) => {
    expect(decodeFeedEvent(type, JSON.stringify({ ...data, sung: 1 }))).toEqual({ type, ...data })
    if (Object.keys(data).length > 0) expect(() => decodeFeedEvent(type, '{}')).toThrow(ProtocolError)
  })
})

describe('frames about the connection', () => {
  it('a snapshot brings transcript, status and a place', () => {
    const whole = { cursor: 'inc.9', transcript, status: 'running' }
    expect(decodeFrame({ event: 'snapshot', id: '', data: JSON.stringify(whole) })).toEqual({ type: 'snapshot', cursor: { incarnation: 'inc', seq: 9 }, transcript, status: 'running' })
  })

  it('a reason to be held that a page does not know is the store’s', () => {
    for (const [reason, told] of [['disk-full', 'disk-full'], ['store', 'store'], ['moonlight', 'store'], [7, 'store']] as const) expect(read(heldSchema, { reason })).toEqual({ reason: told })
    expect(decodeFrame({ event: 'held', id: '', data: '{"reason":"disk-full"}' })).toEqual({ type: 'held', reason: 'disk-full' })
  })

  it('a cursor that is none is named, its beginning at most', () => {
    expect(() => decodeFrame({ event: 'part.sang', id: 'x'.repeat(100), data: '' })).toThrow(`"${'x'.repeat(80)}" is not a cursor`)
  })
})
