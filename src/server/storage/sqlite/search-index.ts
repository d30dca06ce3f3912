/**
 * The full-text index. It holds words as search-text.ts cuts them and no text of its own (`content=''`), and its tokenizer has nothing left to
 * decide: `ascii` keeps everything that is not ASCII punctuation or space.
 */
import { crc32 } from 'node:zlib'
import type { Database } from 'better-sqlite3'
import type { ThreadId } from '../../../shared/ids.ts'
import type { Message } from '../../../shared/protocol.ts'
import { indexWords, searchableText } from '../search-text.ts'
import type { Term } from '../search-text.ts'

export const searchTables = `
  CREATE TABLE search_docs (
    key INTEGER PRIMARY KEY,
    thread TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    message TEXT NOT NULL,
    UNIQUE (thread, message)
  );
  CREATE VIRTUAL TABLE search_index USING fts5 (words, tokenize = 'ascii', content = '', contentless_delete = 1);
`

export interface SearchIndex {
  putTitle(thread: ThreadId, title: string): void
  putMessage(thread: ThreadId, message: Message): void
  removeThread(thread: ThreadId): void
}

/** The message id under which a thread's title is kept. */
const TITLE = ''
/** Entries with a key below it in `meta` are still to be taken anew. */
const TO_REFRESH = 'search_refresh_below'

/** The writing half; its writes are part of the transaction that is under way. */
export function createSearchIndex(db: Database): SearchIndex {
  const docOf = db.prepare<[string, string], number>('SELECT key FROM search_docs WHERE thread = ? AND message = ?').pluck()
  const docsOf = db.prepare<[string], number>('SELECT key FROM search_docs WHERE thread = ?').pluck()
  const newDoc = db.prepare<[string, string]>('INSERT INTO search_docs (thread, message) VALUES (?, ?)')
  const dropDoc = db.prepare<[number]>('DELETE FROM search_docs WHERE key = ?')
  const newWords = db.prepare<[number | bigint, string]>('INSERT INTO search_index (rowid, words) VALUES (?, ?)')
  const dropWords = db.prepare<[number]>('DELETE FROM search_index WHERE rowid = ?')

  function drop(key: number): void {
    dropWords.run(key)
    dropDoc.run(key)
  }

  function put(thread: ThreadId, message: string, text: string): void {
    const before = docOf.get(thread, message)
    if (before !== undefined) drop(before)
    const words = indexWords(text)
    if (words !== '') newWords.run(newDoc.run(thread, message).lastInsertRowid, words)
  }

  return {
    putTitle: (thread, title) => put(thread, TITLE, title),
    putMessage: (thread, message) => put(thread, message.id, searchableText(message)),
    removeThread(thread) {
      for (const key of docsOf.all(thread)) drop(key)
    },
  }
}

/** Indexes what a database held before it had an index. */
export function indexEverything(db: Database): void {
  const index = createSearchIndex(db)
  for (const { id, title } of db.prepare<[], { id: ThreadId; title: string }>('SELECT id, title FROM threads').all()) index.putTitle(id, title)
  const places = db.prepare<[], { thread: ThreadId; id: string }>('SELECT thread, id FROM messages ORDER BY run, idx').all()
  const body = db.prepare<[string, string], string>('SELECT body FROM messages WHERE thread = ? AND id = ?').pluck()
  for (const { thread, id } of places) index.putMessage(thread, JSON.parse(body.get(thread, id) ?? '{"parts":[]}') as Message)
}

/** Takes up to `limit` answers anew that were indexed before the last `indexShownText`, the newest first. Answers how many; 0: none is left. */
export function createRefresh(db: Database, index: SearchIndex): (limit: number) => number {
  const mark = db.prepare<[string], number>('SELECT cast(value AS INTEGER) FROM meta WHERE key = ?').pluck()
  const setMark = db.prepare<[number, string]>('UPDATE meta SET value = ? WHERE key = ?')
  const dropMark = db.prepare<[string]>('DELETE FROM meta WHERE key = ?')
  const old = db.prepare<[number, number], { key: number; thread: ThreadId; body: string; sum: number }>(`
    SELECT d.key, d.thread, m.body, m.sum FROM search_docs d JOIN messages m ON m.thread = d.thread AND m.id = d.message
    WHERE d.key < ? AND m.role = 'assistant' ORDER BY d.key DESC LIMIT ?`)

  // What is put in gets a key above all there are, so that going downwards never meets it; what was done and what is left change in one transaction.
  return (limit) => {
    const below = mark.get(TO_REFRESH)
    if (below === undefined) return 0
    const docs = old.all(below, limit)
    for (const { thread, body, sum } of docs) {
      // A damaged message keeps the words that it was found by; whoever reads it is told.
      if (crc32(body) !== sum) continue
      const message = JSON.parse(body) as Message
      index.putMessage(thread, message)
    }
    const last = docs.at(-1)
    if (last === undefined) dropMark.run(TO_REFRESH)
    else setMark.run(last.key, TO_REFRESH)
    return docs.length
  }
}

/** Notes that what is indexed by now was indexed by more of its source than is shown. `createRefresh` goes through it while the server runs. */
export const indexShownText = `INSERT OR REPLACE INTO meta (key, value) SELECT '${TO_REFRESH}', max(key) + 1 FROM search_docs WHERE message <> '' HAVING max(key) IS NOT NULL`

/** Terms in the index's own language. They hold letters and digits alone, so nothing in them can be taken for its syntax. */
export function matchExpression(terms: readonly Term[]): string {
  return terms.map((term) => (term.kind === 'prefix' ? `"${term.word}"*` : `"${term.words.join(' ')}"`)).join(' AND ')
}
