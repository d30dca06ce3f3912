import { Plus } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { AgentSetting } from '../../../shared/protocol.ts'
import { useActions } from '../../store/react.ts'
import { text } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { AgentFormView } from './agent-form.tsx'
import styles from './settings.module.css'
import { settingsText } from './words.ts'

type Listed = 'loading' | { readonly agents: readonly AgentSetting[] } | { readonly failed: string }

export function AgentsSection() {
  const actions = useActions()
  const [listed, setListed] = useState<Listed>('loading')
  /** The agent whose form is open; `new`: one to be added. */
  const [open, setOpen] = useState<string | null>(null)
  const [round, setRound] = useState(0)
  const words = settingsText().agents

  useEffect(() => {
    let here = true
    const take = async (find: boolean) => {
      const tried = await actions.agentSettings(find)
      if (here && (tried.ok || !find)) setListed(tried.ok ? { agents: tried.value } : { failed: tried.message })
    }
    // What is set up shows at once; who is on this machine joins when they have answered.
    void take(false).then(() => take(true))
    return () => {
      here = false
    }
  }, [actions, round])

  const again = () => {
    setOpen(null)
    setRound(round + 1)
  }
  if (listed === 'loading') return <p className={styles.about} role="status">{words.loading}</p>
  if ('failed' in listed) {
    return (
      <div className={styles.danger}>
        <p role="alert">{words.failed(listed.failed)}</p>
        <Button small onClick={again}>{text.chats.tryAgain}</Button>
      </div>
    )
  }
  return (
    <>
      <p className={styles.about}>{words.about}</p>
      {listed.agents.length === 0 && open === null && <p className={styles.empty}>{words.empty}</p>}
      <ul role="list" className={styles.agents}>
        {listed.agents.map((agent) => (
          <li key={agent.id} className={styles.agent}>
            {open === agent.id ? <AgentFormView agent={agent} onDone={again} onCancel={() => setOpen(null)} /> : <AgentRow agent={agent} onEdit={() => setOpen(agent.id)} onRemoved={again} />}
          </li>
        ))}
        {open === 'new' && <li className={styles.agent}><AgentFormView agent={null} onDone={again} onCancel={() => setOpen(null)} /></li>}
      </ul>
      {open !== 'new' && <Button onClick={() => setOpen('new')}><Plus size={16} />{words.add}</Button>}
    </>
  )
}

function AgentRow({ agent, onEdit, onRemoved }: { readonly agent: AgentSetting; readonly onEdit: () => void; readonly onRemoved: () => void }) {
  const actions = useActions()
  const [sure, setSure] = useState(false)
  const [failed, setFailed] = useState<string | null>(null)
  const words = settingsText().agents
  const remove = async () => {
    const tried = await actions.removeAgent(agent.id)
    if (tried.ok) onRemoved()
    else setFailed(tried.message)
  }
  return (
    <>
      <div className={styles.row}>
        <div className={styles.grow}>
          <p className={styles.name}><bdi>{agent.title}</bdi></p>
          <p className={styles.address} dir="ltr">{agent.baseUrl}</p>
        </div>
        {agent.source === 'settings' && !sure && (
          <div className={styles.buttons}>
            <Button small aria-label={words.editNamed(agent.title)} onClick={onEdit}>{words.edit}</Button>
            <Button small look="danger" aria-label={words.removeNamed(agent.title)} onClick={() => setSure(true)}>{words.remove}</Button>
          </div>
        )}
        {sure && (
          <div className={styles.buttons}>
            <Button small look="danger" onClick={() => void remove()}>{words.reallyRemove}</Button>
            <Button small look="plain" autoFocus onClick={() => setSure(false)}>{settingsText().cancel}</Button>
          </div>
        )}
      </div>
      <p className={styles.about}>{words.describe(agent.model, agent.hasKey)}</p>
      {agent.source === 'environment' && <p className={styles.note}>{words.byEnvironment}</p>}
      {agent.source === 'found' && <p className={styles.note}>{words.found}</p>}
      {agent.shadowed && <p className={styles.note}>{words.shadowed}</p>}
      {agent.problem !== undefined && <p className={styles.failed}>{text.agent.missing(agent.why, agent.problem)}</p>}
      {failed !== null && <p className={styles.failed} role="alert">{words.notRemoved(failed)}</p>}
    </>
  )
}
