import { expect, test } from 'vitest'
import type { MessageId, ThreadId } from '../../../src/shared/ids.ts'
import type { Subject } from './conformance.ts'
import { finish, names, none, opened, part, replyOf, running, said, startOf, wholeTurn } from './scene.ts'

export function forks(on: Subject): void {
  const copyOf = (thread: ThreadId) => `${thread}-copy` as ThreadId

  test('a copy holds the branch up to the message, under runs of its own, and leaves the thread as it was', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    await running(on.storage, n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'And?' }] } })
    const before = await on.storage.messages(n.thread, { limit: 10 })
    const id = copyOf(n.thread)
    expect(await on.storage.forkThread({ thread: n.thread, message: n.reply, id })).toMatchObject({ kind: 'forked', created: true, thread: { id, title: 'Hello', agent: 'demo', model: 'small', activeRun: null } })
    const page = await on.storage.messages(id, { limit: 10 })
    expect(page?.messages.map((message) => [message.id, message.after])).toEqual([[n.human, null], [n.reply, n.human]])
    expect(page?.messages[1]?.parts).toEqual(before?.messages[1]?.parts)
    expect(page?.runs).toMatchObject([{ thread: id, message: n.human, status: 'completed', settled: true, usage: { outputTokens: 7 } }])
    expect(page?.runs[0]?.id).not.toBe(n.run)
    expect(page?.messages.every((message) => message.run === page.runs[0]?.id)).toBe(true)
    expect(await on.storage.messages(n.thread, { limit: 10 })).toEqual(before)
    const next = await on.storage.start(startOf(n, { thread: id, run: n.run3, message: { id: n.human3, parts: [{ kind: 'text', text: 'Elsewhere' }] } }))
    expect(next).toMatchObject({ kind: 'started', event: { message: { after: n.reply } } })
    expect((await on.storage.branch(id, n.human3)).map((message) => message.id)).toEqual([n.human, n.reply, n.human3])
  })

  test('the map of a thread names each branch by what begins it, saved or not', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply)] })
    await finish(on.storage, n.run, 'completed', 3)
    await on.storage.settle({ run: n.run, messages: [replyOf(n, n.human, '# Hi\n\n- **there**: a [link](https://example.org/)')], counters: none, notices: [] })
    const edit = { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text' as const, text: 'Hello, *better*' }] }, after: null }
    await running(on.storage, n, edit)
    const [first, second] = (await on.storage.branchMap(n.thread))?.branches ?? []
    expect(first).toMatchObject({ id: n.run, last: n.run, parent: null, turns: 1, question: { message: n.human, excerpt: 'Hello' }, answer: { message: n.reply, excerpt: 'Hi there: a link' } })
    expect(second).toMatchObject({ id: n.run2, last: n.run2, parent: null, turns: 1, question: { message: n.human2, excerpt: 'Hello, *better*' }, answer: null })
    await finish(on.storage, n.run2)
    const picture = { id: part('f1'), kind: 'file' as const, state: 'done' as const, startedAt: 1, name: 'tides.png', mediaType: 'image/png' }
    await on.storage.settle({ run: n.run2, messages: [{ ...replyOf({ run: n.run2, reply: n.reply2 }, n.human2), parts: [picture] }], counters: none, notices: [] })
    expect((await on.storage.branchMap(n.thread))?.branches[1]).toMatchObject({ answer: { message: n.reply2, excerpt: 'tides.png' } })
    await running(on.storage, n, { run: n.run3, message: { id: n.human3, parts: [{ kind: 'text', text: 'And?' }] }, after: n.reply })
    expect((await on.storage.branchMap(n.thread))?.branches.map(({ id, last, turns }) => [id, last, turns])).toEqual([[n.run, n.run3, 2], [n.run2, n.run2, 1]])
    expect(await on.storage.branchMap('nobody' as ThreadId)).toBeNull()
    // Looked through by one of its branches alone.
    const questions = async (through?: typeof n.run) => (await on.storage.find(n.thread, { limit: 10, through }))?.hits.map((hit) => hit.message)
    expect(await questions()).toEqual([n.human3, n.human2, n.human])
    expect(await questions(n.run)).toEqual([n.human3, n.human])
    expect(await questions(n.run2)).toEqual([n.human2])
    expect(await questions('nobody' as typeof n.run)).toEqual([n.human3, n.human2, n.human])
  })

  test('the same id again is the same copy', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    const input = { thread: n.thread, message: n.reply, id: copyOf(n.thread) }
    await on.storage.forkThread(input)
    expect(await on.storage.forkThread(input)).toMatchObject({ kind: 'forked', created: false, thread: { id: input.id } })
    expect((await on.storage.messages(input.id, { limit: 10 }))?.messages).toHaveLength(2)
  })

  test('a copy up to a question leaves the question, to be asked again', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    const id = copyOf(n.thread)
    await on.storage.forkThread({ thread: n.thread, message: n.human, id })
    const page = await on.storage.messages(id, { limit: 10 })
    expect(page?.messages.map((message) => message.id)).toEqual([n.human])
    expect(page?.runs).toMatchObject([{ outcome: 'cancelled', settled: true }])
    expect(await on.storage.start(startOf(n, { thread: id, run: n.run3, message: { regenerate: n.human } }))).toMatchObject({ kind: 'started' })
  })

  test('what is copied follows the branch of the message, not the newest', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    await running(on.storage, n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'Hello, better' }] }, after: null })
    await on.storage.append({ run: n.run2, epoch: 1, events: [said(2, n.reply2), opened(3, n.reply2)] })
    await finish(on.storage, n.run2, 'completed', 4)
    const id = copyOf(n.thread)
    await on.storage.forkThread({ thread: n.thread, message: n.reply, id })
    expect((await on.storage.messages(id, { limit: 10 }))?.messages.map((message) => message.id)).toEqual([n.human, n.reply])
  })

  test('a run of a copy has its journal: what is left of it and its end', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    const id = copyOf(n.thread)
    await on.storage.forkThread({ thread: n.thread, message: n.reply, id })
    const run = (await on.storage.messages(id, { limit: 10 }))?.runs[0]
    if (run === undefined) throw new Error('the copy has no run')
    expect(await on.storage.folded(run.id)).toMatchObject({ run: run.id, thread: id, messages: [{ id: n.human }, { id: n.reply }], lastSeq: run.lastSeq - 1 })
    expect(await on.storage.read(run.id, 0, 10)).toMatchObject([{ type: 'stream_end', seq: run.lastSeq, outcome: 'completed', parts: { p1: { length: 2 } } }])
    expect(await on.storage.foldJournals({ olderThanMs: 0, limit: 1_000 })).toBeGreaterThanOrEqual(0)
    expect(await on.storage.folded(run.id)).not.toBeNull()
  })

  test('what is not there, or not saved yet, is not copied', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.append({ run: n.run, epoch: 1, events: [said(2, n.reply), opened(3, n.reply)] })
    const id = copyOf(n.thread)
    expect(await on.storage.forkThread({ thread: n.thread, message: n.reply, id })).toEqual({ kind: 'unsaved' })
    await finish(on.storage, n.run, 'completed', 4)
    expect(await on.storage.forkThread({ thread: n.thread, message: n.reply, id })).toEqual({ kind: 'unsaved' })
    expect(await on.storage.forkThread({ thread: n.thread, message: 'nobody' as MessageId, id })).toEqual({ kind: 'missing', what: 'message' })
    expect(await on.storage.forkThread({ thread: 'nowhere' as ThreadId, message: n.reply, id })).toEqual({ kind: 'missing', what: 'thread' })
    await on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })
    expect(await on.storage.getThread(id)).toBeNull()
  })

  test('a page names the siblings of its questions, and brings the older question that a run of it answers', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    await running(on.storage, n, { run: n.run2, message: { id: n.human2, parts: [{ kind: 'text', text: 'Hello, better' }] }, after: null })
    await finish(on.storage, n.run2)
    await on.storage.settle({ run: n.run2, messages: [], counters: none, notices: [] })
    const page = await on.storage.messages(n.thread, { limit: 1 })
    expect(page).toMatchObject({ messages: [{ id: n.human2 }], forks: [{ after: null, messages: [n.human, n.human2] }] })
    expect(page?.questions).toBeUndefined()
    await running(on.storage, n, { run: n.run3, message: { regenerate: n.human } })
    await on.storage.append({ run: n.run3, epoch: 1, events: [said(2, n.reply2), opened(3, n.reply2)] })
    await finish(on.storage, n.run3, 'completed', 4)
    await on.storage.settle({ run: n.run3, messages: [{ id: n.reply2, role: 'assistant', run: n.run3, after: n.human, status: 'completed', at: 1, parts: [] }], counters: none, notices: [] })
    expect(await on.storage.messages(n.thread, { limit: 1 })).toMatchObject({ messages: [{ id: n.reply2 }], runs: [{ id: n.run3 }], questions: [{ id: n.human }] })
  })

  test('the agent goes on from its own message: a question without words that follows it', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    const go = startOf(n, { run: n.run2, message: { id: n.human2, continues: n.reply }, fingerprint: 'continue' })
    expect(await on.storage.start(go)).toMatchObject({ kind: 'started', event: { message: { id: n.human2, after: n.reply, continues: true, parts: [] } } })
    expect(await on.storage.start(go)).toMatchObject({ kind: 'same', run: { id: n.run2 } })
    expect((await on.storage.branch(n.thread, n.human2)).map((message) => message.id)).toEqual([n.human, n.reply, n.human2])
    expect(await on.storage.start(startOf(n, { run: n.run3, message: { id: n.human3, continues: n.human } }))).toEqual({ kind: 'missing', what: 'message' })
    expect(await on.storage.start(startOf(n, { run: n.run3, message: { id: n.human3, continues: 'nobody' as MessageId } }))).toEqual({ kind: 'missing', what: 'message' })
  })
}
