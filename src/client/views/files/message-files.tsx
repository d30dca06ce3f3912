import { Download, File as FileIcon } from 'lucide-react'
import { useState } from 'react'
import { isPicture } from '../../../shared/files.ts'
import type { FileId } from '../../../shared/ids.ts'
import type { FilePart } from '../../../shared/protocol.ts'
import { text } from '../text.ts'
import { FileWords } from './file-words.tsx'
import styles from './message-files.module.css'
import { pictureBox } from './picture-box.ts'
import { fileUrl, useFileUrl } from './use-file-url.ts'

/** The files of a message: pictures to look at, everything else by name and size, to be saved. */
export function MessageFiles({ parts }: { readonly parts: readonly FilePart[] }) {
  return (
    <ul className={styles.files} aria-label={text.files.label}>
      {parts.map((part) => (
        <li key={part.id} data-part={part.id} data-kind="file" data-state={part.state}>
          <MessageFile part={part} />
        </li>
      ))}
    </ul>
  )
}

function MessageFile({ part }: { readonly part: FilePart }) {
  const { file, name, mediaType, width, height } = part
  const [gone, setGone] = useState(false)
  if (file !== undefined && !gone && isPicture(mediaType) && width !== undefined && height !== undefined) {
    return <Picture file={file} name={name} width={width} height={height} onGone={() => setGone(true)} />
  }
  const about = (
    <>
      <FileIcon size={18} />
      <FileWords name={name}>{gone ? text.files.gone : text.files.size(part.size ?? 0)}</FileWords>
    </>
  )
  if (file === undefined || gone) return <span className={styles.chip}>{about}</span>
  return <a className={styles.chip} href={fileUrl(file)} download={name} aria-label={text.files.download(name, part.size ?? 0)}>{about}<Download size={15} /></a>
}

interface PictureProps {
  readonly file: FileId
  readonly name: string
  readonly width: number
  readonly height: number
  readonly onGone: () => void
}

function Picture({ file, name, width, height, onGone }: PictureProps) {
  const url = useFileUrl(file)
  return (
    <a className={styles.picture} href={fileUrl(file)} target="_blank" rel="noopener noreferrer" aria-label={text.files.openPicture(name)}>
      <img src={url} alt="" {...pictureBox(width, height)} decoding="async" onError={onGone} />
    </a>
  )
}
