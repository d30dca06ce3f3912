import { ChevronDown } from 'lucide-react'
import { useRef } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import { selectChoice } from '../../store/choice.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Menu } from '../ui/menu.tsx'
import { onDemand } from '../ui/on-demand.ts'
import { Marks } from './agent-marks.tsx'
import styles from './composer.module.css'

const items = onDemand(async () => (await import('./agent-items.tsx')).AgentItems)

/** Which agent and model the next message goes to. */
export function AgentPicker({ thread }: { readonly thread: ThreadId | null }) {
  const list = useStore((state) => state.agents)
  const choice = useStore((state) => selectChoice(state, thread))
  const actions = useActions()
  const chosen = useRef(false)
  if (list === null || choice === null) return <span className={styles.agent} data-empty="">{list === null ? text.agent.loading : text.agent.none}</span>
  const { agent, model } = choice
  const choose = (id: string, next: string | null) => {
    chosen.current = true
    actions.choose(id, next)
  }
  const modelTitle = agent.models.find((one) => one.id === model)?.title
  return (
    <Menu
      items={items}
      side="top"
      wide
      onClosed={() => {
        const taken = chosen.current
        chosen.current = false
        // Whoever chose goes on to write; on a touch screen that would raise the keyboard.
        if (!taken || !matchMedia('(pointer: fine)').matches) return false
        document.getElementById('message')?.focus()
        return true
      }}
      trigger={
        <button type="button" className={styles.agent} aria-label={text.agent.choose(modelTitle === undefined ? agent.title : `${agent.title}, ${modelTitle}`)}>
          <span className={styles.agentTitle}>{agent.demo === true ? agent.title : (modelTitle ?? agent.title)}</span>
          <Marks agent={agent} />
          <ChevronDown size={14} />
        </button>
      }
    >
      {(Items) => <Items list={list} choice={choice} onChoose={choose} />}
    </Menu>
  )
}
