/** What a person attaches to a message that is being written: taken in, sent to the server meanwhile, kept over a reload, taken out again. */
import { isPicture, LARGEST_FILE_BYTES, safeFileName } from '../../shared/files.ts'
import type { FileId, ThreadId } from '../../shared/ids.ts'
import { MOST_FILES } from '../../shared/protocol.ts'
import { putAttached, selectAttached } from '../store/files.ts'
import type { Actions, AttachedFile, NotAttached } from '../store/state.ts'
import type { ActionDeps } from './deps.ts'
import type { Drafts } from './drafts.ts'
import type { Uploads } from './uploads.ts'

export interface AttachmentsDeps extends Pick<ActionDeps, 'store' | 'newId' | 'measurePicture'> {
  readonly drafts: Drafts
  readonly uploads: Uploads
}

export function createAttachments({ store, newId, measurePicture, drafts, uploads }: AttachmentsDeps): Pick<Actions, 'attach' | 'detach' | 'uploadAgain'> {
  async function takeIn(thread: ThreadId | null, given: File, pasted: boolean): Promise<NotAttached | null> {
    const refuse = (why: NotAttached['why']): NotAttached => ({ name: safeFileName(given.name), why })
    if (given.size > LARGEST_FILE_BYTES) return refuse('too-large')
    if (selectAttached(store.getState(), thread).length >= MOST_FILES) return refuse('too-many')
    // Read once and now: the file may change or go away before it is sent, and a folder is found out.
    const bytes = await given.arrayBuffer().then((read) => new Blob([read], { type: given.type }), () => null)
    if (bytes === null) return refuse('unreadable')
    const size = isPicture(given.type) ? await measurePicture(bytes) : null
    if (selectAttached(store.getState(), thread).length >= MOST_FILES) return refuse('too-many')
    const file = newId() as FileId
    const name = safeFileName(given.name)
    const mediaType = size === null && isPicture(given.type) ? 'application/octet-stream' : given.type || 'application/octet-stream'
    const attached: AttachedFile = { kind: 'file', file, name, mediaType, size: bytes.size, ...size, ...(pasted ? { pasted } : {}) }
    store.update((state) => putAttached(
      { ...state, uploads: { ...state.uploads, [file]: { name, bytes, status: 'waiting', share: 0, error: null } } },
      thread ?? '', [...selectAttached(state, thread), attached],
    ))
    drafts.attachedChanged(thread)
    uploads.begin(file)
    return null
  }

  return {
    async attach(thread, files, pasted = false) {
      const refused: NotAttached[] = []
      for (const file of files) {
        const why = await takeIn(thread, file, pasted)
        if (why !== null) refused.push(why)
      }
      return refused
    },
    detach(thread, file) {
      uploads.cancel(file)
      drafts.setAttached(thread, selectAttached(store.getState(), thread).filter((one) => one.file !== file))
    },
    uploadAgain: (file) => uploads.begin(file),
  }
}
