import { selectConnection, selectHeld } from '../../store/activity.ts'
import { useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import styles from './status.module.css'
import { useAnnouncement } from './use-announcement.ts'
import { useLasting } from './use-lasting.ts'

/** A shorter trouble is nobody's business. */
const SILENT_MS = 2000

/** The one status line: what is wrong with the connection, to be seen; what goes on, to be heard. */
export function Status() {
  const current = useStore((state) => state.current)
  const run = useStore((state) => selectConnection(state, current)?.kind)
  const offline = useStore((state) => state.server.kind === 'offline')
  // Between two attempts "connecting" is as lost as "waiting".
  const runLost = useLasting(run === 'waiting' || run === 'connecting', SILENT_MS)
  const serverLost = useLasting(offline, SILENT_MS)
  const heldNow = useStore((state) => selectHeld(state, current))
  const held = useLasting(heldNow !== null, SILENT_MS) ? heldNow : null
  const loggedOut = useStore((state) => state.server.kind === 'logged-out')
  const trouble = loggedOut ? text.connection.loggedOut : serverLost && run !== 'streaming' ? text.connection.offline : runLost ? text.connection.reconnecting : held !== null ? text.connection.held[held] : null
  const announcement = useAnnouncement()
  return (
    <div role="status" aria-atomic="false" className={styles.status} data-trouble={trouble !== null || undefined}>
      {trouble !== null && (
        <span className={styles.trouble}>
          {!loggedOut && <span className={styles.turning} aria-hidden="true" />}
          {trouble}
          {/* Beside this page, which keeps its draft and its text, and is told by the new one that it is let in. */}
          {loggedOut && <a className={styles.remedy} href="/" target="_blank" rel="noopener">{text.connection.logIn}</a>}
        </span>
      )}
      <span className="visually-hidden">{announcement}</span>
    </div>
  )
}
