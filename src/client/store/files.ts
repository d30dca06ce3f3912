/** Files in composers and on their way to the server. All pure. */
import type { FileId, ThreadId } from '../../shared/ids.ts'
import type { InputPart, Part, SaidFile, SaidPart } from '../../shared/protocol.ts'
import type { AttachedFile, Outgoing, State, Upload } from './state.ts'

const none: readonly AttachedFile[] = []

export function selectAttached(state: State, thread: ThreadId | null): readonly AttachedFile[] {
  return state.attached[thread ?? ''] ?? none
}

export function putAttached(state: State, key: string, files: readonly AttachedFile[]): State {
  if (files.length > 0) return { ...state, attached: { ...state.attached, [key]: files } }
  const { [key]: _gone, ...attached } = state.attached
  return { ...state, attached }
}

export function putUpload(state: State, file: FileId, change: Partial<Upload>): State {
  const held = state.uploads[file]
  return held === undefined ? state : { ...state, uploads: { ...state.uploads, [file]: { ...held, ...change } } }
}

/** What the server says a file is, wherever it is named; it goes by that name from now on. */
export function nameAnew(state: State, known: SaidFile): State {
  const renamed = <F extends SaidFile>(files: readonly F[]): readonly F[] => (files.some(({ file }) => file === known.file) ? files.map((one) => (one.file === known.file ? { ...one, ...known } : one)) : files)
  const attached = Object.fromEntries(Object.entries(state.attached).map(([key, files]) => [key, renamed(files)]))
  const content = Object.fromEntries(Object.entries(state.content).map(([thread, one]) => [
    thread, one.outgoing.some(({ files }) => files?.some(({ file }) => file === known.file) === true)
      ? { ...one, outgoing: one.outgoing.map((outgoing) => (outgoing.files === undefined ? outgoing : { ...outgoing, files: renamed(outgoing.files) })) }
      : one,
  ]))
  return { ...state, attached, content }
}

/** Without the bytes of files that neither a composer nor a message on its way names. */
export function forgetUploads(state: State): State {
  if (Object.keys(state.uploads).length === 0) return state
  const named = new Set([
    ...Object.values(state.attached).flatMap((files) => files.map(({ file }) => file)),
    ...Object.values(state.content).flatMap(({ outgoing }) => outgoing.flatMap(({ files = [] }) => files.map(({ file }) => file))),
  ])
  const left = Object.entries(state.uploads).filter(([file]) => named.has(file as FileId))
  return left.length === Object.keys(state.uploads).length ? state : { ...state, uploads: Object.fromEntries(left) }
}

/** What a message that is being sent consists of: its words, then its files. */
export function outgoingParts({ text, files = [] }: Pick<Outgoing, 'text' | 'files'>): SaidPart[] {
  return [...(text.trim() === '' ? [] : [{ kind: 'text' as const, text }]), ...files]
}

/** What of it is sent: of a file its id alone. */
export function toInput(part: SaidPart): InputPart {
  return part.kind === 'file' ? { kind: 'file', file: part.file } : part
}

/** The files of a message that a person attached, as they may be named again. */
export function filesOf(parts: readonly (Part | SaidPart)[]): SaidFile[] {
  return parts.flatMap((part) => {
    if (part.kind !== 'file' || part.file === undefined) return []
    const { file, name, mediaType, size = 0, width, height } = part
    return [{ kind: 'file' as const, file, name, mediaType, size, ...(width === undefined || height === undefined ? {} : { width, height }) }]
  })
}

/** How much of a message's files has reached the server, 0 to 1; null where there is nothing to wait for. */
export function selectShare(state: State, files: readonly SaidFile[]): number | null {
  const ways = files.flatMap(({ file, size }) => {
    const upload = state.uploads[file]
    return upload === undefined ? [] : [{ size, share: upload.status === 'done' ? 1 : upload.share }]
  })
  if (ways.every(({ share }) => share === 1)) return null
  const whole = ways.reduce((sum, { size }) => sum + size, 0)
  return ways.reduce((sum, { size, share }) => sum + size * share, 0) / Math.max(1, whole)
}
