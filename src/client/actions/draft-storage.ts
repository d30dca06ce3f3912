/** Where drafts and messages that the server has not accepted yet survive a reload. */
import type { FileId, MessageId, ThreadId } from '../../shared/ids.ts'
import { isId } from '../../shared/ids.ts'
import { read, ProtocolError, saidPartSchema } from '../../shared/protocol.ts'
import type { SaidFile } from '../../shared/protocol.ts'
import type { AttachedFile, Outgoing } from '../store/state.ts'

export interface DraftStorage {
  load(): Promise<Kept>
  /** Blank text deletes. The key of a new chat is `''`. */
  saveDraft(key: string, text: string): Promise<void>
  /** What is attached to a draft, with the bytes; none deletes. */
  saveAttached(key: string, files: readonly KeptFile[]): Promise<void>
  /** `bytes`: of its files. Answers whether it is kept. */
  saveOutgoing(thread: ThreadId, outgoing: Outgoing, bytes: ReadonlyMap<FileId, Blob>): Promise<boolean>
  /** False where it is known not to be there: another tab has dropped it. */
  holdsOutgoing(id: MessageId): Promise<boolean>
  dropOutgoing(id: MessageId): Promise<void>
}

export interface KeptFile {
  readonly file: AttachedFile
  /** The server has taken it. */
  readonly uploaded: boolean
  /** Null: only the server has them. */
  readonly bytes: Blob | null
}

export interface Kept {
  readonly drafts: Readonly<Record<string, string>>
  readonly attached: Readonly<Record<string, readonly Omit<KeptFile, 'bytes'>[]>>
  /** Of all files that drafts and messages name. */
  readonly bytes: ReadonlyMap<FileId, Blob>
  readonly outbox: readonly { readonly thread: ThreadId; readonly outgoing: Outgoing }[]
}

const DATABASE = 'holdfast'
const VERSION = 2
/** What is attached lies apart from its bytes (`files`), because a file moves from a draft to a message and its bytes stay. */
const STORES = ['drafts', 'outbox', 'attached', 'files'] as const
const WITH_FILES = ['outbox', 'attached', 'files'] as const

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
      attempt<Kept>({ drafts: {}, attached: {}, bytes: new Map(), outbox: [] }, async (db) => {
        const transaction = db.transaction([...STORES], 'readonly')
        const [texts, lists, blobs, rows] = await Promise.all([
          entriesOf(transaction.objectStore('drafts')), entriesOf(transaction.objectStore('attached')), entriesOf(transaction.objectStore('files')),
          answer<unknown[]>(transaction.objectStore('outbox').getAll()),
        ])
        return {
          drafts: Object.fromEntries(texts.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
          attached: Object.fromEntries(lists.map(([key, list]) => [key, readFiles(list)])),
          bytes: new Map(blobs.filter((entry): entry is [FileId, Blob] => entry[1] instanceof Blob)),
          outbox: rows.flatMap(readRow),
        }
      }),
    saveDraft: (key, text) =>
      attempt(undefined, (db) => write(db, 'drafts', (store) => (text.trim() === '' ? store.delete(key) : store.put(text, key)))),
    saveAttached: (key, files) => attempt(undefined, (db) => withFiles(db, async ({ attached, files: blobs }) => {
      for (const { file, bytes } of files) if (bytes !== null) await putOnce(blobs, file.file, bytes)
      if (files.length === 0) attached.delete(key)
      else attached.put(files.map(({ file, uploaded }) => ({ file, uploaded })), key)
    })),
    saveOutgoing: (thread, outgoing, bytes) => attempt(false, async (db) => {
      await withFiles(db, async ({ outbox, files }) => {
        for (const [file, blob] of bytes) await putOnce(files, file, blob)
        outbox.put({ thread, outgoing }, outgoing.id)
      })
      return true
    }),
    holdsOutgoing: (id) => attempt(true, async (db) => (await answer(db.transaction('outbox', 'readonly').objectStore('outbox').count(id))) > 0),
    dropOutgoing: (id) => attempt(undefined, (db) => withFiles(db, async ({ outbox }) => void outbox.delete(id))),
  }
}

function open(factory: IDBFactory | undefined): Promise<IDBDatabase> {
  if (factory === undefined) return Promise.reject(new Error('This browser has no IndexedDB.'))
  return new Promise((resolve, reject) => {
    const request = factory.open(DATABASE, VERSION)
    request.onupgradeneeded = () => {
      for (const store of STORES) if (!request.result.objectStoreNames.contains(store)) request.result.createObjectStore(store)
    }
    request.onsuccess = () => {
      // A newer version of this page in another tab must not wait for this one.
      request.result.onversionchange = () => request.result.close()
      resolve(request.result)
    }
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

async function entriesOf(store: IDBObjectStore): Promise<[string, unknown][]> {
  const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer<unknown[]>(store.getAll())])
  return keys.flatMap((key, index) => (typeof key === 'string' ? [[key, values[index]]] : []))
}

function write(db: IDBDatabase, name: 'drafts', change: (store: IDBObjectStore) => IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(name, 'readwrite')
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB did not keep it.'))
    change(transaction.objectStore(name))
  })
}

type FileStores = Readonly<Record<(typeof WITH_FILES)[number], IDBObjectStore>>

/** One transaction over all that names files and their bytes; at its end the bytes that nothing names any more go. */
function withFiles(db: IDBDatabase, change: (stores: FileStores) => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction([...WITH_FILES], 'readwrite')
    const stores = Object.fromEntries(WITH_FILES.map((name) => [name, transaction.objectStore(name)])) as FileStores
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB did not keep it.'))
    change(stores).then(() => dropUnnamed(stores)).catch((error: unknown) => {
      reject(error as Error)
      transaction.abort()
    })
  })
}

async function dropUnnamed({ outbox, attached, files }: FileStores): Promise<void> {
  const [keys, lists, rows] = await Promise.all([answer(files.getAllKeys()), answer<unknown[]>(attached.getAll()), answer<unknown[]>(outbox.getAll())])
  const named = new Set<IDBValidKey>([...lists.flatMap(readFiles).map(({ file }) => file.file), ...rows.flatMap(readRow).flatMap(({ outgoing }) => (outgoing.files ?? []).map(({ file }) => file))])
  for (const key of keys) if (!named.has(key)) files.delete(key)
}

/** The bytes of a file never change, and are too many to be written twice. */
async function putOnce(files: IDBObjectStore, file: FileId, bytes: Blob): Promise<void> {
  if ((await answer(files.count(file))) === 0) files.put(bytes, file)
}

function readFiles(list: unknown): Omit<KeptFile, 'bytes'>[] {
  return Array.isArray(list) ? list.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null || !('file' in one)) return []
    return readFile(one.file).map((file) => ({
      file: { ...file, ...((one.file as AttachedFile).pasted === true ? { pasted: true } : {}) }, uploaded: 'uploaded' in one && one.uploaded === true,
    }))
  }) : []
}

function readFile(value: unknown): SaidFile[] {
  try {
    const part = read(saidPartSchema, value)
    return part.kind === 'file' ? [part] : []
  } catch (error) {
    if (error instanceof ProtocolError) return []
    throw error
  }
}

/** A row as some version of this page wrote it, or nothing: what is kept in a browser may be anything. */
function readRow(row: unknown): Kept['outbox'] {
  if (typeof row !== 'object' || row === null || !('thread' in row) || !('outgoing' in row)) return []
  const { thread, outgoing } = row
  if (!isId(thread) || typeof outgoing !== 'object' || outgoing === null) return []
  const { id, text, files, regenerate, continues, after, queued, agent, model, at } = outgoing as Partial<Record<keyof Outgoing, unknown>>
  if (!isId(id) || typeof text !== 'string' || typeof at !== 'number') return []
  const optional = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return [{
    thread: thread as ThreadId,
    outgoing: {
      id: id as MessageId, text, status: 'waiting', error: null, at,
      ...(Array.isArray(files) && files.length > 0 ? { files: files.flatMap(readFile) } : {}),
      regenerate: isId(regenerate) ? (regenerate as MessageId) : undefined, continues: isId(continues) ? (continues as MessageId) : undefined,
      after: after === null || isId(after) ? (after as MessageId | null) : undefined, ...(queued === true ? { queued } : {}), agent: optional(agent), model: optional(model),
    },
  }]
}
