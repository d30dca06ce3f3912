/** What becomes of files; same rules as transactions.ts. */
import { fromNewFile, toStoredFile } from './records.ts'
import type { NewFile, PutFileResult } from './storage.ts'
import type { Tables } from './tables.ts'
import { unchanged } from './thread-rows.ts'
import type { Done } from './thread-rows.ts'

export function putFile(tables: Tables, input: NewFile, now: number): Done<PutFileResult> {
  const known = tables.file(input.id)
  if (known !== undefined) return unchanged(known.hash === input.hash ? { kind: 'same', file: toStoredFile(known) } : { kind: 'conflict' })
  const row = fromNewFile(input, now)
  tables.insertFile(row)
  return unchanged({ kind: 'added', file: toStoredFile(row) })
}

export function removeUnusedFiles(tables: Tables, input: { readonly olderThanMs: number }, now: number): Done<readonly string[]> {
  const unused = tables.unusedFiles(now - input.olderThanMs)
  for (const { id } of unused) tables.removeFile(id)
  return unchanged(unused.map((row) => row.blob))
}
