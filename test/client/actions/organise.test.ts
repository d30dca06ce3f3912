import { describe, expect, it } from 'vitest'
import type { ThreadId } from '../../../src/shared/ids.ts'
import { groupThreads, selectArchive, selectThreadList } from '../../../src/client/store/thread-list.ts'
import { threadOf } from '../store/fixtures.ts'
import { createScriptedServer, openPage, t1 } from './page.ts'

const t2 = 'thread-2' as ThreadId

function twoChats() {
  const server = createScriptedServer()
  server.put(threadOf(t1))
  server.put(threadOf(t2))
  return openPage({ server })
}
const listed = (page: ReturnType<typeof openPage>) => selectThreadList(page.store.getState()).map((thread) => thread.id)
const archived = (page: ReturnType<typeof openPage>) => selectArchive(page.store.getState()).map((thread) => thread.id)
const lastToast = (page: ReturnType<typeof openPage>) => page.store.getState().toasts.at(-1)

describe('organising chats', () => {
  it('pins at once, tells the server, and takes it back where the server refuses', async () => {
    const page = twoChats()
    page.actions.start(null)
    await page.settle()
    const pinning = page.actions.pin(t1, true)
    expect(groupThreads(selectThreadList(page.store.getState()), 0)[0]).toMatchObject({ kind: 'pinned', threads: [{ id: t1 }] })
    await pinning
    expect(page.server.called('patchThread').at(-1)?.args).toEqual([t1, { pinned: true }])
    page.server.refuse('patchThread', 503, 'The database rests.')
    await page.actions.pin(t1, false)
    expect(page.store.getState().threads.byId[t1]?.pinned).toBe(true)
    expect(lastToast(page)?.text).toContain('The database rests.')
  })

  it('shows pinned chats though they are further back than the first page', async () => {
    const page = twoChats()
    page.server.put(threadOf(t2, { pinned: true }))
    const real = page.server.api.listThreads
    Object.assign(page.server.api, { listThreads: async (query: { pinned?: boolean }) => (query.pinned === true ? real(query) : { threads: [], cursor: 'more' }) })
    page.actions.start(null)
    await page.settle()
    expect(listed(page)).toEqual([t2])
  })

  it('puts a chat away and out of view, and Undo brings both back', async () => {
    const page = twoChats()
    page.actions.start(t1)
    await page.settle()
    await page.actions.archive(t1, true)
    expect([listed(page), archived(page), page.store.getState().current]).toEqual([[t2], [t1], null])
    lastToast(page)?.action?.run()
    await page.settle()
    expect([listed(page).toSorted(), archived(page), page.store.getState().current]).toEqual([[t1, t2], [], t1])
  })

  it('loads the archive when somebody looks into it, and says why where it cannot', async () => {
    const page = twoChats()
    page.server.put(threadOf(t2, { archived: true }))
    page.actions.start(null)
    await page.settle()
    expect(archived(page)).toEqual([])
    page.server.unreachable('listThreads')
    await page.actions.loadArchive()
    expect(page.store.getState().archive).toMatchObject({ status: 'error', error: expect.stringContaining('cannot be reached') as string })
    await page.actions.loadArchive()
    expect([page.store.getState().archive.status, archived(page), listed(page)]).toEqual(['ready', [t2], [t1]])
  })

  it('finds chats that the list has not loaded, and answers with the cause where it cannot', async () => {
    const page = twoChats()
    const far = threadOf('thread-9' as ThreadId)
    const hit = { thread: far.id, title: [], message: null, snippet: { text: '', marks: [] } }
    Object.assign(page.server.api, { listThreads: async () => ({ threads: [far], cursor: null, hits: [hit] }) })
    expect(await page.actions.search('x')).toEqual({ kind: 'found', found: [{ thread: far, hit }], cursor: null })
    expect(page.store.getState().threads.byId[far.id]).toEqual(far)
    Object.assign(page.server.api, { listThreads: () => Promise.reject(new Error('broken')) })
    expect(await page.actions.search('x')).toMatchObject({ kind: 'failed', message: expect.stringContaining('broken') as string })
  })
})
