import { ChevronDown } from 'lucide-react'
import type { ThreadId } from '../../../shared/ids.ts'
import { selectChoice } from '../../store/selectors.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Menu, MenuChoice, MenuLine } from '../ui/menu.tsx'
import styles from './composer.module.css'

/** Which agent and model the next message goes to. */
export function AgentPicker({ thread }: { readonly thread: ThreadId | null }) {
  const list = useStore((state) => state.agents)
  const choice = useStore((state) => selectChoice(state, thread))
  const actions = useActions()
  if (list === null || choice === null) return <span className={styles.agent} data-empty="">{list === null ? text.agent.loading : text.agent.none}</span>
  const { agent, model } = choice
  const modelTitle = agent.models.find((one) => one.id === model)?.title
  return (
    <Menu
      side="top"
      wide
      trigger={
        <button type="button" className={styles.agent} aria-label={text.agent.choose(modelTitle === undefined ? agent.title : `${agent.title}, ${modelTitle}`)}>
          <span className={styles.ready} data-ready={agent.ready} />
          <span className={styles.agentTitle}>{agent.title}</span>
          {agent.demo === true && <span className={styles.demo}>{text.agent.demo}</span>}
          {modelTitle !== undefined && agent.models.length > 1 && <span className={styles.model}>{modelTitle}</span>}
          <ChevronDown size={14} />
        </button>
      }
    >
      <MenuChoice
        label={text.agent.heading}
        value={agent.id}
        onChoose={(id) => actions.choose(id, list.agents.find((one) => one.id === id)?.models[0]?.id ?? null)}
        options={list.agents.map((one) => ({
          value: one.id,
          title: <>{one.title}{one.demo === true && <span className={styles.demo}>{text.agent.demo}</span>}{!one.ready && <span className={styles.notReady}>{text.agent.notReady}</span>}</>,
          icon: <span className={styles.ready} data-ready={one.ready} />,
          about: one.ready ? one.description : one.missing,
          disabled: !one.ready,
        }))}
      />
      {agent.models.length > 1 && (
        <>
          <MenuLine />
          <MenuChoice
            label={text.agent.models}
            value={model}
            onChoose={(id) => actions.choose(agent.id, id)}
            options={agent.models.map((one) => ({ value: one.id, title: one.title }))}
          />
        </>
      )}
    </Menu>
  )
}
