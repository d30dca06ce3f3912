/** What a request to start a run says to the store, and who answers it. */
import type { StartRun } from '../../shared/protocol.ts'
import { AgentError } from '../agents/agent.ts'
import type { Agent } from '../agents/agent.ts'
import type { StartInput } from '../storage/storage.ts'

/** Who acts: one person, until there are accounts. */
export const USER = 'user'

const LONGEST_TITLE = 60

export function toMessage(request: StartRun): StartInput['message'] {
  if ('message' in request) return request.message
  return 'regenerate' in request ? { regenerate: request.regenerate } : { id: request.id, continues: request.continue }
}

/** Stands for an agent that was there when the message joined the queue. */
export function absent(id: string): Agent {
  return {
    describe: () => ({ id, title: id, models: [], can: { steer: false, approvals: false, resume: false, files: false }, ready: false }),
    // oxlint-disable-next-line require-yield -- it can only say that it is not there
    async *run() {
      throw new AgentError({ code: 'unknown_agent', message: `There is no agent “${id.slice(0, 80)}” any more. Choose another one and try again.`, retryable: true })
    },
  }
}

/** The first words of a message, at most 60 characters. */
export function titleFrom(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ')
  if (line.length <= LONGEST_TITLE) return line
  const head = line.slice(0, LONGEST_TITLE)
  const space = head.lastIndexOf(' ')
  return `${(space > LONGEST_TITLE / 2 ? head.slice(0, space) : head).replace(/[\uD800-\uDBFF]$/, '')}…`
}
