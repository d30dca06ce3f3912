import { Pencil, RotateCw, X } from 'lucide-react'
import { memo, useState } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import { selectShare } from '../../store/files.ts'
import { selectActivity } from '../../store/activity.ts'
import type { ShownMessage, Siblings } from '../../store/turns.ts'
import type { Outgoing } from '../../store/state.ts'
import { useActions, useStore } from '../../store/react.ts'
import { MessageFiles } from '../files/message-files.tsx'
import { text } from '../text.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { onDemand, prepared } from '../ui/on-demand.ts'
import { useToggle } from '../ui/use-toggle.ts'
import { CopyLink } from './copy-link.tsx'
import styles from './message.module.css'
import { Pager } from './pager.tsx'
import { plainText } from './plain-text.ts'

const editor = onDemand(async () => (await import('./in-place-editor.tsx')).InPlaceEditor)

interface UserMessageProps {
  readonly thread: ThreadId
  readonly message: ShownMessage
  readonly outgoing: Outgoing | null
  readonly versions?: Siblings | undefined
  /** Said to a run that was at work: it is part of that answer, and cannot be asked anew. */
  readonly aside?: boolean
}

/** Beyond this a message is shown in part: what matters next stands below it. */
const LONG_CHARS = 2000
const LONG_LINES = 18

function isLong(message: ShownMessage): boolean {
  const said = plainText(message)
  return said.length > LONG_CHARS || said.split('\n', LONG_LINES + 1).length > LONG_LINES
}

export const UserMessage = memo(function UserMessage({ thread, message, outgoing, versions, aside = false }: UserMessageProps) {
  const actions = useActions()
  /** While the message is edited. */
  const [Editor, setEditor] = useState<ReturnType<typeof editor.get>>(null)
  const edit = async () => {
    if (await prepared(editor)) setEditor(() => editor.get())
  }
  const idle = useStore((state) => selectActivity(state, thread) === 'idle')
  const [whole, toggle] = useToggle(`${message.id} whole`, false)
  const long = isLong(message)
  const words = message.parts.filter((part) => part.kind === 'text')
  const files = message.parts.filter((part) => part.kind === 'file')
  const own = outgoing !== null && outgoing.regenerate === undefined ? outgoing : null
  const unsent = (outgoing?.status === 'failed' || outgoing?.status === 'waiting') && (
    <div className={styles.unsent} data-waiting={outgoing.status === 'waiting' || undefined}>
      {outgoing.status === 'waiting'
        ? <p><strong>{text.message.waiting}</strong> {text.message.waitingDetail}</p>
        : <p><strong>{text.message.notSent}</strong> {outgoing.error}</p>}
      <div className={styles.buttons}>
        <Button small onClick={() => actions.resend(thread, outgoing.id)}><RotateCw size={14} />{text.message.retry}</Button>
        <Button small look="plain" onClick={() => actions.discard(thread, outgoing.id)}><X size={14} />{text.message.discard}</Button>
      </div>
    </div>
  )
  // It has no words: only where the agent was told to go on is shown.
  if (message.continues === true) {
    return (
      <article className={styles.goOn} data-message={message.id} data-role="user" data-status={own?.status ?? message.status} data-continues="" aria-label={text.message.you}>
        <span>{text.message.wentOn}</span>
        {versions !== undefined && <Pager thread={thread} siblings={versions} label={text.message.versions(versions.index + 1, versions.ids.length)} />}
        {unsent}
      </article>
    )
  }
  if (message.damaged === true) {
    return (
      <article className={styles.user} data-message={message.id} data-role="user" data-status={message.status} aria-label={text.message.you}>
        <p className={styles.damaged}>{text.message.damaged}</p>
      </article>
    )
  }
  return (
    <article className={styles.user} data-message={message.id} data-role="user" data-status={own?.status ?? message.status} aria-label={text.message.you}>
      {files.length > 0 && <MessageFiles parts={files} />}
      {Editor !== null ? (
        <Editor
          label={text.message.editLabel}
          said={plainText(message)}
          send={text.message.editSend}
          cancel={text.message.editCancel}
          mayBeBlank={files.length > 0}
          onSend={(words) => {
            setEditor(null)
            actions.edit(thread, message.id, words)
          }}
          onCancel={() => setEditor(null)}
        />
      ) : (
        <div className={styles.said}>
          <div className={styles.actions}>
            {own?.status === 'sending' && <OnItsWay outgoing={own} />}
            {own === null && idle && !aside && <IconButton small data-edit="" label={text.message.edit} onClick={() => void edit()}><Pencil size={14} /></IconButton>}
            {own === null && <CopyLink thread={thread} message={message.id} />}
            {own === null && <CopyButton label={text.message.copy} take={() => plainText(message)} />}
          </div>
          {words.length > 0 && (
            <div className={styles.bubble} data-clipped={(long && !whole) || undefined}>
              {words.map((part) => <div key={part.id} dir="auto" data-part={part.id} data-kind="text" data-state={part.state}>{part.text}</div>)}
            </div>
          )}
        </div>
      )}
      {long && <Button small look="plain" className={styles.more} aria-expanded={whole} onClick={toggle}>{whole ? text.message.less : text.message.more}</Button>}
      {versions !== undefined && <Pager thread={thread} siblings={versions} label={text.message.versions(versions.index + 1, versions.ids.length)} />}
      {unsent}
    </article>
  )
})

function OnItsWay({ outgoing }: { readonly outgoing: Outgoing }) {
  const share = useStore((state) => selectShare(state, outgoing.files ?? []))
  return <span className={styles.sending}>{share === null ? text.message.sending : text.files.uploading(share)}</span>
}
