import { File as FileIcon, FileText, RotateCw, TextCursorInput, TriangleAlert, X } from 'lucide-react'
import { isPicture } from '../../../shared/files.ts'
import type { ThreadId } from '../../../shared/ids.ts'
import { selectAttached } from '../../store/files.ts'
import { useActions, useStore } from '../../store/react.ts'
import type { AttachedFile, NotAttached } from '../../store/state.ts'
import { FileWords } from '../files/file-words.tsx'
import { useFileUrl } from '../files/use-file-url.ts'
import { partsText } from '../parts-text.ts'
import { text } from '../text.ts'
import { IconButton } from '../ui/button.tsx'
import styles from './attachments.module.css'

interface AttachmentsProps {
  readonly thread: ThreadId | null
  /** What was not taken in, and why. */
  readonly refused: readonly NotAttached[]
  readonly onSeen: () => void
  /** Title of the agent that takes no files; null: it takes them. */
  readonly deaf: string | null
  /** Puts a pasted text back among the words. */
  readonly onInsert: (file: AttachedFile) => void
}

/** The files of the message that is being written, above its words. */
export function Attachments({ thread, refused, onSeen, deaf, onInsert }: AttachmentsProps) {
  const files = useStore((state) => selectAttached(state, thread))
  return (
    <div className={styles.tray} data-attachments="">
      {files.length > 0 && (
        <ul className={styles.files} aria-label={text.files.label}>
          {files.map((file) => <Chip key={file.file} thread={thread} file={file} onInsert={onInsert} />)}
        </ul>
      )}
      {refused.length > 0 && (
        <div className={styles.refused} role="alert">
          <TriangleAlert size={15} />
          <ul>{refused.map(({ name, why }, index) => <li key={`${index} ${name}`}>{text.files.refused[why](name)}</li>)}</ul>
          <IconButton small label={partsText().files.dismiss} onClick={onSeen}><X size={15} /></IconButton>
        </div>
      )}
      {deaf !== null && files.length > 0 && <div className={styles.refused} role="alert"><TriangleAlert size={15} /><p>{partsText().files.takesNone(deaf)}</p></div>}
    </div>
  )
}

interface ChipProps {
  readonly thread: ThreadId | null
  readonly file: AttachedFile
  readonly onInsert: (file: AttachedFile) => void
}

function Chip({ thread, file, onInsert }: ChipProps) {
  const actions = useActions()
  const upload = useStore((state) => state.uploads[file.file])
  const status = upload?.status ?? 'done'
  const share = upload?.share ?? 1
  const failed = status === 'failed' || (status === 'waiting' && upload?.error !== null)
  const remove = (button: HTMLElement) => {
    // Focus goes on to the neighbour, so that the next can be removed by the same key.
    const chip = button.closest('li')
    const next = (chip?.nextElementSibling ?? chip?.previousElementSibling)?.querySelector<HTMLElement>('[data-remove]') ?? document.getElementById('message')
    actions.detach(thread, file.file)
    next?.focus({ preventScroll: true })
  }
  return (
    <li className={styles.chip} data-attached={file.name} data-status={status} data-failed={failed || undefined}>
      <Look file={file} />
      <FileWords name={file.name} failed={failed}>
        {failed ? <bdi>{upload?.error}</bdi> : status === 'done' ? text.files.size(file.size) : status === 'waiting' ? partsText().files.queued : text.files.uploading(share)}
      </FileWords>
      {/* Each change once; the percentage is for who asks for it. */}
      <span className="visually-hidden" aria-live="polite">{failed ? partsText().files.failed(file.name, upload?.error ?? '') : status === 'done' ? partsText().files.attached(file.name) : ''}</span>
      {file.pasted === true && upload !== undefined && <IconButton small side="top" label={partsText().files.insert} onClick={() => onInsert(file)}><TextCursorInput size={15} /></IconButton>}
      {failed && <IconButton small side="top" label={partsText().files.again(file.name)} onClick={() => actions.uploadAgain(file.file)}><RotateCw size={15} /></IconButton>}
      <IconButton small side="top" data-remove="" label={partsText().files.remove(file.name)} onClick={(event) => remove(event.currentTarget)}><X size={15} /></IconButton>
      {status === 'sending' && <progress className={styles.progress} value={share} max={1} aria-label={partsText().files.progress(file.name)} />}
    </li>
  )
}

function Look({ file }: { readonly file: AttachedFile }) {
  if (isPicture(file.mediaType) && file.width !== undefined) return <Thumbnail file={file} />
  return <span className={styles.look}>{file.pasted === true || file.mediaType.startsWith('text/') ? <FileText size={18} /> : <FileIcon size={18} />}</span>
}

function Thumbnail({ file }: { readonly file: AttachedFile }) {
  const url = useFileUrl(file.file)
  return <img className={styles.look} src={url} alt="" />
}
