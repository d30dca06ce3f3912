import { expect, test } from 'vitest'
import type { ThreadId } from '../../../src/shared/ids.ts'
import { FencedError } from '../../../src/server/storage/storage.ts'
import type { Subject } from './conformance.ts'
import { delta, finish, heard, names, none, running, wholeTurn } from './scene.ts'

export function threads(on: Subject): void {
  const nobody = 'nobody' as ThreadId

  test('a thread is made once; the same id again is the thread as it is', async () => {
    const n = names()
    const changes = await heard(on.storage, async () => {
      expect(await on.storage.createThread({ id: n.thread, title: 'One', agent: 'demo', model: 'm' })).toMatchObject({
        created: true, thread: { id: n.thread, title: 'One', agent: 'demo', model: 'm', pinned: false, archived: false, unread: false, draft: '', activeRun: null },
      })
      expect(await on.storage.createThread({ id: n.thread, title: 'Two' })).toMatchObject({ created: false, thread: { title: 'One' } })
    })
    expect(changes.map((change) => change.kind)).toEqual(['thread'])
  })

  test('every property can be changed, alone, and each change is told', async () => {
    const n = names()
    await on.storage.createThread({ id: n.thread })
    const patches = [{ title: 'Mine' }, { pinned: true }, { archived: true }, { agent: 'openai' }, { model: 'big' }, { model: null }, { draft: 'half a thou\ud83d' }]
    for (const patch of patches) {
      const changes = await heard(on.storage, async () => expect(await on.storage.patchThread(n.thread, patch)).toMatchObject(patch))
      expect(changes).toMatchObject([{ kind: 'thread', thread: { id: n.thread, ...patch } }])
      expect(await heard(on.storage, () => on.storage.patchThread(n.thread, patch))).toEqual([])
    }
    expect(await on.storage.getThread(n.thread)).toMatchObject({ title: 'Mine', pinned: true, archived: true, agent: 'openai', model: null })
    expect(await on.storage.patchThread(nobody, { title: 'x' })).toBeNull()
  })

  test('a title with half an emoji is mended, in every backend alike', async () => {
    const [made, patched, started] = [names(), names(), names()]
    await on.storage.createThread({ id: made.thread, title: 'a\ud83d' })
    await on.storage.createThread({ id: patched.thread })
    await on.storage.patchThread(patched.thread, { title: '\ude00b \ud83d\ude00' })
    await running(on.storage, started, { title: 'c\ud83d' })
    const titles = await Promise.all([made, patched, started].map(async (n) => (await on.storage.getThread(n.thread))?.title))
    expect(titles).toEqual(['a\ufffd', '\ufffdb \ud83d\ude00', 'c\ufffd'])
  })

  test('an agent is asked for a title once, and what it says never takes the place of a name that a person gave', async () => {
    const [plain, named, renamed] = [names(), names(), names()]
    await on.storage.createThread({ id: plain.thread })
    await on.storage.createThread({ id: named.thread, title: 'Made with a name' })
    await on.storage.createThread({ id: renamed.thread })
    expect([await on.storage.claimTitle(plain.thread), await on.storage.claimTitle(plain.thread), await on.storage.claimTitle(named.thread), await on.storage.claimTitle(nobody)]).toEqual([true, false, false, false])
    const before = await on.storage.getThread(plain.thread)
    const changes = await heard(on.storage, () => on.storage.giveTitle({ thread: plain.thread, title: 'Tides' }))
    expect(changes).toMatchObject([{ kind: 'thread', thread: { id: plain.thread, title: 'Tides', updatedAt: before?.updatedAt } }])
    expect((await on.storage.searchThreads({ query: 'tides', limit: 100 })).threads.map((thread) => thread.id)).toContain(plain.thread)
    // Renamed while the agent was asked.
    expect(await on.storage.claimTitle(renamed.thread)).toBe(true)
    await on.storage.patchThread(renamed.thread, { title: 'Mine' })
    expect(await heard(on.storage, () => on.storage.giveTitle({ thread: renamed.thread, title: 'Its own' }))).toEqual([])
    expect(await on.storage.getThread(renamed.thread)).toMatchObject({ title: 'Mine' })
    // Renamed before.
    await on.storage.patchThread(plain.thread, { title: 'Ours' })
    expect(await on.storage.claimTitle(plain.thread)).toBe(false)
  })

  test('a thread is unread once its run is settled, until it is seen', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    expect(await on.storage.getThread(n.thread)).toMatchObject({ unread: true })
    expect((await on.storage.activeThreads()).map((thread) => thread.id)).toContain(n.thread)
    expect(await on.storage.patchThread(n.thread, { seen: true })).toMatchObject({ unread: false })
    expect((await on.storage.activeThreads()).map((thread) => thread.id)).not.toContain(n.thread)
  })

  test('threads with a run under way or not settled are active', async () => {
    const n = names()
    const active = async () => (await on.storage.activeThreads()).find((thread) => thread.id === n.thread)?.activeRun?.status
    await on.storage.createThread({ id: n.thread })
    expect(await active()).toBeUndefined()
    await running(on.storage, n)
    expect(await active()).toBe('running')
    await finish(on.storage, n.run)
    expect(await active()).toBe('settling')
  })

  test('the list: newest activity first, in pages, archived ones apart; renaming is no activity', async () => {
    const made = Array.from({ length: 7 }, () => names())
    for (const n of made) await on.storage.createThread({ id: n.thread })
    const [first, second, third] = made
    if (first === undefined || second === undefined || third === undefined) throw new Error('the story lacks its threads')
    await on.storage.patchThread(second.thread, { archived: true })
    await on.storage.patchThread(third.thread, { title: 'Renamed', pinned: true })
    await wholeTurn(on.storage, first)
    const mine = new Set<string>(made.map((n) => n.thread))
    async function list(archived?: boolean): Promise<string[]> {
      const ids: string[] = []
      let cursor: string | undefined
      do {
        const page = await on.storage.listThreads({ limit: 2, ...(cursor === undefined ? {} : { cursor }), ...(archived === undefined ? {} : { archived }) })
        expect(page.threads.length).toBeLessThanOrEqual(2)
        ids.push(...page.threads.map((thread) => thread.id))
        cursor = page.cursor ?? undefined
      } while (cursor !== undefined)
      expect(new Set(ids).size).toBe(ids.length)
      return ids.filter((id) => mine.has(id))
    }
    const rest = [first, ...made.slice(2).toReversed()].map((n) => n.thread)
    expect(await list()).toEqual(rest)
    expect(await list(false)).toEqual(rest)
    expect(await list(true)).toEqual([second.thread])
  })

  test('pinned threads are listed alone where they are asked for, however old, and a message brings a thread back from the archive', async () => {
    const [old, middle, archived] = [names(), names(), names()]
    for (const n of [old, middle, archived]) await on.storage.createThread({ id: n.thread })
    await on.storage.patchThread(old.thread, { pinned: true })
    await on.storage.patchThread(archived.thread, { pinned: true, archived: true })
    const mine = new Set<string>([old, middle, archived].map((n) => n.thread))
    const list = async (which: { pinned?: boolean; archived?: boolean }) =>
      (await on.storage.listThreads({ limit: 1000, ...which })).threads.map((thread) => thread.id).filter((id) => mine.has(id))
    expect(await list({ pinned: true })).toEqual([old.thread])
    expect(await list({ pinned: true, archived: true })).toEqual([archived.thread])
    await running(on.storage, archived)
    expect(await on.storage.getThread(archived.thread)).toMatchObject({ archived: false, pinned: true })
    expect(await list({})).toEqual([archived.thread, middle.thread, old.thread])
  })

  test('a deleted thread is gone everywhere, can be restored whole, and is told', async () => {
    const n = names()
    await wholeTurn(on.storage, n)
    const before = await on.storage.getThread(n.thread)
    expect(await heard(on.storage, async () => expect(await on.storage.deleteThread(n.thread)).toBe(true))).toEqual([{ kind: 'thread-removed', thread: n.thread }])
    expect(await on.storage.getThread(n.thread)).toBeNull()
    expect(await on.storage.messages(n.thread, { limit: 5 })).toBeNull()
    expect(await on.storage.listRuns(n.thread, { limit: 5 })).toBeNull()
    expect(await on.storage.usage(n.thread, true)).toBeNull()
    expect(await on.storage.patchThread(n.thread, { title: 'x' })).toBeNull()
    expect((await on.storage.listThreads({ limit: 1000 })).threads.map((thread) => thread.id)).not.toContain(n.thread)
    expect((await on.storage.activeThreads()).map((thread) => thread.id)).not.toContain(n.thread)
    expect(await heard(on.storage, () => on.storage.deleteThread(n.thread))).toEqual([])

    const changes = await heard(on.storage, async () => expect(await on.storage.restoreThread(n.thread)).toEqual(before))
    expect(changes).toEqual([{ kind: 'thread', thread: before }])
    expect((await on.storage.messages(n.thread, { limit: 5 }))?.messages).toHaveLength(2)
    expect(await on.storage.restoreThread(nobody)).toBeNull()
    expect(await on.storage.deleteThread(nobody)).toBe(false)
  })

  test('a run whose thread is deleted goes on unseen and shows again when it is restored', async () => {
    const n = names()
    await running(on.storage, n)
    await on.storage.deleteThread(n.thread)
    const changes = await heard(on.storage, async () => {
      await on.storage.append({ run: n.run, epoch: 1, events: [delta(2, 0, 'x')] })
      await finish(on.storage, n.run, 'completed', 3)
      await on.storage.settle({ run: n.run, messages: [], counters: none, notices: [] })
    })
    expect(changes.map((change) => change.kind)).not.toContain('thread')
    expect(await on.storage.restoreThread(n.thread)).toMatchObject({ unread: true, activeRun: null })
  })

  test('a purge removes what was deleted long enough ago, with all it held, and nothing else', async () => {
    const [gone, kept] = [names(), names()]
    await wholeTurn(on.storage, gone)
    await wholeTurn(on.storage, kept)
    await running(on.storage, gone, { run: gone.run2, message: { regenerate: gone.human } })
    await on.storage.deleteThread(gone.thread)
    expect(await on.storage.purgeThreads(3_600_000)).toBe(0)
    expect(await on.storage.purgeThreads(0)).toBeGreaterThan(0)
    expect(await on.storage.restoreThread(gone.thread)).toBeNull()
    expect(await on.storage.getRun(gone.run)).toBeNull()
    expect(await on.storage.read(gone.run, 0, 10)).toEqual([])
    expect(await on.storage.branch(gone.thread, gone.human)).toEqual([])
    await expect(on.storage.append({ run: gone.run2, epoch: 1, events: [delta(2, 0, 'x')] })).rejects.toThrow(FencedError)
    expect(await on.storage.read(kept.run, 0, 10)).toHaveLength(5)
    expect((await on.storage.messages(kept.thread, { limit: 5 }))?.messages).toHaveLength(2)
  })

  test('nothing is known of a thread that is not', async () => {
    expect(await on.storage.getThread(nobody)).toBeNull()
    expect(await on.storage.messages(nobody, { limit: 5 })).toBeNull()
    expect(await on.storage.branch(nobody, names().human)).toEqual([])
  })

  test('it is ready', async () => {
    expect(await on.storage.ready()).toBe(true)
  })
}
