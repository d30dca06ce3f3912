/** Schemas of single values that many parts of the contract use. */
import * as v from 'valibot'
import { isId } from '../ids.ts'
import type { ApprovalId, FileId, MessageId, PartId, RunId, ThreadId } from '../ids.ts'

export const id = v.pipe(v.string(), v.check((value) => isId(value), 'must match ^[A-Za-z0-9_-]{1,64}$ and be no name that every object has'))
const brandId = <T extends string>() => v.pipe(id, v.transform((text) => text as T))
export const threadId = brandId<ThreadId>()
export const runId = brandId<RunId>()
export const messageId = brandId<MessageId>()
export const partId = brandId<PartId>()
export const fileId = brandId<FileId>()
export const approvalId = brandId<ApprovalId>()
const wholeNumber = () => v.pipe(v.number(), v.integer(), v.minValue(0))
export const count = wholeNumber()
/** Milliseconds since 1970 by the server's clock. */
export const instant = wholeNumber()
export const text = v.string()
