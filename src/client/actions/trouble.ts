/** What went wrong, in words for people: the cause and what to do. */
import { refusalCode } from '../../shared/refusals.ts'
import type { RefusalCode } from '../../shared/refusals.ts'
import { ApiError } from '../api/api.ts'
import type { Tried } from '../store/state.ts'
import type { Log } from './deps.ts'
import type { Words } from './words.ts'

export type Explain = (error: unknown) => string

/** Why the server refused where it said so, else what its silence means. */
export function createExplain(words: () => Words): Explain {
  return (error) => {
    const say = words()
    if (!(error instanceof ApiError)) return say.pageFailed(error instanceof Error ? error.message : null)
    const { problem } = error
    if (problem !== null) return say.refused(refusalCode(problem), problem.about ?? '', problem.detail === '' ? problem.title : problem.detail)
    switch (error.kind) {
      case 'unreachable':
        if (error.status !== 0) return say.notAnswering(error.status)
        return error.cause instanceof DOMException && error.cause.name === 'TimeoutError' ? say.late : say.unreachable
      case 'refused':
        return error.status === 401 ? say.loginRanOut : error.status === 413 ? say.tooLargeBetween : error.message
      case 'unreadable':
        return error.cause === undefined ? say.noReason(error.status) : say.unreadable
      case 'intercepted':
        return say.pageBetween
      default:
        return error.kind satisfies never
    }
  }
}

/** An answer, or why there is none, for where it was asked for. */
export async function tried<T>(explain: Explain, work: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    return { ok: false, message: explain(error) }
  }
}

export function isStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof ApiError && error.kind === 'refused' && statuses.includes(error.status)
}

/** The server said no, for this reason. */
export function isRefusal(error: unknown, code: RefusalCode): boolean {
  return error instanceof ApiError && error.problem !== null && refusalCode(error.problem) === code
}

/** The server was not there, or asks to come again or to log in first, or something between spoke in its place: the very same request may get through later. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.kind !== 'refused' || [401, 408, 425, 429, 502, 503, 504].includes(error.status))
}

/** Starts something that nobody waits for. What it throws is a mistake in this program and is logged, never lost. */
export function inBackground(log: Log, what: string, task: () => Promise<void>): void {
  task().catch((error: unknown) => log(`${what} failed`, { error: String(error) }))
}
