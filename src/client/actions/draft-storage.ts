/** Where drafts and messages that the server has not accepted yet survive a reload. */
import type { MessageId, ThreadId } from '../../shared/ids.ts'
import { isId } from '../../shared/ids.ts'
import type { Outgoing } from '../store/state.ts'

export interface DraftStorage {
  load(): Promise<Kept>
  /** Blank text deletes. The key of a new chat is `''`. */
  saveDraft(key: string, text: string): Promise<void>
  /** Answers whether it is kept. */
  saveOutgoing(thread: ThreadId, outgoing: Outgoing): Promise<boolean>
  /** False where it is known not to be there: another tab has dropped it. */
  holdsOutgoing(id: MessageId): Promise<boolean>
  dropOutgoing(id: MessageId): Promise<void>
}

export interface Kept {
  readonly drafts: Readonly<Record<string, string>>
  readonly outbox: readonly { readonly thread: ThreadId; readonly outgoing: Outgoing }[]
}

const DATABASE = 'holdfast'
const VERSION = 1

/**
 * In IndexedDB, asked for when it is needed because naming it alone throws where it is blocked. Storage that is blocked, full or broken costs what it would have kept and nothing else: every method succeeds,
 * and `onTrouble` hears of the first failure.
 */
export function createIndexedDrafts(factory: () => IDBFactory | undefined, onTrouble: (error: unknown) => void): DraftStorage {
  let told = false
  let database: Promise<IDBDatabase> | null = null

  async function attempt<T>(otherwise: T, use: (db: IDBDatabase) => Promise<T>): Promise<T> {
    try {
      database ??= open(factory())
      return await use(await database)
    } catch (error) {
      if (!told) onTrouble(error)
      told = true
      database = null // the next write may find it working again
      return otherwise
    }
  }

  return {
    load: () =>
      attempt<Kept>({ drafts: {}, outbox: [] }, async (db) => {
        const transaction = db.transaction(['drafts', 'outbox'], 'readonly')
        const drafts = transaction.objectStore('drafts')
        const [keys, texts, rows] = await Promise.all([
          answer(drafts.getAllKeys()), answer<unknown[]>(drafts.getAll()), answer<unknown[]>(transaction.objectStore('outbox').getAll()),
        ])
        const entries = keys.flatMap((key, index) => {
          const text = texts[index]
          return typeof key === 'string' && typeof text === 'string' ? [[key, text] as const] : []
        })
        return { drafts: Object.fromEntries(entries), outbox: rows.flatMap(readRow) }
      }),
    saveDraft: (key, text) =>
      attempt(undefined, (db) => write(db, 'drafts', (store) => (text.trim() === '' ? store.delete(key) : store.put(text, key)))),
    saveOutgoing: (thread, outgoing) => attempt(false, async (db) => {
      await write(db, 'outbox', (store) => store.put({ thread, outgoing }, outgoing.id))
      return true
    }),
    holdsOutgoing: (id) => attempt(true, async (db) => (await answer(db.transaction('outbox', 'readonly').objectStore('outbox').count(id))) > 0),
    dropOutgoing: (id) => attempt(undefined, (db) => write(db, 'outbox', (store) => store.delete(id))),
  }
}

function open(factory: IDBFactory | undefined): Promise<IDBDatabase> {
  if (factory === undefined) return Promise.reject(new Error('This browser has no IndexedDB.'))
  return new Promise((resolve, reject) => {
    const request = factory.open(DATABASE, VERSION)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('drafts')
      request.result.createObjectStore('outbox')
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB did not open.'))
    request.onblocked = () => reject(new Error('IndexedDB is held by another tab with an older version of this page.'))
  })
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB gave no answer.'))
  })
}

function write(db: IDBDatabase, name: 'drafts' | 'outbox', change: (store: IDBObjectStore) => IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(name, 'readwrite')
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB did not keep it.'))
    change(transaction.objectStore(name))
  })
}

/** A row as some version of this page wrote it, or nothing: what is kept in a browser may be anything. */
function readRow(row: unknown): Kept['outbox'] {
  if (typeof row !== 'object' || row === null || !('thread' in row) || !('outgoing' in row)) return []
  const { thread, outgoing } = row
  if (!isId(thread) || typeof outgoing !== 'object' || outgoing === null) return []
  const { id, text, regenerate, continues, after, agent, model, at } = outgoing as Partial<Record<keyof Outgoing, unknown>>
  if (!isId(id) || typeof text !== 'string' || typeof at !== 'number') return []
  const optional = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return [{
    thread: thread as ThreadId,
    outgoing: {
      id: id as MessageId, text, status: 'waiting', error: null, at,
      regenerate: isId(regenerate) ? (regenerate as MessageId) : undefined, continues: isId(continues) ? (continues as MessageId) : undefined,
      after: after === null || isId(after) ? (after as MessageId | null) : undefined, agent: optional(agent), model: optional(model),
    },
  }]
}
