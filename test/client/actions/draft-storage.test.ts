import { describe, expect, it } from 'vitest'
import type { FileId, MessageId } from '../../../src/shared/ids.ts'
import { createIndexedDrafts } from '../../../src/client/actions/draft-storage.ts'
import { settlePromises } from '../../support/manual-clock.ts'
import { openPage, t1 } from './page.ts'

const outgoing = { id: 'm-1' as MessageId, text: 'Hi', status: 'sending' as const, error: null, at: 1 }

/** As much of IndexedDB as is asked for here; what `getAll` gives is up to the test. */
function databaseWith(tables: Record<string, Map<string, unknown>>): IDBFactory {
  const later = <T>(result: T) => {
    const request = { result, onsuccess: null as (() => void) | null }
    queueMicrotask(() => request.onsuccess?.())
    return request
  }
  const database = {
    objectStoreNames: { contains: () => true },
    createObjectStore: () => undefined,
    transaction: () => {
      const transaction = {
        oncomplete: null as (() => void) | null,
        objectStore: (name: string) => {
          const table = tables[name] ?? new Map<string, unknown>()
          return {
            count: (key: string) => later(table.has(key) ? 1 : 0),
            getAllKeys: () => later([...table.keys()]),
            getAll: () => later([...table.values()]),
            put: (value: unknown, key: string) => later(table.set(key, structuredClone(value))),
            delete: (key: string) => later(table.delete(key)),
          }
        },
      }
      setImmediate(() => transaction.oncomplete?.())
      return transaction
    },
  }
  return { open: () => later(database) } as unknown as IDBFactory
}

describe('drafts in IndexedDB', () => {
  it('come back, and blank ones do not stay', async () => {
    const tables = { drafts: new Map<string, unknown>(), outbox: new Map<string, unknown>() }
    const drafts = createIndexedDrafts(() => databaseWith(tables), (error) => { throw error })
    await drafts.saveDraft(t1, 'Half a thought')
    await drafts.saveDraft('', 'x')
    await drafts.saveDraft('', ' ')
    await drafts.saveOutgoing(t1, { ...outgoing, queued: true }, new Map())
    expect(await drafts.load()).toMatchObject({ drafts: { [t1]: 'Half a thought' }, outbox: [{ thread: t1, outgoing: { id: 'm-1', text: 'Hi', status: 'waiting', queued: true } }] })
    await drafts.dropOutgoing(outgoing.id)
    expect((await drafts.load()).outbox).toEqual([])
  })

  it('keep files with their bytes for as long as a draft or a message names them', async () => {
    const tables = { drafts: new Map<string, unknown>(), outbox: new Map<string, unknown>(), attached: new Map<string, unknown>(), files: new Map<string, unknown>() }
    const drafts = createIndexedDrafts(() => databaseWith(tables), (error) => { throw error })
    const file = { kind: 'file' as const, file: 'f-1' as FileId, name: 'a.txt', mediaType: 'text/plain', size: 2, pasted: true }
    const { pasted: _pasted, ...sent } = file
    const bytes = new Blob(['Hi'])
    await drafts.saveAttached(t1, [{ file, uploaded: false, bytes }])
    await drafts.saveAttached(t1, [{ file, uploaded: true, bytes: null }])
    const kept = await drafts.load()
    expect(kept.attached).toEqual({ [t1]: [{ file, uploaded: true }] })
    expect(await kept.bytes.get(file.file)?.text()).toBe('Hi')
    // It is sent: the message takes over from the draft, whichever of the two is written first.
    await drafts.saveOutgoing(t1, { ...outgoing, files: [sent] }, new Map([[file.file, bytes]]))
    await drafts.saveAttached(t1, [])
    expect(await drafts.load()).toMatchObject({ attached: {}, outbox: [{ outgoing: { files: [sent] } }], bytes: { size: 1 } })
    await drafts.dropOutgoing(outgoing.id)
    expect(tables.files.size).toBe(0)
  })

  it('pass over junk of another version', async () => {
    const rows = [null, 3, 'x', {}, { thread: t1 }, { thread: '../x', outgoing }, { thread: t1, outgoing: { ...outgoing, id: 7 } }, { thread: t1, outgoing: { ...outgoing, text: null } }]
    const tables = { drafts: new Map<string, unknown>([['a', 3], ['b', 'kept']]), outbox: new Map<string, unknown>(rows.map((row, index) => [String(index), row])), attached: new Map<string, unknown>([[t1, 'junk'], ['x', [null, {}, { file: { kind: 'file', file: '../x', name: 'a' } }]]]) }
    const drafts = createIndexedDrafts(() => databaseWith(tables), (error) => { throw error })
    expect(await drafts.load()).toEqual({ drafts: { b: 'kept' }, attached: { [t1]: [], x: [] }, bytes: new Map(), outbox: [] })
  })

  it('cost nothing but themselves when storage is missing, blocked or broken, and say so once', async () => {
    const broken: (() => IDBFactory | undefined)[] = [
      () => undefined,
      () => { throw new DOMException('blocked', 'SecurityError') },
      () => ({ open: () => { throw new Error('broken') } }) as unknown as IDBFactory,
      () => ({ open: () => {
        const request = { error: new DOMException('full', 'QuotaExceededError'), onerror: null as (() => void) | null }
        queueMicrotask(() => request.onerror?.())
        return request
      } }) as unknown as IDBFactory,
    ]
    for (const factory of broken) {
      const troubles: unknown[] = []
      const drafts = createIndexedDrafts(factory, (error) => troubles.push(error))
      expect(await drafts.load()).toEqual({ drafts: {}, attached: {}, bytes: new Map(), outbox: [] })
      await drafts.saveDraft(t1, 'x')
      await drafts.saveOutgoing(t1, outgoing, new Map())
      await drafts.dropOutgoing(outgoing.id)
      expect(troubles).toHaveLength(1)
    }
  })

  it('that fail do not keep a message from being sent', async () => {
    const broken = createIndexedDrafts(() => undefined, () => undefined)
    const page = openPage({ stored: { storage: broken, drafts: new Map(), outbox: new Map(), attached: new Map(), bytes: new Map(), cache: new Map(), branches: new Map() } })
    page.actions.start(null)
    page.actions.send(null, 'Hi')
    await settlePromises()
    expect(page.open()).toEqual(['run-1'])
  })
})
