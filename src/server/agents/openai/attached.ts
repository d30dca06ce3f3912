/** What people attached, as far as a chat model is given it: pictures, PDFs and text. Of everything else it hears the name. */
import { isPdf, isPicture, isTextType } from '../../../shared/files.ts'
import type { FileId } from '../../../shared/ids.ts'
import { noticeOf } from '../../../shared/notices.ts'
import type { FilePart, Message, Notice } from '../../../shared/protocol.ts'
import type { AgentContext } from '../agent.ts'

export type Content = { readonly kind: 'picture'; readonly bytes: Uint8Array } | { readonly kind: 'pdf'; readonly bytes: Uint8Array } | { readonly kind: 'text'; readonly text: string; readonly cut: boolean }

export type Attached = ReadonlyMap<FileId, Content>

/** More would crowd out the conversation. */
const MOST_TEXT_BYTES = 512 * 1024
const MOST_TEXT_BYTES_IN_ALL = 1024 * 1024
/** Every request carries all of them, in base64. */
const MOST_BINARY_BYTES_IN_ALL = 40 * 1024 * 1024

/** Reads the newest first: where not everything has room, it is the oldest that is only named. */
export async function readAttached(messages: readonly Message[], readFile: AgentContext['readFile']): Promise<Attached> {
  const attached = new Map<FileId, Content>()
  let textRoom = MOST_TEXT_BYTES_IN_ALL
  let binaryRoom = MOST_BINARY_BYTES_IN_ALL
  for (const part of filesOf(messages).toReversed()) {
    const { file, mediaType, size = 0 } = part
    if (file === undefined || attached.has(file)) continue
    if (isBinary(mediaType) && size <= binaryRoom) {
      const bytes = await readFile(file)
      if (bytes === null) continue
      binaryRoom -= bytes.byteLength
      attached.set(file, isPdf(mediaType) ? { kind: 'pdf', bytes } : { kind: 'picture', bytes })
    } else if (isTextType(mediaType) && textRoom > 0) {
      const most = Math.min(MOST_TEXT_BYTES, textRoom)
      const bytes = await readFile(file, most)
      if (bytes === null) continue
      textRoom -= bytes.byteLength
      // A letter that the cut goes through is left out.
      attached.set(file, { kind: 'text', text: new TextDecoder().decode(bytes, { stream: true }), cut: size > bytes.byteLength })
    }
  }
  return attached
}

/** What a person should know of how the files of the newest message were given on. */
export function tellAttached(messages: readonly Message[], attached: Attached): Omit<Notice, 'at'>[] {
  return filesOf(messages.slice(-1)).flatMap(({ file, name, mediaType }) => {
    const content = file === undefined ? undefined : attached.get(file)
    const named = { name: name.slice(0, 80) }
    if (content === undefined) return [noticeOf('warning', isBinary(mediaType) || isTextType(mediaType) ? 'file-left-out' : 'file-name-only', named)]
    return content.kind === 'text' && content.cut ? [noticeOf('warning', 'file-cut', named)] : []
  })
}

const isBinary = (mediaType: string) => isPicture(mediaType) || isPdf(mediaType)

function filesOf(messages: readonly Message[]): FilePart[] {
  return messages.flatMap((message) => (message.role === 'user' ? message.parts.filter((part) => part.kind === 'file') : []))
}
