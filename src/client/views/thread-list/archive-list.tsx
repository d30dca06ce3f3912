import { ArrowLeft, Upload } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { selectArchive } from '../../store/thread-list.ts'
import { useActions, useStore } from '../../store/react.ts'
import { partsText } from '../parts-text.ts'
import { text } from '../text.ts'
import { Button } from '../ui/button.tsx'
import styles from './thread-list.module.css'
import { ThreadRow } from './thread-row.tsx'

/** Chats that were put away, in place of the list. */
export function ArchiveList({ onChosen, onBack }: { readonly onChosen: () => void; readonly onBack: () => void }) {
  const threads = useStore(selectArchive)
  const { status, error, cursor } = useStore((state) => state.archive)
  const current = useStore((state) => state.current)
  const actions = useActions()
  const file = useRef<HTMLInputElement>(null)
  useEffect(() => {
    void actions.loadArchive()
  }, [actions])
  return (
    <>
      <Button autoFocus look="plain" small className={styles.back} onClick={onBack}><ArrowLeft size={15} />{partsText().chats.back}</Button>
      <section className={styles.group}>
        <h2 className={styles.heading}>{text.chats.archived}</h2>
        <ul role="list">
          {threads.map((thread) => <ThreadRow key={thread.id} thread={thread} current={thread.id === current} onChosen={onChosen} />)}
        </ul>
      </section>
      {status === 'error' && (
        <div className={styles.note}>
          <p>{text.chats.failed} {error}</p>
          <Button small onClick={() => void actions.loadArchive()}>{text.chats.tryAgain}</Button>
        </div>
      )}
      {threads.length === 0 && status !== 'error' && <p className={styles.note}>{status === 'ready' ? partsText().chats.emptyArchive : text.chats.loading}</p>}
      {cursor !== null && <Button look="plain" small className={styles.more} onClick={() => void actions.loadArchive(true)}>{text.chats.more}</Button>}
      <input
        ref={file}
        type="file"
        accept="application/json,.json"
        hidden
        onChange={(event) => {
          const [chosen] = event.target.files ?? []
          event.target.value = '' // the same file may be chosen again
          if (chosen !== undefined) void actions.importThreads(chosen)
        }}
      />
      <Button look="plain" small className={styles.more} onClick={() => file.current?.click()}><Upload size={15} />{partsText().chats.importFile}</Button>
    </>
  )
}
