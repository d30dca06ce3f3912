import { ChevronDown } from 'lucide-react'
import { useRef } from 'react'
import type { AgentInfo } from '../../../shared/protocol.ts'
import type { ThreadId } from '../../../shared/ids.ts'
import { selectChoice } from '../../store/choice.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Menu, MenuChoice, MenuLine } from '../ui/menu.tsx'
import styles from './composer.module.css'

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
      <MenuChoice
        label={text.agent.heading}
        value={agent.id}
        onChoose={(id) => choose(id, list.agents.find((one) => one.id === id)?.models[0]?.id ?? null)}
        options={list.agents.map((one) => ({
          value: one.id,
          title: <>{one.title}<Marks agent={one} /></>,
          about: one.ready ? one.description : one.missing && text.agent.missing(one.why, one.missing),
          disabled: !one.ready,
        }))}
      />
      {agent.models.length > 1 && (
        <>
          <MenuLine />
          <MenuChoice
            label={text.agent.models}
            value={model}
            onChoose={(id) => choose(agent.id, id)}
            options={agent.models.map((one) => ({ value: one.id, title: one.title }))}
          />
        </>
      )}
    </Menu>
  )
}

function Marks({ agent }: { readonly agent: AgentInfo }) {
  return (
    <>
      {agent.demo === true && !text.agent.saysDemo(agent.title) && <span className={styles.demo}>{text.agent.demo}</span>}
      {!agent.ready && <span className={styles.notReady}>{text.agent.notReady}</span>}
    </>
  )
}
