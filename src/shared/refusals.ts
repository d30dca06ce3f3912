/** What the server refuses, by name, so that a page can say it in the language of its reader. */
import type { Problem } from './protocol/requests.ts'

/** Why an agent cannot be used: what refuses a message to it is told of it beforehand, too. `agent-not-ready`: it gives a reason of its own. */
export type NotReadyCode = 'agent-not-ready' | 'agent-not-set-up' | 'agent-key-unreadable' | 'key-file-unusable'

/** `about` of a problem: the agent or file that it names. The `detail` says all of it in English. */
export type RefusalCode =
  | 'not-found' | 'malformed' | 'other-site' | 'unknown-host' | 'request-too-large' | 'shutting-down' | 'store-down' | 'store-refused' | 'server-mistake'
  | 'too-many-pages' | 'too-many-runs'
  | 'busy' | 'queue-full' | 'cannot-wait' | 'cannot-steer' | 'id-taken' | 'message-gone' | 'not-saved-yet'
  | 'unknown-agent' | NotReadyCode | 'takes-no-files'
  | 'already-answered' | 'other-input' | 'not-offered' | 'run-ended'
  | 'file-missing' | 'file-too-large' | 'file-conflict' | 'file-broke-off' | 'no-room'
  | 'not-an-export' | 'export-too-large' | 'export-file-too-large' | 'export-file-conflict'

const NAMESPACE = 'urn:holdfast:'

/** The `type` of a problem (RFC 9457, 3.1.1: a URI that names its kind, and need lead nowhere). */
export const problemType = (code: RefusalCode): string => NAMESPACE + code

/** What a problem is called here; null for one of another server, or of a newer one that knows more. The caller looks whether it knows the name. */
export function refusalCode({ type }: Pick<Problem, 'type'>): string | null {
  return type.startsWith(NAMESPACE) ? type.slice(NAMESPACE.length) : null
}
