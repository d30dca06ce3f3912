import { memo, useCallback } from 'react'
import type { ReactNode } from 'react'
import type { RunId, ThreadId } from '../../../shared/ids.ts'
import type { MessageStatus, Part, ToolPart as Tool } from '../../../shared/protocol.ts'
import { selectGrowing } from '../../store/turns.ts'
import type { ShownMessage } from '../../store/turns.ts'
import { useStore } from '../../store/react.ts'
import type { State } from '../../store/state.ts'
import { text } from '../text.ts'
import { Boundary } from '../ui/boundary.tsx'
import { TrueText } from '../ui/true-text.tsx'
import { Markdown } from './markdown.tsx'
import type { Growing } from './markdown.tsx'
import styles from './message.module.css'
import { ThinkingPart } from './thinking-part.tsx'
import { ToolPart } from './tool-part.tsx'

interface AssistantMessageProps {
  readonly thread: ThreadId
  readonly message: ShownMessage
  /** Messages of sub-agents of the same run; each belongs under the tool part that called it. */
  readonly nested: readonly ShownMessage[]
  readonly run: RunId | null
}

export const AssistantMessage = memo(function AssistantMessage({ thread, message, nested, run }: AssistantMessageProps) {
  return (
    <article className={styles.assistant} data-message={message.id} data-role="assistant" data-status={message.status} aria-label={text.name}>
      {message.damaged === true && <p className={styles.damaged}>{text.message.damaged}</p>}
      {message.parts.map((part) => (
        <Boundary key={part.id} instead={<PlainPart thread={thread} message={message.id} part={part} />}>
          <PartView thread={thread} message={message.id} part={part} nested={nested} run={run} status={message.status} />
        </Boundary>
      ))}
    </article>
  )
})

interface PartViewProps {
  readonly thread: ThreadId
  readonly message: string
  readonly part: Part
  readonly nested: readonly ShownMessage[]
  readonly run: RunId | null
  readonly status: MessageStatus
}

const PartView = memo(function PartView({ thread, message, part, nested, run, status }: PartViewProps) {
  // A part that its run left open goes on no longer.
  const open = part.state === 'open' && status === 'streaming'
  const { id } = part
  const textOf: Growing = useCallback((state: State) => wordsOf(selectGrowing(state, thread, message, id)), [thread, message, id])
  const growing = open ? textOf : null
  switch (part.kind) {
    case 'text':
      return (
        <div dir="auto" className={styles.text} data-part={part.id} data-kind="text" data-state={part.state}>
          <Markdown source={part.text} open={open} growing={growing} />
        </div>
      )
    case 'thinking':
      return <ThinkingPart id={`${message} ${part.id}`} part={part} open={open} growing={growing} />
    case 'tool':
      return (
        <ToolDoor thread={thread} message={message} part={part} run={run} open={open} end={status}>
          {nested.filter((reply) => reply.parent === part.id).map((reply) => (
            <AssistantMessage key={reply.id} thread={thread} message={reply} nested={nested} run={run} />
          ))}
        </ToolDoor>
      )
    case 'file':
      return <div className={styles.aside} data-part={part.id} data-kind="file" data-state={part.state}><TrueText of={part.name} /></div>
    case 'source':
      return <div className={styles.aside} data-part={part.id} data-kind="source" data-state={part.state}><Markdown source={`<${part.url}>`} open={false} /></div>
    default:
      return part satisfies never
  }
})

interface ToolDoorProps {
  readonly thread: ThreadId
  readonly message: string
  readonly part: Tool
  readonly run: RunId | null
  readonly open: boolean
  readonly end: MessageStatus
  readonly children: ReactNode
}

/** Draws a call again for each piece of its input and output, and nothing around it. */
function ToolDoor({ message, part, ...rest }: ToolDoorProps) {
  const { thread, open } = rest
  const grown = useStore((state) => (open ? selectGrowing(state, thread, message, part.id) : null))
  return <ToolPart id={`${message} ${part.id}`} part={grown?.kind === 'tool' ? grown : part} {...rest} />
}

function wordsOf(part: Part | null): string | null {
  return part?.kind === 'text' || part?.kind === 'thinking' ? part.text : null
}

/** A part that could not be drawn, as its bare text. */
function PlainPart({ thread, message, part }: { readonly thread: ThreadId; readonly message: string; readonly part: Part }) {
  const shown = useStore((state) => (part.state === 'open' ? selectGrowing(state, thread, message, part.id) : null)) ?? part
  const bare = shown.kind === 'tool' ? `${shown.name}\n${shown.input}\n${shown.output}` : wordsOf(shown)
  return <div className={styles.plain} data-part={part.id} data-kind={part.kind} data-state={part.state}>{bare}</div>
}
