/** The messages of `/api/feed`: what changed in any thread. */
import * as v from 'valibot'
import { parseJson, read } from './read.ts'
import { runSchema, threadSchema } from './resources.ts'
import { text, threadId } from './values.ts'

const feedSchemas = {
  snapshot: v.object({ threads: v.array(threadSchema), asOf: v.optional(text) }),
  'thread.changed': v.object({ thread: threadSchema }),
  'thread.removed': v.object({ thread: threadId }),
  'run.changed': v.object({ run: runSchema }),
  /** Other agents, or other models of theirs, are offered now: ask `/api/agents`. */
  'agents.changed': v.object({}),
} as const
type FeedOf<T extends keyof typeof feedSchemas> = { readonly type: T } & Readonly<v.InferOutput<(typeof feedSchemas)[T]>>
/**
 * One message of `/api/feed`. The snapshot holds the threads that have an active run or are unread. Its `asOf` stands for a moment: what was read
 * as of the same one has missed nothing that came before the snapshot.
 */
export type FeedEvent = { [T in keyof typeof feedSchemas]: FeedOf<T> }[keyof typeof feedSchemas]

/** Reads one feed message; null for a kind this build does not know. Throws ProtocolError on a malformed one. */
export function decodeFeedEvent(type: string, data: string): FeedEvent | null {
  if (!Object.hasOwn(feedSchemas, type)) return null
  return { type, ...read(feedSchemas[type as FeedEvent['type']], parseJson(data)) } as FeedEvent
}
