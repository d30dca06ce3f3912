/**
 * Files on their way to the server: few at once, each given up when nothing of it moves any more. A file keeps its id, so however often it is sent,
 * from this page or the next, it is one file.
 */
import type { FileId } from '../../shared/ids.ts'
import type { StoredFile } from '../../shared/protocol.ts'
import { ApiError } from '../api/api.ts'
import { forgetUploads, nameAnew, putUpload } from '../store/files.ts'
import type { Upload } from '../store/state.ts'
import type { PartDeps } from './deps.ts'
import { inBackground, isPassing } from './trouble.ts'

export interface Uploads {
  /** Resolves when the server has the file. Rejects with ApiError, or with the reason of `cancel`. */
  ensure(file: FileId): Promise<void>
  /** Sends it for a composer: what becomes of it stands in the store. */
  begin(file: FileId): void
  /** The server has lost it: it must be sent once more. */
  again(file: FileId): void
  cancel(file: FileId): void
  /** The server may be there (again): sends what waits in composers. */
  stir(): void
}

export interface UploadsDeps extends Pick<PartDeps, 'store' | 'upload' | 'clock' | 'log' | 'explain'> {
  /** Told of what the server has taken. */
  readonly onStored: (file: FileId) => void
}

/** A page has six connections to its server in HTTP/1.1, and its streams need two. */
const AT_ONCE = 2
const STALLED_MS = 30_000

export function createUploads({ store, upload, clock, log, explain, onStored }: UploadsDeps): Uploads {
  const running = new Map<FileId, { readonly promise: Promise<void>; readonly abort: AbortController }>()
  const waiting: (() => void)[] = []
  let busy = 0

  // Bytes that nobody names any more go.
  store.subscribe((state, before) => {
    if (state.content !== before.content || state.attached !== before.attached) store.update(forgetUploads)
  })

  const mark = (file: FileId, change: Partial<Upload>) => store.update((state) => putUpload(state, file, change))

  async function turn(): Promise<void> {
    if (busy < AT_ONCE) busy++
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }

  async function send(file: FileId, abort: AbortController): Promise<void> {
    await turn()
    let unwatch = () => {}
    const watch = () => {
      unwatch()
      unwatch = clock.after(STALLED_MS, () => abort.abort(new ApiError('unreachable', 'The upload stood still.', { cause: new DOMException('Nothing moved.', 'TimeoutError') })))
    }
    try {
      abort.signal.throwIfAborted()
      const held = store.getState().uploads[file]
      if (held === undefined) return
      mark(file, { status: 'sending', share: 0, error: null })
      watch()
      const stored = await upload(file, held.name, held.bytes, {
        signal: abort.signal,
        onShare(share) {
          watch()
          mark(file, { share })
        },
      })
      store.update((state) => nameAnew(putUpload(state, file, { status: 'done', share: 1 }), toSaid(stored)))
      onStored(file)
    } catch (error) {
      mark(file, { status: isPassing(error) ? 'waiting' : 'failed', share: 0, error: explain(error) })
      throw error
    } finally {
      unwatch()
      const next = waiting.shift()
      if (next === undefined) busy--
      else next()
    }
  }

  function ensure(file: FileId): Promise<void> {
    const held = store.getState().uploads[file]
    if (held === undefined || held.status === 'done') return Promise.resolve()
    const known = running.get(file)
    if (known !== undefined) return known.promise
    const abort = new AbortController()
    const promise = send(file, abort).finally(() => running.delete(file))
    running.set(file, { promise, abort })
    return promise
  }

  // Its failure stands in the store, for whoever looks at the file.
  const begin = (file: FileId) => inBackground(log, 'uploading a file', () => ensure(file).catch(() => undefined))

  return {
    ensure,
    begin,
    again: (file) => mark(file, { status: 'waiting', share: 0 }),
    cancel: (file) => running.get(file)?.abort.abort(new DOMException('The file was removed.', 'AbortError')),
    stir() {
      const { attached, uploads } = store.getState()
      for (const { file } of Object.values(attached).flat()) if (uploads[file]?.status === 'waiting') begin(file)
    },
  }
}

function toSaid({ id: file, ...known }: StoredFile) {
  return { kind: 'file' as const, file, ...known }
}
