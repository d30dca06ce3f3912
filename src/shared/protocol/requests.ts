/** What a browser may ask for. Problems are the answer when it asks in vain. */
import * as v from 'valibot'
import type { RunId } from '../ids.ts'
import { inputPartsSchema } from './files.ts'
import { runSchema } from './resources.ts'
import { count, fileId, id, messageId, text, threadId } from './values.ts'

const title = v.pipe(text, v.trim(), v.minLength(1, 'must not be blank'), v.maxLength(200))
export const createThreadSchema = v.object({ id: threadId, title: v.optional(title), agent: v.optional(text), model: v.optional(text) })
export type CreateThread = v.InferOutput<typeof createThreadSchema>

const agentTitle = v.pipe(text, v.trim(), v.minLength(1, 'must not be blank'), v.maxLength(60))
const modelName = v.pipe(text, v.trim(), v.minLength(1, 'must not be blank'), v.maxLength(200))
/** One line of printable ASCII: it becomes a header. */
const providerKey = v.pipe(text, v.trim(), v.maxLength(4000), v.regex(/^[\x21-\x7e]+$/, 'must be one word of plain letters, digits and signs'))
/** Without a slash at its end, a query or a login in it. */
const baseUrl = v.pipe(
  text, v.trim(), v.maxLength(500), v.url('must be an address such as https://api.example.com/v1'),
  v.regex(/^https?:\/\/[^@?#]+$/i, 'must begin with http:// or https:// and have no login, query or # in it'),
  v.transform((address) => address.replace(/\/+$/, '')),
)
export const addAgentSchema = v.object({ title: agentTitle, baseUrl, key: v.optional(providerKey), model: v.optional(v.nullable(modelName)) })
export type AddAgent = v.InferOutput<typeof addAgentSchema>
export type AddAgentBody = v.InferInput<typeof addAgentSchema>
/** `key`: null takes it away; left out it stays, unless the address becomes that of another server. */
export const changeAgentSchema = v.object({ title: v.optional(agentTitle), baseUrl: v.optional(baseUrl), key: v.optional(v.nullable(providerKey)), model: v.optional(v.nullable(modelName)) })
export type ChangeAgent = v.InferOutput<typeof changeAgentSchema>
export type ChangeAgentBody = v.InferInput<typeof changeAgentSchema>
/** With `id` the kept address and key are used where none is given. */
export const testAgentSchema = v.object({ id: v.optional(text), baseUrl: v.optional(baseUrl), key: v.optional(providerKey) })
export type TestAgent = v.InferOutput<typeof testAgentSchema>
export type TestAgentBody = v.InferInput<typeof testAgentSchema>

export const deleteEverythingSchema = v.object({ confirm: v.literal(true) })

export const patchThreadSchema = v.object({
  title: v.optional(title),
  pinned: v.optional(v.boolean()),
  archived: v.optional(v.boolean()),
  agent: v.optional(text),
  model: v.optional(v.nullable(text)),
  draft: v.optional(v.pipe(text, v.maxLength(1_000_000))),
  /** The person has seen what is new: clears `unread` in all tabs. */
  seen: v.optional(v.literal(true)),
})
export type PatchThread = v.InferOutput<typeof patchThreadSchema>

const startOptions = {
  agent: v.optional(text),
  model: v.optional(text),
  /** The message this one follows; left out: the newest of the thread. */
  after: v.optional(v.nullable(messageId)),
  ifBusy: v.optional(v.picklist(['reject', 'queue', 'interrupt']), 'reject'),
}
export const startRunSchema = v.union([
  v.object({ message: v.object({ id: messageId, parts: inputPartsSchema }), ...startOptions }),
  /** `run`: the id that its run is to have, so that a repeated request is recognised. Short, for ids of messages are made from it. */
  v.object({ regenerate: messageId, run: v.optional(v.pipe(id, v.maxLength(48), v.transform((text) => text as RunId))), ...startOptions }),
  /** The agent goes on from its message `continue`; `id`: of the human message without words that says so. */
  v.object({ continue: messageId, id: messageId, ...startOptions }),
])
export type StartRun = v.InferOutput<typeof startRunSchema>
export type StartRunBody = v.InferInput<typeof startRunSchema>

export const patchQueuedSchema = v.object({
  parts: v.optional(inputPartsSchema),
  /** Moves it in front of this one; null: to the end. */
  before: v.optional(v.nullable(messageId)),
})
export type PatchQueued = v.InferOutput<typeof patchQueuedSchema>

/** `message`: the last one to be copied; `id`: of the thread that is made. */
export const forkThreadSchema = v.object({ message: messageId, id: threadId })
export type ForkThread = v.InferOutput<typeof forkThreadSchema>

/** `inputHash`: of the input that was shown (`input-hash.ts`). Left out, as by a page that is older than it, it fits none. */
export const answerApprovalSchema = v.object({ decision: text, inputHash: v.optional(text), note: v.optional(v.pipe(text, v.maxLength(10_000))) })
export type AnswerApproval = v.InferOutput<typeof answerApprovalSchema>

/** RFC 9457. `detail` names the cause and what to do. */
export const problemSchema = v.object({
  type: text,
  title: text,
  status: count,
  detail: text,
  /** The name of the agent or file that it is about. */
  about: v.optional(text),
  retryAfterMs: v.optional(count),
  activeRun: v.optional(runSchema),
  /** A file of the message that the server does not have (any more): upload it again under the same id. */
  missingFile: v.optional(fileId),
})
export type Problem = v.InferOutput<typeof problemSchema>
