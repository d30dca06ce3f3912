import { Paperclip } from 'lucide-react'
import { partsText } from '../parts-text.ts'
import styles from './attachments.module.css'

/** Lies over the page while files are dragged across it. */
export function DropHint() {
  return <div className={styles.drop}><p><Paperclip size={20} />{partsText().files.drop}</p></div>
}
