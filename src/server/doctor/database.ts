import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Finding } from './doctor.ts'

/** Reads the whole file, which may be in use by a running server. */
export function checkDatabase(dataDir: string): Finding {
  const file = join(resolve(dataDir), 'holdfast.db')
  if (!existsSync(file)) return { what: 'database', state: 'idle', says: `there is none yet; the first start makes ${file}.` }
  try {
    const db = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 2_000 })
    try {
      const verdict = String(db.pragma('integrity_check(1)', { simple: true }))
      return verdict === 'ok' ? { what: 'database', state: 'good', says: `${file} is whole.` } : damaged(file, verdict)
    } finally {
      db.close()
    }
  } catch (error) {
    return damaged(file, (error as Error).message)
  }
}

function damaged(file: string, cause: string): Finding {
  return { what: 'database', state: 'bad', says: `${file} cannot be trusted: ${cause}.`, remedy: 'Stop the server, keep a copy of the file and of those beside it, then put a backup in its place, or move it away to begin anew.' }
}
