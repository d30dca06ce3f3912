/** Files as rows: what a message may name, and which thread keeps it. Used by the transactions that bring a message into a thread. */
import type { FileId, ThreadId } from '../../shared/ids.ts'
import type { InputPart, Message, SaidPart } from '../../shared/protocol.ts'
import type { FileRow } from './records.ts'
import { toStoredFile } from './records.ts'
import type { Tables } from './tables.ts'

/** What was sent, with what is known of each file. The id of a file that is not here, where there is one. */
export function saidParts(tables: Tables, parts: readonly InputPart[]): readonly SaidPart[] | FileId {
  const said: SaidPart[] = []
  for (const part of parts) {
    if (part.kind === 'text') {
      said.push(part)
      continue
    }
    const row = tables.file(part.file)
    if (row === undefined) return part.file
    said.push(saidFile(row))
  }
  return said
}

function saidFile(row: FileRow): SaidPart {
  const { id: file, ...known } = toStoredFile(row)
  return { kind: 'file', file, ...known }
}

/** From now on the thread keeps these files: they stay for as long as it does. A file that is not here is passed over. */
export function keepFiles(tables: Tables, thread: ThreadId, parts: readonly (SaidPart | Message['parts'][number])[]): void {
  for (const part of parts) if (part.kind === 'file' && part.file !== undefined && tables.file(part.file) !== undefined) tables.keepFile(thread, part.file)
}
