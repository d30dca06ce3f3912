import { useId, useState } from 'react'
import type { AgentSetting, AgentTest } from '../../../shared/protocol.ts'
import { useActions } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { Field } from './controls.tsx'
import styles from './settings.module.css'
import { settingsText } from './words.ts'

interface AgentFormProps {
  /** Null: one to be added. */
  readonly agent: AgentSetting | null
  readonly onDone: () => void
  readonly onCancel: () => void
}

/** Address, key and model of an agent. What is typed can be tried before it is kept. */
export function AgentFormView({ agent, onDone, onCancel }: AgentFormProps) {
  const actions = useActions()
  const [title, setTitle] = useState(agent?.title ?? '')
  const [baseUrl, setBaseUrl] = useState(agent?.baseUrl ?? '')
  const [key, setKey] = useState('')
  const [forget, setForget] = useState(false)
  const [model, setModel] = useState(agent?.model ?? '')
  const [busy, setBusy] = useState<'test' | 'save' | null>(null)
  const [tested, setTested] = useState<AgentTest | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const list = useId()
  const words = settingsText().agents
  const typedKey = key.trim()

  const test = async () => {
    setBusy('test')
    setFailed(null)
    const tried = await actions.testAgent({ baseUrl, ...(agent === null || forget ? {} : { id: agent.id }), ...(typedKey === '' ? {} : { key: typedKey }) })
    setBusy(null)
    setTested(tried.ok ? tried.value : { ok: false, message: tried.message })
    if (tried.ok && tried.value.ok) setBaseUrl(tried.value.baseUrl)
  }
  const save = async () => {
    setBusy('save')
    const tried = await actions.saveAgent(agent?.id ?? null, {
      title: title.trim() === '' ? words.titleFor(baseUrl) : title,
      baseUrl,
      key: typedKey !== '' ? typedKey : forget ? null : undefined,
      model: model.trim() === '' ? null : model.trim(),
    })
    setBusy(null)
    if (tried.ok) onDone()
    else setFailed(tried.message)
  }
  const models = tested?.ok === true ? tested.models : []
  return (
    <form
      className={styles.form}
      aria-label={agent === null ? words.add : words.editNamed(agent.title)}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Field label={words.baseUrl} about={words.baseUrlAbout} value={baseUrl} autoFocus required dir="ltr" inputMode="url" placeholder={words.baseUrlExample} onChange={(event) => setBaseUrl(event.target.value)} />
      <Field
        label={words.key}
        about={agent?.hasKey === true && !forget ? words.keyKept : words.keyAbout}
        type="password"
        value={key}
        dir="ltr"
        placeholder={agent?.hasKey === true && !forget ? words.keyMasked : ''}
        onChange={(event) => setKey(event.target.value)}
      />
      {agent?.hasKey === true && typedKey === '' && (
        <label className={styles.check}>
          <input type="checkbox" checked={forget} onChange={(event) => setForget(event.target.checked)} />
          {words.forgetKey}
        </label>
      )}
      <div className={styles.buttons}>
        <Button small disabled={busy !== null || baseUrl.trim() === ''} onClick={() => void test()}>{busy === 'test' ? words.testing : words.test}</Button>
      </div>
      <p className={tested?.ok === false ? styles.failed : styles.good} role="status">{tested === null ? '' : tested.ok ? words.works(tested.models.length) : tested.code === undefined ? tested.message : text.message.cause(tested.code, tested.message)}</p>
      <Field label={words.model} about={words.modelAbout} value={model} dir="ltr" list={list} placeholder={words.modelAll} onChange={(event) => setModel(event.target.value)} />
      <datalist id={list}>{models.map((one) => <option key={one} value={one}>{one}</option>)}</datalist>
      <Field label={words.title} value={title} maxLength={60} placeholder={words.titleFor(baseUrl)} onChange={(event) => setTitle(event.target.value)} />
      {failed !== null && <p className={styles.failed} role="alert">{words.notSaved(failed)}</p>}
      <div className={styles.buttons}>
        <Button type="submit" look="accent" disabled={busy !== null || baseUrl.trim() === ''}>{busy === 'save' ? words.saving : words.save}</Button>
        <Button look="plain" onClick={onCancel}>{settingsText().cancel}</Button>
      </div>
    </form>
  )
}
