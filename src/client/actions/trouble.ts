/** What went wrong, in words for people: the cause and what to do. */
import { ApiError } from '../api/api.ts'
import type { Tried } from '../store/state.ts'
import type { Log } from './deps.ts'

export function explain(error: unknown): string {
  if (error instanceof ApiError) return error.problem?.detail ?? error.message
  return error instanceof Error ? `The page failed: ${error.message}. Reload it and try again.` : 'The page failed. Reload it and try again.'
}

/** An answer, or why there is none, for where it was asked for. */
export async function tried<T>(work: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    return { ok: false, message: explain(error) }
  }
}

export function isStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof ApiError && error.kind === 'refused' && statuses.includes(error.status)
}

/** Starts something that nobody waits for. What it throws is a mistake in this program and is logged, never lost. */
export function inBackground(log: Log, what: string, task: () => Promise<void>): void {
  task().catch((error: unknown) => log(`${what} failed`, { error: String(error) }))
}
