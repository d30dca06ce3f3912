import type { Database } from 'better-sqlite3'
import { crc32 } from 'node:zlib'
import { StorageError } from '../storage.ts'
import { indexEverything, indexShownText, searchTables } from './search-index.ts'

interface Migration {
  readonly name: string
  readonly sql: string
  /** What SQL alone cannot do, after it and in the same transaction. */
  readonly afterwards?: (db: Database) => void
}

/** Numbered from 1 by their place. Each runs once on every database: never change one that was released, add another. */
export const migrations: readonly Migration[] = [
  {
    name: 'threads, runs, messages, approvals and the journal',
    sql: `
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

      CREATE TABLE threads (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        renamed INTEGER NOT NULL,
        agent TEXT,
        model TEXT,
        pinned INTEGER NOT NULL,
        archived INTEGER NOT NULL,
        unread INTEGER NOT NULL,
        draft TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        deleted_at INTEGER
      );
      CREATE INDEX threads_by_activity ON threads (archived, updated_at, id) WHERE deleted_at IS NULL;
      CREATE INDEX threads_unread ON threads (id) WHERE unread = 1;

      CREATE TABLE runs (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        thread TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
        message TEXT NOT NULL,
        status TEXT NOT NULL,
        outcome TEXT,
        settled INTEGER NOT NULL,
        waiting INTEGER NOT NULL,
        error TEXT,
        agent TEXT NOT NULL,
        model TEXT,
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        usage TEXT NOT NULL,
        model_calls INTEGER NOT NULL,
        tool_calls INTEGER NOT NULL,
        messages INTEGER NOT NULL,
        notices TEXT NOT NULL,
        last_seq INTEGER NOT NULL,
        last_message TEXT,
        stop_by TEXT,
        owner TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        epoch_base INTEGER NOT NULL,
        lease_until INTEGER NOT NULL
      );
      CREATE UNIQUE INDEX one_live_run_per_thread ON runs (thread) WHERE status IN ('queued', 'running', 'cancelling');
      CREATE INDEX runs_of_thread ON runs (thread, key);
      CREATE INDEX runs_not_settled ON runs (thread, key) WHERE settled = 0;

      CREATE TABLE messages (
        thread TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
        idx INTEGER NOT NULL,
        role TEXT NOT NULL,
        after TEXT,
        body TEXT NOT NULL,
        fingerprint TEXT,
        PRIMARY KEY (thread, id)
      );
      CREATE UNIQUE INDEX messages_in_order ON messages (thread, run, idx);
      CREATE INDEX messages_of_run ON messages (run);

      CREATE TABLE approvals (
        run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
        id TEXT NOT NULL,
        state TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (run, id)
      ) WITHOUT ROWID;

      CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        payload TEXT NOT NULL
      );
    `,
  },
  {
    name: 'journals folded into one row',
    sql: `
      ALTER TABLE runs ADD COLUMN folded INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX runs_to_fold ON runs (ended_at) WHERE settled = 1 AND folded = 0;
      CREATE TABLE folds (
        run INTEGER PRIMARY KEY REFERENCES runs (key) ON DELETE CASCADE,
        transcript TEXT NOT NULL
      );
    `,
  },
  {
    name: 'agents that people set up, their keys sealed',
    sql: `
      CREATE TABLE agents (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        base_url TEXT NOT NULL,
        model TEXT,
        sealed_key TEXT,
        created_at INTEGER NOT NULL
      );
    `,
  },
  {
    name: 'messages that wait for a run to end, and where a thread forks',
    sql: `
      ALTER TABLE threads ADD COLUMN queue_paused TEXT;
      CREATE TABLE queue (
        thread TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        position INTEGER NOT NULL,
        state TEXT NOT NULL,
        run INTEGER,
        agent TEXT NOT NULL,
        model TEXT,
        parts TEXT NOT NULL,
        after TEXT,
        fingerprint TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (thread, id)
      ) WITHOUT ROWID;
      CREATE INDEX questions_by_place ON messages (thread, after, run) WHERE role = 'user' AND idx = 0;
    `,
  },
  { name: 'full-text search', sql: searchTables, afterwards: indexEverything },
  {
    name: 'files that people attach, and the threads that keep them',
    sql: `
      CREATE TABLE files (
        id TEXT PRIMARY KEY,
        blob TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        width INTEGER,
        height INTEGER,
        hash TEXT NOT NULL,
        created_at INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX files_by_age ON files (created_at);
      CREATE TABLE kept_files (
        thread TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
        file TEXT NOT NULL REFERENCES files (id),
        PRIMARY KEY (thread, file)
      ) WITHOUT ROWID;
      CREATE INDEX threads_of_file ON kept_files (file);
    `,
  },
  // Chats that were there before keep the titles that they have.
  { name: 'titles by the agent', sql: 'ALTER TABLE threads ADD COLUMN titled INTEGER NOT NULL DEFAULT 1' },
  { name: 'checksums of messages', sql: 'ALTER TABLE messages ADD COLUMN sum INTEGER NOT NULL DEFAULT 0', afterwards: sumMessages },
  { name: 'search in what is shown', sql: indexShownText },
  { name: 'search without the addresses of definitions', sql: indexShownText },
]

/** What a database held before there were checksums is taken as it is. */
function sumMessages(db: Database): void {
  const body = db.prepare<[number], string>('SELECT body FROM messages WHERE rowid = ?').pluck()
  const put = db.prepare<[number, number]>('UPDATE messages SET sum = ? WHERE rowid = ?')
  for (const row of db.prepare<[], number>('SELECT rowid FROM messages').pluck().all()) put.run(crc32(body.get(row) ?? ''), row)
}

/** Brings a database up to this build, each step in its own transaction. Throws StorageError on a database of a newer build. */
export function migrate(db: Database, file: string, now: number, upTo = migrations.length): void {
  db.exec('CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)')
  const applied = db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM migrations').pluck().get() ?? 0
  if (applied > migrations.length) {
    throw new StorageError(
      `The database ${file} was written by a newer version of Holdfast (its schema is ${applied}, this version knows ${migrations.length}). Start the newer version, or point DATA_DIR elsewhere.`,
      { retryable: false },
    )
  }
  for (const [i, { name, sql, afterwards }] of migrations.entries()) {
    if (i < applied || i >= upTo) continue
    db.transaction(() => {
      db.exec(sql)
      afterwards?.(db)
      db.prepare('INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)').run(i + 1, name, now)
    }).immediate()
  }
}
