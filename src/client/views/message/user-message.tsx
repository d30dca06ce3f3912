import { RotateCw, X } from 'lucide-react'
import { memo } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import type { ShownMessage } from '../../store/selectors.ts'
import type { Outgoing } from '../../store/state.ts'
import { useActions } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { useToggle } from '../ui/use-toggle.ts'
import styles from './message.module.css'
import { plainText } from './plain-text.ts'

interface UserMessageProps {
  readonly thread: ThreadId
  readonly message: ShownMessage
  readonly outgoing: Outgoing | null
}

/** Beyond this a message is shown in part: what matters next stands below it. */
const LONG_CHARS = 2000
const LONG_LINES = 18

function isLong(message: ShownMessage): boolean {
  const said = plainText(message)
  return said.length > LONG_CHARS || said.split('\n', LONG_LINES + 1).length > LONG_LINES
}

export const UserMessage = memo(function UserMessage({ thread, message, outgoing }: UserMessageProps) {
  const actions = useActions()
  const [whole, toggle] = useToggle(`${message.id} whole`, false)
  const long = isLong(message)
  const own = outgoing !== null && outgoing.regenerate === undefined ? outgoing : null
  return (
    <article className={styles.user} data-message={message.id} data-role="user" data-status={own?.status ?? message.status} aria-label={text.message.you}>
      <div className={styles.said}>
        <div className={styles.actions}>
          {own?.status === 'sending' && <span className={styles.sending}>{text.message.sending}</span>}
          {own === null && <CopyButton label={text.message.copy} take={() => plainText(message)} />}
        </div>
        <div className={styles.bubble} data-clipped={(long && !whole) || undefined}>
          {message.parts.map((part) => (
            <div key={part.id} dir="auto" data-part={part.id} data-kind={part.kind} data-state={part.state}>{part.kind === 'text' ? part.text : null}</div>
          ))}
        </div>
      </div>
      {long && <Button small look="plain" className={styles.more} aria-expanded={whole} onClick={toggle}>{whole ? text.message.less : text.message.more}</Button>}
      {(outgoing?.status === 'failed' || outgoing?.status === 'waiting') && (
        <div className={styles.unsent} data-waiting={outgoing.status === 'waiting' || undefined}>
          {outgoing.status === 'waiting'
            ? <p><strong>{text.message.waiting}</strong> {text.message.waitingDetail}</p>
            : <p><strong>{text.message.notSent}</strong> {outgoing.error}</p>}
          <div className={styles.buttons}>
            <Button small onClick={() => actions.resend(thread, outgoing.id)}><RotateCw size={14} />{text.message.retry}</Button>
            <Button small look="plain" onClick={() => actions.discard(thread, outgoing.id)}><X size={14} />{text.message.discard}</Button>
          </div>
        </div>
      )}
    </article>
  )
})
