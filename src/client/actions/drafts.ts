/** What is being written in each thread and what is not accepted yet, in the store at once and in the browser's storage right after. */
import type { FileId, MessageId, ThreadId } from '../../shared/ids.ts'
import { changeContent, putOutgoing } from '../store/content.ts'
import { putAttached } from '../store/files.ts'
import type { AttachedFile, Outgoing, State, Upload } from '../store/state.ts'
import type { ActionDeps } from './deps.ts'
import type { Kept, KeptFile } from './draft-storage.ts'
import { inBackground } from './trouble.ts'

export interface Drafts {
  /** Brings back what was kept; what was typed meanwhile stays. */
  restore(): Promise<void>
  set(thread: ThreadId | null, text: string): void
  setAttached(thread: ThreadId | null, files: readonly AttachedFile[]): void
  /** What is attached there has changed and is to be kept. */
  attachedChanged(thread: ThreadId | null): void
  /** The server has this file now, so that the next page need not send it. */
  keepStored(file: FileId): void
  keepOutgoing(thread: ThreadId, outgoing: Outgoing): void
  /** Whether another tab of this browser has dropped a message that this one had kept: it was sent from there, or deleted. */
  droppedElsewhere(id: MessageId): Promise<boolean>
  forgetOutgoing(id: MessageId): void
}

export function createDrafts({ store, drafts: storage, log }: Pick<ActionDeps, 'store' | 'drafts' | 'log'>): Drafts {
  const unsaved = new Set<string>()
  const unsavedFiles = new Set<string>()
  /** Messages that are known to lie in the browser's storage, unless another tab took them out. */
  const kept = new Set<MessageId>()
  let saving = false

  /**
   * Begins with the first change and goes on until nothing has changed meanwhile: a fast typist costs a write at a time, and no timer holds
   * back what a reload would then lose.
   */
  async function save(): Promise<void> {
    if (saving) return
    saving = true
    try {
      for (;;) {
        const [draft, files] = [first(unsaved), first(unsavedFiles)]
        if (draft === undefined && files === undefined) break
        if (files !== undefined) {
          unsavedFiles.delete(files)
          await storage.saveAttached(files, keptFiles(store.getState(), files))
        }
        if (draft !== undefined) {
          unsaved.delete(draft)
          await storage.saveDraft(draft, store.getState().drafts[draft] ?? '')
        }
      }
    } finally {
      saving = false
    }
  }

  function attachedChanged(key: string): void {
    unsavedFiles.add(key)
    inBackground(log, 'keeping what is attached', save)
  }

  return {
    async restore() {
      const found = await storage.load()
      for (const { outgoing } of found.outbox) kept.add(outgoing.id)
      store.update((state) => found.outbox.reduce(
        (so, { thread, outgoing }) => restoreOutgoing(so, thread, outgoing),
        restoreFiles({ ...state, drafts: { ...found.drafts, ...state.drafts } }, found),
      ))
    },
    set(thread, text) {
      const key = thread ?? ''
      if ((store.getState().drafts[key] ?? '') === text) return
      store.update((state) => ({ ...state, drafts: { ...state.drafts, [key]: text } }))
      unsaved.add(key)
      inBackground(log, 'keeping a draft', save)
    },
    setAttached(thread, files) {
      const key = thread ?? ''
      if (files.length === 0 && store.getState().attached[key] === undefined) return
      store.update((state) => putAttached(state, key, files))
      attachedChanged(key)
    },
    attachedChanged: (thread) => attachedChanged(thread ?? ''),
    keepStored(file) {
      for (const [key, files] of Object.entries(store.getState().attached)) if (files.some((one) => one.file === file)) attachedChanged(key)
    },
    keepOutgoing: (thread, outgoing) => inBackground(log, 'keeping a message', async () => {
      const { uploads } = store.getState()
      const bytes = (outgoing.files ?? []).flatMap(({ file }) => (uploads[file] === undefined ? [] : [[file, uploads[file].bytes] as const]))
      if (await storage.saveOutgoing(thread, outgoing, new Map(bytes))) kept.add(outgoing.id)
    }),
    droppedElsewhere: async (id) => kept.has(id) && !(await storage.holdsOutgoing(id)),
    forgetOutgoing(id) {
      kept.delete(id)
      inBackground(log, 'forgetting a sent message', () => storage.dropOutgoing(id))
    },
  }
}

function first(keys: ReadonlySet<string>): string | undefined {
  return keys.values().next().value
}

function keptFiles(state: State, key: string): KeptFile[] {
  return (state.attached[key] ?? []).map((file) => {
    const upload = state.uploads[file.file]
    return { file, uploaded: upload === undefined || upload.status === 'done', bytes: upload?.bytes ?? null }
  })
}

/** What was attached when the page went: what had not arrived is sent again, what is lost on both sides is left out. */
function restoreFiles(state: State, { attached, outbox, bytes }: Kept): State {
  const uploads: Record<string, Upload> = {}
  const hold = (file: FileId, name: string, uploaded: boolean) => {
    const held = bytes.get(file)
    if (held !== undefined) uploads[file] = { name, bytes: held, status: uploaded ? 'done' : 'waiting', share: uploaded ? 1 : 0, error: null }
  }
  const back = Object.entries(attached).flatMap(([key, files]) => {
    const left = files.filter(({ file, uploaded }) => uploaded || bytes.has(file.file))
    for (const { file, uploaded } of left) hold(file.file, file.name, uploaded)
    return left.length === 0 ? [] : [[key, left.map(({ file }) => file)] as const]
  })
  for (const { outgoing } of outbox) for (const { file, name } of outgoing.files ?? []) hold(file, name, false)
  // What was attached before this was read stands behind it.
  const both = back.map(([key, files]) => [key, [...files, ...(state.attached[key] ?? [])]] as const)
  return { ...state, attached: { ...state.attached, ...Object.fromEntries(both) }, uploads: { ...uploads, ...state.uploads } }
}

function restoreOutgoing(state: State, thread: ThreadId, outgoing: Outgoing): State {
  if (state.content[thread]?.outgoing.some((one) => one.id === outgoing.id) === true) return state
  return changeContent(state, thread, (content) => putOutgoing(content, { ...outgoing, status: 'waiting', error: null }))
}
