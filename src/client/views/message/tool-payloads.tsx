import type { ToolPart } from '../../../shared/protocol.ts'
import { text } from '../text.ts'
import { Payload } from './payload.tsx'
import styles from './step.module.css'
import type { ToolStatus } from './tool-text.ts'

interface ToolPayloadsProps {
  readonly part: ToolPart
  readonly status: ToolStatus
  readonly growing: boolean
  /** It is not over. */
  readonly ticks: boolean
}

/** What a call was given, and what it made of it: the inside of its card. */
export function ToolPayloads({ part, status, growing, ticks }: ToolPayloadsProps) {
  return (
    <>
      {part.input !== '' && <Payload label={text.tool.input} copyLabel={text.tool.copyInput} exact={part.input} growing={growing && part.output === ''} />}
      {part.error !== undefined && <Payload label={text.tool.error} copyLabel={text.message.copy} exact={part.error} bad />}
      {part.output === ''
        ? !ticks && part.error === undefined && <p className={styles.none}>{status === 'unknown' ? text.tool.mayHaveRun : text.tool.noOutput}</p>
        : <Payload label={text.tool.output} copyLabel={text.tool.copyOutput} exact={part.output} growing={growing} />}
    </>
  )
}
