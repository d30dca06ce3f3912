import type { AgentInfo } from '../../../shared/protocol.ts'
import { text } from '../text.ts'
import styles from './composer.module.css'

/** What there is to know of an agent beside its name. */
export function Marks({ agent }: { readonly agent: AgentInfo }) {
  return (
    <>
      {agent.demo === true && !text.agent.saysDemo(agent.title) && <span className={styles.demo}>{text.agent.demo}</span>}
      {!agent.ready && <span className={styles.notReady}>{text.agent.notReady}</span>}
    </>
  )
}
