/** The thread that owns every write, so that a slow disk stalls no request. Started by writer-link.ts. */
import { randomBytes } from 'node:crypto'
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import type { Database } from 'better-sqlite3'
import type { Incarnation } from '../../../shared/ids.ts'
import { createCommit } from './commit.ts'
import type { Reply, Request } from './commit.ts'
import { openForWriting } from './database.ts'
import { plainError } from './errors.ts'
import type { PlainError } from './errors.ts'
import { migrate } from './migrations.ts'
import { createSqliteTables } from './sqlite-tables.ts'

export interface WriterData {
  readonly file: string
  readonly port: MessagePort
  readonly now: number
}

export type ToWriter = Request | 'close'
export type FromWriter =
  | { readonly kind: 'opened'; readonly incarnation: Incarnation }
  | { readonly kind: 'refused'; readonly error: PlainError }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] }

const { file, port, now } = workerData as WriterData
const send = (message: FromWriter) => port.postMessage(message)

try {
  serve(open())
} catch (error) {
  send({ kind: 'refused', error: plainError(error, file) })
  port.close()
}

function open(): Database {
  const db = openForWriting(file)
  try {
    migrate(db, file, now)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function serve(db: Database): void {
  const incarnation = readIncarnation(db)
  const commit = createCommit(db, createSqliteTables(db, incarnation), file)
  send({ kind: 'opened', incarnation })
  // Group commit without a timer: what has gathered while the previous commit ran is the next batch.
  port.on('message', (first: ToWriter) => {
    const gathered = [first]
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) gathered.push(next.message as ToWriter)
    const batch = gathered.filter((message) => message !== 'close')
    if (batch.length > 0) send({ kind: 'replies', replies: commit(batch) })
    if (batch.length < gathered.length) {
      db.close()
      port.close()
    }
  })
}

/** Names this life of the journal. Made with the database; a restore writes a new one. */
function readIncarnation(db: Database): Incarnation {
  db.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('incarnation', ?)").run(randomBytes(6).toString('base64url').slice(0, 6))
  return db.prepare<[], string>("SELECT value FROM meta WHERE key = 'incarnation'").pluck().get() as Incarnation
}
