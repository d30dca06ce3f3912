import { Download, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useActions } from '../../store/react.ts'
import { Button } from '../ui/button.tsx'
import { download } from '../ui/download.ts'
import { Field } from './controls.tsx'
import styles from './settings.module.css'
import { settingsText } from './words.ts'

/** All chats can be taken along. Their end asks for a typed word: there is no way back. */
export function DataSection() {
  const actions = useActions()
  const [asking, setAsking] = useState(false)
  const [typed, setTyped] = useState('')
  const [state, setState] = useState<'idle' | 'deleting' | { readonly failed: string }>('idle')
  const words = settingsText().data
  const sure = typed.trim().toLocaleLowerCase() === words.word
  const remove = async () => {
    setState('deleting')
    const tried = await actions.deleteEverything()
    setState(tried.ok ? 'idle' : { failed: tried.message })
  }
  if (!asking) {
    return (
      <>
        <div className={styles.row}>
          <div className={styles.grow}>
            <p className={styles.label}>{words.exportAll}</p>
            <p className={styles.about}>{words.exportAbout}</p>
          </div>
          <Button onClick={() => download('/api/export')}><Download size={16} />{words.exportButton}</Button>
        </div>
        <div className={styles.row}>
          <div className={styles.grow}>
            <p className={styles.label}>{words.deleteAll}</p>
            <p className={styles.about}>{words.deleteAbout}</p>
          </div>
          <Button look="danger" onClick={() => setAsking(true)}><Trash2 size={16} />{words.deleteButton}</Button>
        </div>
      </>
    )
  }
  return (
    <form
      className={styles.danger}
      onSubmit={(event) => {
        event.preventDefault()
        if (sure && state !== 'deleting') void remove()
      }}
    >
      <p className={styles.label}>{words.deleteAll}</p>
      <p className={styles.about}>{words.deleteAbout}</p>
      <Field label={words.confirm(words.word)} value={typed} autoFocus onChange={(event) => setTyped(event.target.value)} />
      {typeof state === 'object' && <p className={styles.failed} role="alert">{words.failed(state.failed)}</p>}
      <div className={styles.buttons}>
        <Button type="submit" look="danger" disabled={!sure || state === 'deleting'}>{state === 'deleting' ? words.deleting : words.deleteForGood}</Button>
        <Button
          look="plain"
          onClick={() => {
            setAsking(false)
            setTyped('')
            setState('idle')
          }}
        >
          {settingsText().cancel}
        </Button>
      </div>
    </form>
  )
}
