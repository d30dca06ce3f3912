/** A whole chat as one JSON document, which another server takes in and gives out again the same. */
import * as v from 'valibot'
import { LARGEST_FILE_BYTES } from './files.ts'
import { isId } from './ids.ts'
import type { FileId, MessageId, RunId, ThreadId } from './ids.ts'
import { assertEvent, messageSchema, outcomes, ProtocolError, read, runSchema, threadSchema, transcriptSchema } from './protocol.ts'
import type { RunEvent, Transcript } from './protocol.ts'
import { foldEvents } from './transcript.ts'

const { id, title, agent, model, pinned, archived, createdAt, updatedAt } = threadSchema.entries
const { cursor: _place, settled: _settled, waiting: _waiting, ...runEntries } = runSchema.entries

const exportedRunSchema = v.object({
  ...runEntries,
  /** What stands in place of a journal that was folded: the transcript before its last event. */
  folded: v.nullable(transcriptSchema),
  /** The whole journal, or of a folded one the last event. */
  events: v.array(v.looseObject({ type: v.string(), seq: v.number(), at: v.number() })),
})
export type ExportedRun = Omit<v.InferOutput<typeof exportedRunSchema>, 'events'> & { readonly events: readonly RunEvent[] }

/** A file that people attached. `data`: its bytes in base64; what kind of file it is, whoever takes it in finds out by them. */
const exportedFileSchema = v.object({
  id: v.pipe(v.string(), v.check((id) => isId(id), 'must be an id'), v.transform((id) => id as FileId)),
  name: v.string(),
  data: v.pipe(v.string(), v.maxLength(Math.ceil(LARGEST_FILE_BYTES / 3) * 4), v.regex(/^[A-Za-z0-9+/]*={0,2}$/, 'must be base64')),
})
export type ExportedFile = v.InferOutput<typeof exportedFileSchema>

export const threadExportSchema = v.object({
  format: v.literal('holdfast-thread'),
  version: v.literal(1),
  exportedAt: v.number(),
  thread: v.object({ id, title, agent, model, pinned, archived, createdAt, updatedAt, renamed: v.optional(v.boolean(), true) }),
  /** All branches, oldest first. */
  messages: v.array(messageSchema),
  /** Oldest first. One that was not saved yet is left out, with the message it answers. */
  runs: v.array(exportedRunSchema),
  /** Files that its messages name. One that is gone is left out. */
  files: v.optional(v.array(exportedFileSchema), []),
})
type Raw = v.InferOutput<typeof threadExportSchema>
export type ThreadExport = Omit<Raw, 'runs'> & { readonly runs: readonly ExportedRun[] }

/** Reads a document and checks that it hangs together. Throws ProtocolError with the first thing that does not. */
export function readThreadExport(value: unknown): ThreadExport {
  const whole = read(threadExportSchema, value)
  const refuse = (why: string): never => { throw new ProtocolError(why) }
  const runs = whole.runs.map((run) => ({ ...run, events: run.events.map((event) => assertEvent(event as RunEvent)) }))
  const known = new Map(runs.map((run) => [run.id, run]))
  if (known.size !== runs.length) refuse('two runs have the same id')
  const messages = new Map(whole.messages.map((message) => [message.id, message]))
  if (messages.size !== whole.messages.length) refuse('two messages have the same id')
  for (const [i, message] of whole.messages.entries()) {
    if (!known.has(message.run)) refuse(`messages.${i}.run: there is no such run`)
    if (message.after !== null && !messages.has(message.after)) refuse(`messages.${i}.after: there is no such message`)
    if (message.status === 'streaming') refuse(`messages.${i}.status: the message is not complete`)
  }
  for (const [i, run] of runs.entries()) {
    if (messages.get(run.message)?.role !== 'user') refuse(`runs.${i}.message: there is no such message of a person`)
    if (run.outcome === undefined || !(outcomes as readonly string[]).includes(run.status)) refuse(`runs.${i}: the run has not ended`)
    checkJournal(run, (why) => refuse(`runs.${i}.events: ${why}`))
  }
  return { ...whole, runs }
}

function checkJournal({ folded, events, lastSeq }: ExportedRun, refuse: (why: string) => never): void {
  if (events.length === 0 || events.at(-1)?.seq !== lastSeq || events.at(-1)?.type !== 'stream_end') return refuse('the journal has no end')
  const from = folded === null ? 1 : lastSeq
  if (events.some((event, i) => event.seq !== from + i)) return refuse('the journal has a hole')
  try {
    foldEvents(events, folded === null ? null : { ...folded, lastSeq: lastSeq - 1 })
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/** The same chat under another thread id, and under other run ids where `rename` gives one. */
export function underOtherIds(whole: ThreadExport, thread: ThreadId, rename: ReadonlyMap<RunId, RunId>): ThreadExport {
  const runOf = (run: RunId) => rename.get(run) ?? run
  const message = <M extends { readonly id: MessageId; readonly run: RunId }>(one: M): M => ({ ...one, run: runOf(one.run) })
  const transcript = (one: Transcript): Transcript => ({ ...one, run: runOf(one.run), thread, messages: one.messages.map(message) })
  const event = (one: RunEvent): RunEvent => (one.type === 'run.started' ? { ...one, run: runOf(one.run), thread, message: message(one.message) } : one)
  return {
    ...whole,
    thread: { ...whole.thread, id: thread },
    messages: whole.messages.map(message),
    runs: whole.runs.map((run) => ({ ...run, id: runOf(run.id), thread, folded: run.folded === null ? null : transcript(run.folded), events: run.events.map(event) })),
  }
}
