/** Asks the server whether a run's transcript is saved, and whether what is saved holds all that is shown. */
import { covers } from '../../shared/transcript.ts'
import type { Message, Run, Transcript } from '../../shared/protocol.ts'
import { ApiError } from '../api/api.ts'
import type { Api } from '../api/api.ts'
import type { OwnerToken } from '../run/sink.ts'
import type { CheckResult } from '../run/state.ts'

/** Never rejects: what went wrong is one of its answers. */
export type CheckSettled = (token: OwnerToken, shown: Transcript | null) => Promise<CheckResult>

const PAGE = 100
/** A run that lies further back than so many pages is looked for again by the next check. */
const PAGES = 5

export function createSettleCheck(api: Pick<Api, 'getRun' | 'messages'>): CheckSettled {
  return async (token, shown) => {
    try {
      const run = await api.getRun(token.run)
      if (!run.settled) return { kind: 'active' }
      const messages = await savedMessages(api, run)
      // Shorter than what is shown, as it may be in a store that lags: then it is not there yet, whatever the run says.
      return covers(messages, shown?.messages ?? []) ? { kind: 'restored', run, messages } : { kind: 'active' }
    } catch (error) {
      return error instanceof ApiError && error.status === 404 ? await whenUnknown(api, token) : trouble(error)
    }
  }
}

/** The run's own messages and the human one that it answers, from the newest pages of the thread. */
async function savedMessages(api: Pick<Api, 'messages'>, run: Run): Promise<readonly Message[]> {
  let found: readonly Message[] = []
  let before: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const answer = await api.messages(run.thread, before === undefined ? { limit: PAGE } : { before, limit: PAGE })
    found = [...answer.messages.filter((message) => message.run === run.id || message.id === run.message), ...found]
    // The human message is the oldest of them: behind it there is nothing to find.
    if (answer.before === null || found.some((message) => message.id === run.message)) return found
    before = answer.before
  }
  return found
}

/** The server does not know the run. If the thread has gone on with another one, ours will not come; else it may be a store that lags. */
async function whenUnknown(api: Pick<Api, 'messages'>, token: OwnerToken): Promise<CheckResult> {
  try {
    const { activeRun } = await api.messages(token.thread, { limit: 1 })
    return activeRun !== null && activeRun.id !== token.run ? { kind: 'stale' } : { kind: 'missing' }
  } catch (error) {
    return error instanceof ApiError && error.status === 404 ? { kind: 'missing' } : trouble(error)
  }
}

function trouble(error: unknown): CheckResult {
  if (!(error instanceof ApiError)) return { kind: 'error', message: error instanceof Error ? error.message : String(error) }
  return error.status === 401 ? { kind: 'login' } : { kind: 'error', message: error.message, retryAfterMs: error.problem?.retryAfterMs }
}
