import { describe, expect, it } from 'vitest'
import type { MessageId } from '../../../src/shared/ids.ts'
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
    createObjectStore: () => undefined,
    transaction: () => {
      const transaction = {
        oncomplete: null as (() => void) | null,
        objectStore: (name: string) => {
          const table = tables[name] ?? new Map<string, unknown>()
          return {
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
    await drafts.saveOutgoing(t1, outgoing)
    expect(await drafts.load()).toMatchObject({ drafts: { [t1]: 'Half a thought' }, outbox: [{ thread: t1, outgoing: { id: 'm-1', text: 'Hi', status: 'waiting' } }] })
    await drafts.dropOutgoing(outgoing.id)
    expect((await drafts.load()).outbox).toEqual([])
  })

  it('pass over junk of another version', async () => {
    const rows = [null, 3, 'x', {}, { thread: t1 }, { thread: '../x', outgoing }, { thread: t1, outgoing: { ...outgoing, id: 7 } }, { thread: t1, outgoing: { ...outgoing, text: null } }]
    const tables = { drafts: new Map<string, unknown>([['a', 3], ['b', 'kept']]), outbox: new Map<string, unknown>(rows.map((row, index) => [String(index), row])) }
    const drafts = createIndexedDrafts(() => databaseWith(tables), (error) => { throw error })
    expect(await drafts.load()).toEqual({ drafts: { b: 'kept' }, outbox: [] })
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
      expect(await drafts.load()).toEqual({ drafts: {}, outbox: [] })
      await drafts.saveDraft(t1, 'x')
      await drafts.saveOutgoing(t1, outgoing)
      await drafts.dropOutgoing(outgoing.id)
      expect(troubles).toHaveLength(1)
    }
  })

  it('that fail do not keep a message from being sent', async () => {
    const broken = createIndexedDrafts(() => undefined, () => undefined)
    const page = openPage({ stored: { storage: broken, drafts: new Map(), outbox: new Map(), cache: new Map(), branches: new Map() } })
    page.actions.start(null)
    page.actions.send(null, 'Hi')
    await settlePromises()
    expect(page.open()).toEqual(['run-1'])
  })
})
