/** Asks the server whether a run's transcript is saved, and whether what is saved holds all that is shown. */
import { covers } from '../../shared/covers.ts'
import type { Message, Run, Transcript } from '../../shared/protocol.ts'
import { ApiError } from '../api/api.ts'
import type { Api } from '../api/api.ts'
import type { OwnerToken } from '../run/sink.ts'
import type { CheckResult } from '../run/state.ts'

/** Never rejects: what went wrong is one of its answers. */
export type CheckSettled = (token: OwnerToken, shown: Transcript | null) => Promise<CheckResult>

const PAGE = 100

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

/**
 * The run's own messages and the human one that it answers, from the newest pages backwards, as far as they lie: a run may be settled long before somebody
 * looks, and may answer a question of long ago once more.
 */
async function savedMessages(api: Pick<Api, 'messages'>, run: Run): Promise<readonly Message[]> {
  let found: readonly Message[] = []
  for (let before: string | undefined; ;) {
    const answer = await api.messages(run.thread, before === undefined ? { limit: PAGE } : { before, limit: PAGE })
    const own = answer.messages.filter((message) => message.run === run.id || message.id === run.message)
    const elsewhere = [...found, ...own].some((message) => message.id === run.message) ? [] : (answer.questions ?? []).filter((message) => message.id === run.message)
    found = [...elsewhere, ...own, ...found]
    // What a run leaves lies together, and its page brings the question that it answers. Once both are here, and older messages of others, that was all.
    const whole = found.some((message) => message.id === run.message) && !own.includes(answer.messages[0] as Message)
    if (answer.before === null || whole) return found
    before = answer.before
  }
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
