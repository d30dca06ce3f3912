/** A thread's export as JSON text, in pieces: its files one after the other, since together they may be more than memory should hold. */
import type { ExportedFile, ThreadExport } from '../../shared/export.ts'
import type { FileId } from '../../shared/ids.ts'
import type { Files } from '../files/files.ts'

export async function* writeThread(whole: ThreadExport, files: Pick<Files, 'read'>): AsyncGenerator<string> {
  const { files: _none, ...rest } = whole
  yield `${JSON.stringify(rest).slice(0, -1)},"files":[`
  let first = true
  for (const [id, name] of filesOf(whole)) {
    const bytes = await files.read(id)
    if (bytes === null) continue
    yield `${first ? '' : ','}${JSON.stringify({ id, name, data: Buffer.from(bytes).toString('base64') } satisfies ExportedFile)}`
    first = false
  }
  yield ']}'
}

function filesOf({ messages }: ThreadExport): ReadonlyMap<FileId, string> {
  return new Map(messages.flatMap((message) => message.parts.flatMap((part) => (part.kind === 'file' && part.file !== undefined ? [[part.file, part.name] as const] : []))))
}
