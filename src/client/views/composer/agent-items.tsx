import type { AgentList } from '../../../shared/protocol.ts'
import type { selectChoice } from '../../store/choice.ts'
import { text } from '../text.ts'
import { MenuChoice, MenuLine } from '../ui/menu-items.tsx'
import { Marks } from './agent-marks.tsx'

interface AgentItemsProps {
  readonly list: AgentList
  readonly choice: NonNullable<ReturnType<typeof selectChoice>>
  readonly onChoose: (agent: string, model: string | null) => void
}

export function AgentItems({ list, choice: { agent, model }, onChoose }: AgentItemsProps) {
  return (
    <>
      <MenuChoice
        label={text.agent.heading}
        value={agent.id}
        onChoose={(id) => onChoose(id, list.agents.find((one) => one.id === id)?.models[0]?.id ?? null)}
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
            onChoose={(id) => onChoose(agent.id, id)}
            options={agent.models.map((one) => ({ value: one.id, title: one.title }))}
          />
        </>
      )}
    </>
  )
}
