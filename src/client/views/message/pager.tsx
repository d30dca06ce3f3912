import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { ThreadId } from '../../../shared/ids.ts'
import type { Siblings } from '../../store/turns.ts'
import { useActions } from '../../store/react.ts'
import { text } from '../text.ts'
import { IconButton } from '../ui/button.tsx'
import styles from './pager.module.css'

/** ‹ 2 / 3 ›: which of several branches that part here is shown. */
export function Pager({ thread, siblings, label }: { readonly thread: ThreadId; readonly siblings: Siblings; readonly label: string }) {
  const actions = useActions()
  const { index, ids } = siblings
  const go = (to: number) => {
    const sibling = ids[to]
    if (sibling !== undefined) void actions.lookAt(thread, sibling)
  }
  return (
    <div className={styles.pager} role="group" aria-label={label} data-versions={`${index + 1}/${ids.length}`}>
      <IconButton small label={text.message.previous} disabled={index <= 0} onClick={() => go(index - 1)}><ChevronLeft size={15} /></IconButton>
      <span className={styles.place} aria-hidden="true">{text.message.place(index + 1, ids.length)}</span>
      <IconButton small label={text.message.next} disabled={index >= ids.length - 1} onClick={() => go(index + 1)}><ChevronRight size={15} /></IconButton>
    </div>
  )
}
