import { Hono } from 'hono'
import type { Context } from 'hono'
import { readThreadExport, underOtherIds } from '../../shared/export.ts'
import { encodeId, isId } from '../../shared/ids.ts'
import { LARGEST_FILE_MB } from '../../shared/files.ts'
import type { FileId, RunId, ThreadId } from '../../shared/ids.ts'
import { parseJson, ProtocolError } from '../../shared/protocol.ts'
import type { Clock } from '../clock.ts'
import { writeEverything } from '../exports/everything.ts'
import { toMarkdown } from '../exports/markdown.ts'
import { readThread } from '../exports/read-thread.ts'
import { writeThread } from '../exports/write-thread.ts'
import type { Files } from '../files/files.ts'
import type { Storage } from '../storage/storage.ts'
import { attachmentHeader } from './download.ts'
import { HttpProblem, idParam, noRoom, notFound } from './problem.ts'

export interface ExportDeps {
  readonly storage: Storage
  readonly files: Files
  readonly clock: Clock
  readonly randomBytes: () => Uint8Array
}

/** Whole chats, out and in: `/api/threads/:t/export`, `/api/threads/import`, `/api/export`. */
export function exportRoutes({ storage, files, clock, randomBytes }: ExportDeps): Hono {
  return new Hono()
    .get('/api/threads/:thread/export', async (c) => {
      const format = c.req.query('format') ?? 'json'
      if (format !== 'json' && format !== 'md') throw new HttpProblem(400, 'malformed', 'format must be md or json.')
      const whole = await readThread(storage, idParam<ThreadId>(c, 'thread', 'thread'), clock.now())
      if (whole === null) throw notFound('thread')
      asDownload(c, fileName(whole.thread.title, format))
      if (format === 'md') return c.body(toMarkdown(whole), 200, { 'content-type': 'text/markdown; charset=utf-8' })
      return c.body(streamOf(writeThread(whole, files)), 200, { 'content-type': 'application/json; charset=utf-8' })
    })
    .get('/api/export', async (c) => {
      asDownload(c, `holdfast-${new Date(clock.now()).toISOString().slice(0, 10)}.json`)
      return c.body(streamOf(writeEverything(storage, files, clock.now)), 200, { 'content-type': 'application/json; charset=utf-8' })
    })
    .post('/api/threads/import', async (c) => {
      const { thread, whole } = read(await c.req.text())
      const taken = new Map<RunId, RunId>()
      for (const run of whole.runs) if ((await storage.getRun(run.id)) !== null) taken.set(run.id, encodeId(randomBytes()) as RunId)
      for (const { id, name, data } of whole.files) await takeIn(files, id, name, Buffer.from(data, 'base64'))
      const result = await storage.importThread(underOtherIds(whole, thread, taken))
      if (result === null) throw notFound('thread')
      return c.json(result.thread, result.created ? 201 : 200)
    })
}

/** `{id, export}`: the id that the thread is to have, made by the client so that a repeated request makes no second one. */
function read(text: string) {
  try {
    const body = parseJson(text)
    const { id, export: whole } = (typeof body === 'object' && body !== null ? body : {}) as { id?: unknown; export?: unknown }
    if (!isId(id)) throw new ProtocolError('id: must be an id for the new chat')
    return { thread: id as ThreadId, whole: readThreadExport(whole) }
  } catch (error) {
    if (error instanceof ProtocolError) throw new HttpProblem(422, 'not-an-export', `This is not an exported chat that can be read: ${error.message}.`)
    throw error
  }
}

async function takeIn(files: Files, id: FileId, name: string, bytes: Uint8Array): Promise<void> {
  const { kind } = await files.put(id, name, one(bytes))
  if (kind === 'too-large') throw new HttpProblem(422, 'export-file-too-large', `The file “${name.slice(0, 80)}” of this chat is larger than ${LARGEST_FILE_MB} MB.`, { about: name.slice(0, 80) })
  if (kind === 'conflict') throw new HttpProblem(422, 'export-file-conflict', `Another file than “${name.slice(0, 80)}” is already here under its id.`, { about: name.slice(0, 80) })
  if (kind === 'no-room') throw noRoom()
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function streamOf(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await pieces.return(undefined)
    },
  })
}

function asDownload(c: Context, name: string): void {
  c.header('Content-Disposition', attachmentHeader(name))
}

function fileName(title: string, ending: string): string {
  const safe = title.replace(/[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|]+/gu, ' ').replace(/\s+/g, ' ').trim().slice(0, 80).replace(/\p{Surrogate}/gu, '')
  return `${safe === '' || /^\.+$/.test(safe) ? 'Chat' : safe}.${ending}`
}
