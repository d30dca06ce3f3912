import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/client/api/api.ts'
import { selectAttached, selectShare } from '../../../src/client/store/files.ts'
import { selectQueue } from '../../../src/client/store/activity.ts'
import { LARGEST_FILE_BYTES } from '../../../src/shared/files.ts'
import type { MessageId } from '../../../src/shared/ids.ts'
import { MOST_FILES } from '../../../src/shared/protocol.ts'
import type { Thread } from '../../../src/shared/protocol.ts'
import { threadOf } from '../store/fixtures.ts'
import { createScriptedServer, createScriptedStorage, openPage, storyOf, t1 } from './page.ts'
import type { Server } from './page.ts'

async function openAt(options: Parameters<typeof openPage>[0] = {}) {
  const server = options.server ?? createScriptedServer()
  if (!server.threads.has(t1)) server.put(threadOf(t1))
  const page = openPage({ ...options, server })
  page.actions.start(t1)
  await page.settle()
  const attached = () => selectAttached(page.store.getState(), t1)
  const statuses = () => attached().map(({ name, file }) => `${name} ${page.store.getState().uploads[file]?.status ?? 'there'}`)
  return { ...page, attached, statuses }
}
function first<T>(list: readonly T[]): T {
  const [one] = list
  if (one === undefined) throw new Error('there is none')
  return one
}
const text = (name: string, words = 'Hello') => new File([words], name, { type: 'text/plain' })
const partsSent = (server: Server) => server.called('startRun').map((call) => (call.args[1] as { message: { parts: unknown[] } }).message.parts)
const unreachable = () => new ApiError('unreachable', 'Nobody is there.')

describe('what is attached', () => {
  it('is uploaded at once, two at a time, and is known by the server’s word then', async () => {
    const page = await openAt()
    page.server.holdUploads()
    expect(await page.actions.attach(t1, [text('a.txt'), text('b.txt'), new File(['x'], 'c.png', { type: 'image/png' })])).toEqual([])
    expect(page.statuses()).toEqual(['a.txt sending', 'b.txt sending', 'c.png waiting'])
    expect(page.attached()[2]).toMatchObject({ mediaType: 'image/png', width: 4, height: 3 })
    page.server.uploads[0]?.watch.onShare(0.5)
    expect(selectShare(page.store.getState(), page.attached().slice(0, 2))).toBe(0.25)
    await page.server.uploads[0]?.arrive()
    expect(page.statuses()).toEqual(['a.txt done', 'b.txt sending', 'c.png sending'])
    expect(page.server.uploads.map(({ name }) => name)).toEqual(['a.txt', 'b.txt', 'c.png'])
  })

  it('is refused where it is too large, too many or cannot be read, each with its name', async () => {
    const page = await openAt()
    const big = Object.defineProperty(text('big.bin'), 'size', { value: LARGEST_FILE_BYTES + 1 })
    const folder = Object.assign(text('folder'), { arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotFoundError')) })
    expect(await page.actions.attach(t1, [big, folder, text('a/../b.txt')])).toEqual([{ name: 'big.bin', why: 'too-large' }, { name: 'folder', why: 'unreadable' }])
    expect(page.attached().map(({ name }) => name)).toEqual(['b.txt'])
    const many = Array.from({ length: MOST_FILES }, (_, i) => text(`${i}.txt`))
    expect(await page.actions.attach(t1, many)).toEqual([{ name: `${MOST_FILES - 1}.txt`, why: 'too-many' }])
  })

  it('can be taken out while it is on its way, and no longer is', async () => {
    const page = await openAt()
    page.server.holdUploads()
    await page.actions.attach(t1, [text('a.txt')])
    page.actions.detach(t1, first(page.attached()).file)
    await page.settle()
    expect(page.server.uploads[0]?.watch.signal.aborted).toBe(true)
    expect([page.attached(), page.store.getState().uploads, page.stored.attached.size]).toEqual([[], {}, 0])
  })

  it('that did not arrive waits for the server, or for a person where the server said no', async () => {
    const page = await openAt()
    page.server.holdUploads()
    await page.actions.attach(t1, [text('a.txt'), text('b.txt')])
    await page.server.uploads[0]?.fail(unreachable())
    await page.server.uploads[1]?.fail(new ApiError('refused', 'No room.', { status: 507 }))
    expect(page.statuses()).toEqual(['a.txt waiting', 'b.txt failed'])
    page.actions.feedStatus('offline')
    page.actions.feedStatus('online')
    await page.settle()
    expect(page.statuses()).toEqual(['a.txt sending', 'b.txt failed'])
    page.actions.uploadAgain(first(page.attached().slice(1)).file)
    await page.settle()
    expect(page.statuses()).toEqual(['a.txt sending', 'b.txt sending'])
    expect(page.server.uploads[3]?.file).toBe(page.server.uploads[1]?.file)
  })

  it('that stands still is given up, and one that moves is not', async () => {
    const page = await openAt()
    page.server.holdUploads()
    await page.actions.attach(t1, [text('a.txt')])
    await page.clock.advance(29_000)
    page.server.uploads[0]?.watch.onShare(0.1)
    await page.clock.advance(29_000)
    expect(page.statuses()).toEqual(['a.txt sending'])
    await page.clock.advance(1_001)
    await page.settle()
    expect(page.statuses()).toEqual(['a.txt waiting'])
    expect(page.store.getState().uploads[first(page.attached()).file]?.error).toBe('The server did not answer in time. Check that it is running, then try again.')
  })

  it('survives a reload, and only what had not arrived is sent again', async () => {
    const stored = createScriptedStorage()
    const before = await openAt({ stored })
    before.server.holdUploads()
    await before.actions.attach(t1, [text('a.txt'), text('b.txt')])
    await before.actions.attach(t1, [text('c.txt')], true)
    await before.server.uploads[0]?.arrive()
    await before.settle()
    const page = await openAt({ server: before.server, stored, ids: 'next' })
    expect(page.statuses()).toEqual(['a.txt done', 'b.txt sending', 'c.txt sending'])
    expect(page.attached()[2]?.pasted).toBe(true)
  })

  it('stands in front of what a quick hand attaches before it is back', async () => {
    const stored = createScriptedStorage()
    const before = await openAt({ stored })
    await before.actions.attach(t1, [text('a.txt')])
    await before.settle()
    let go = () => {}
    const late = new Promise<void>((resolve) => { go = resolve })
    const kept = await stored.storage.load()
    const page = openPage({ server: before.server, stored: { ...stored, storage: { ...stored.storage, load: () => late.then(() => kept) } }, ids: 'next' })
    page.actions.start(t1)
    await page.actions.attach(t1, [text('b.txt')])
    go()
    await page.settle()
    expect(selectAttached(page.store.getState(), t1).map(({ name }) => name)).toEqual(['a.txt', 'b.txt'])
  })
})

describe('a message with files', () => {
  it('shows at once, waits for its uploads, names them, and leaves nothing behind', async () => {
    const page = await openAt()
    page.server.holdUploads()
    await page.actions.attach(t1, [text('a.txt')])
    const { file } = first(page.attached())
    page.actions.send(t1, 'Look')
    await page.settle()
    expect(page.attached()).toEqual([])
    expect(page.content().outgoing).toMatchObject([{ text: 'Look', files: [{ file, name: 'a.txt' }], status: 'sending' }])
    expect(partsSent(page.server)).toEqual([])
    await page.server.uploads[0]?.arrive()
    await page.settle()
    expect(partsSent(page.server)).toEqual([[{ kind: 'text', text: 'Look' }, { kind: 'file', file }]])
    page.show(storyOf('run-1', page.content().outgoing[0]?.id ?? '', 'Look'))
    expect(page.content().outgoing).toEqual([])
    expect([page.store.getState().uploads, page.stored.outbox.size, page.stored.attached.size]).toEqual([{}, 0, 0])
  })

  it('needs no words', async () => {
    const page = await openAt()
    await page.actions.attach(t1, [text('a.txt')])
    page.actions.send(t1, ' ')
    await page.settle()
    expect(partsSent(page.server)).toEqual([[{ kind: 'file', file: page.server.uploads[0]?.file }]])
  })

  it('of a page that was closed before anything got through is sent by the next, bytes and all, and makes one turn', async () => {
    const stored = createScriptedStorage()
    const closed = await openAt({ stored })
    closed.server.holdUploads()
    await closed.actions.attach(t1, [text('a.txt')])
    closed.actions.send(t1, 'Look')
    await closed.server.uploads[0]?.fail(unreachable())
    await closed.settle()
    expect(closed.content().outgoing).toMatchObject([{ status: 'waiting' }])
    const page = await openAt({ server: closed.server, stored, ids: 'next' })
    expect(page.server.uploads.map(({ file }) => file)).toEqual([page.server.uploads[0]?.file, page.server.uploads[0]?.file])
    await page.server.uploads[1]?.arrive()
    await page.settle()
    expect(partsSent(page.server)).toHaveLength(1)
    expect(page.open()).toEqual(['run-1'])
    expect(stored.outbox.size).toBe(0)
  })

  it('fails with the cause where a file is refused, and Retry sends that file again', async () => {
    const page = await openAt()
    page.server.holdUploads()
    await page.actions.attach(t1, [text('a.txt')])
    page.actions.send(t1, 'Look')
    await page.server.uploads[0]?.fail(new ApiError('refused', 'No room.', { status: 507 }))
    await page.settle()
    const [outgoing] = page.content().outgoing
    expect(outgoing).toMatchObject({ status: 'failed', error: 'No room.' })
    page.actions.resend(t1, outgoing?.id as MessageId)
    await page.settle()
    await page.server.uploads[1]?.arrive()
    await page.settle()
    expect(page.open()).toEqual(['run-1'])
  })

  it('whose file the server has lost meanwhile sends that file once more, and asks again', async () => {
    const page = await openAt()
    await page.actions.attach(t1, [text('a.txt')])
    const { file } = first(page.attached())
    page.server.refuse('startRun', 422, 'A file is gone.', { missingFile: file })
    page.actions.send(t1, 'Look')
    await page.settle()
    expect(page.server.uploads.map((sent) => sent.file)).toEqual([file, file])
    expect(page.open()).toEqual(['run-1'])
  })

  it('keeps its files when it is edited, in the thread and in the queue', async () => {
    const page = await openAt()
    const story = storyOf('run-9', 'm-9', 'Look')
    const told = story.transcript()
    const file = { kind: 'file' as const, file: 'f-9' as never, name: 'a.png', mediaType: 'image/png', size: 3, width: 4, height: 3 }
    const question = first(told.messages)
    page.store.update((state) => ({ ...state, content: { ...state.content, [t1]: { ...page.content(), messages: [{ ...question, parts: [...question.parts, { ...file, id: 'h2' as never, state: 'done', startedAt: 0 }] }] } } }))
    page.actions.edit(t1, 'm-9' as MessageId, 'Look again')
    await page.settle()
    expect(partsSent(page.server)).toEqual([[{ kind: 'text', text: 'Look again' }, { kind: 'file', file: 'f-9' }]])

    page.server.put({ ...threadOf(t1), queue: { paused: null, messages: [{ id: 'q-1' as MessageId, parts: [{ kind: 'text', text: 'old' }, file], agent: 'demo', model: null, at: 1, state: 'waiting' }] } })
    page.actions.receiveFeed({ type: 'thread.changed', thread: page.server.threads.get(t1) as Thread })
    const edited = page.actions.queue.edit(t1, 'q-1' as MessageId, 'new')
    expect(selectQueue(page.store.getState(), t1)[0]?.parts).toEqual([{ kind: 'text', text: 'new' }, file])
    await edited
    expect(page.server.called('patchQueued')[0]?.args[2]).toEqual({ parts: [{ kind: 'text', text: 'new' }, { kind: 'file', file: 'f-9' }] })
  })
})
