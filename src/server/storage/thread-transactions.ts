/** What each write to a thread decides; same rules as transactions.ts. */
import type { ThreadId } from '../../shared/ids.ts'
import type { PatchThread, Thread } from '../../shared/protocol.ts'
import { storableTitle } from './records.ts'
import type { ThreadRow } from './records.ts'
import type { Tables } from './tables.ts'
import { newThread, readThread, threadChange, unchanged } from './thread-rows.ts'
import type { Done } from './thread-rows.ts'

interface NewThread {
  readonly id: ThreadId
  readonly title?: string | undefined
  readonly agent?: string | undefined
  readonly model?: string | undefined
}

export function createThread(tables: Tables, input: NewThread, now: number): Done<{ created: boolean; thread: Thread }> {
  if (tables.thread(input.id) !== undefined) return unchanged({ created: false, thread: readThread(tables, input.id) })
  tables.insertThread({ ...newThread(input.id, now), title: storableTitle(input.title ?? ''), titled: (input.title ?? '') === '' ? 0 : 1, agent: input.agent ?? null, model: input.model ?? null })
  return { value: { created: true, thread: readThread(tables, input.id) }, changes: [threadChange(tables, input.id)] }
}

export function patchThread(tables: Tables, input: { readonly thread: ThreadId; readonly patch: PatchThread }): Done<Thread | null> {
  const row = tables.thread(input.thread)
  if (row === undefined || row.deleted_at !== null) return unchanged(null)
  const changed = Object.fromEntries(Object.entries(patched(input.patch)).filter(([column, value]) => row[column as keyof ThreadRow] !== value))
  if (Object.keys(changed).length === 0) return unchanged(readThread(tables, input.thread))
  tables.updateThread(input.thread, changed)
  return { value: readThread(tables, input.thread), changes: [threadChange(tables, input.thread)] }
}

function patched({ title, pinned, archived, agent, model, draft, seen }: PatchThread): Partial<ThreadRow> {
  return {
    ...(title === undefined ? {} : { title: storableTitle(title), renamed: 1 }),
    ...(pinned === undefined ? {} : { pinned: pinned ? 1 : 0 }),
    ...(archived === undefined ? {} : { archived: archived ? 1 : 0 }),
    ...(agent === undefined ? {} : { agent }),
    ...(model === undefined ? {} : { model }),
    ...(draft === undefined ? {} : { draft: JSON.stringify(draft) }),
    ...(seen === undefined ? {} : { unread: 0 }),
  }
}

export function claimTitle(tables: Tables, input: { readonly thread: ThreadId }): Done<boolean> {
  const row = tables.thread(input.thread)
  if (row === undefined || row.deleted_at !== null || row.renamed === 1 || row.titled === 1) return unchanged(false)
  tables.updateThread(input.thread, { titled: 1 })
  return unchanged(true)
}

export function giveTitle(tables: Tables, input: { readonly thread: ThreadId; readonly title: string }): Done<null> {
  const row = tables.thread(input.thread)
  const title = storableTitle(input.title)
  if (row === undefined || row.renamed === 1 || row.title === title) return unchanged(null)
  tables.updateThread(input.thread, { title })
  return { value: null, changes: [threadChange(tables, input.thread)] }
}

export function deleteThread(tables: Tables, input: { readonly thread: ThreadId }, now: number): Done<boolean> {
  const row = tables.thread(input.thread)
  if (row === undefined) return unchanged(false)
  if (row.deleted_at !== null) return unchanged(true)
  tables.updateThread(input.thread, { deleted_at: now })
  return { value: true, changes: [{ kind: 'thread-removed', thread: input.thread }] }
}

export function restoreThread(tables: Tables, input: { readonly thread: ThreadId }): Done<Thread | null> {
  const row = tables.thread(input.thread)
  if (row === undefined) return unchanged(null)
  if (row.deleted_at === null) return unchanged(readThread(tables, input.thread))
  tables.updateThread(input.thread, { deleted_at: null })
  return { value: readThread(tables, input.thread), changes: [threadChange(tables, input.thread)] }
}

export function purgeThreads(tables: Tables, input: { readonly olderThanMs: number }, now: number): Done<number> {
  const gone = tables.threadsDeletedBefore(now - input.olderThanMs)
  for (const id of gone) tables.removeThread(id)
  return unchanged(gone.length)
}

export function removeAllThreads(tables: Tables): Done<number> {
  const all = tables.allThreads()
  for (const id of all) tables.removeThread(id)
  return { value: all.length, changes: all.map((thread) => ({ kind: 'thread-removed', thread })) }
}

export function touch(tables: Tables): Done<null> {
  tables.touch()
  return unchanged(null)
}
