/** RFC 9457 answers: each names the cause and what to do. */
import { isId } from '../../shared/ids.ts'
import { ProtocolError, parseJson, read } from '../../shared/protocol.ts'
import { problemType } from '../../shared/refusals.ts'
import type { RefusalCode } from '../../shared/refusals.ts'
import type { Problem } from '../../shared/protocol.ts'
import type { Context } from 'hono'
import type * as v from 'valibot'

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request', 403: 'Forbidden', 404: 'Not found', 405: 'Method not allowed', 409: 'Conflict', 413: 'Too large', 415: 'Unsupported media type',
  421: 'Misdirected request', 422: 'Unprocessable', 429: 'Too many requests', 500: 'Server error', 503: 'Unavailable', 507: 'Insufficient storage',
}

type More = Pick<Problem, 'about' | 'retryAfterMs' | 'activeRun' | 'missingFile'>

/** Thrown by a route to answer with a problem; `app.onError` writes it. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: number
  readonly code: RefusalCode
  readonly more: More

  /** `detail`: the cause and what to do, in English; pages that speak another language go by `code`. */
  constructor(status: number, code: RefusalCode, detail: string, more: More = {}, options?: ErrorOptions) {
    super(detail, options)
    this.status = status
    this.code = code
    this.more = more
  }
}

export function problemResponse(status: number, code: RefusalCode, detail: string, more: More = {}): Response {
  const body: Problem = { type: problemType(code), title: titles[status] ?? 'Error', status, detail, ...more }
  const headers = new Headers({ 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' })
  if (more.retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(more.retryAfterMs / 1000)))
  return new Response(JSON.stringify(body), { status, headers })
}

/** What somebody else's resource answers too: no difference can be told. */
export function notFound(what: 'thread' | 'message' | 'run' | 'approval' | 'agent' | 'queued message' | 'file' | 'page'): HttpProblem {
  return new HttpProblem(404, 'not-found', `There is no such ${what}. It may have been deleted.`)
}

/** The disk is full, or nearly. */
export function noRoom(): HttpProblem {
  return new HttpProblem(507, 'no-room', 'The server’s disk has no room for this file. Free some space there, then try again.')
}

/** An id out of the path. Throws a 404 problem for one that cannot be an id. */
export function idParam<T extends string>(c: Context, name: string, what: 'thread' | 'run' | 'approval' | 'agent' | 'queued message' | 'file'): T {
  const value = c.req.param(name)
  if (!isId(value)) throw notFound(what)
  return value as T
}

/** A JSON body that fits the schema. Throws a 400 problem naming the field. */
export async function readBody<S extends v.GenericSchema>(c: Context, schema: S): Promise<v.InferOutput<S>> {
  return orBadRequest(async () => read(schema, parseJson(await c.req.text())))
}

/** A whole number out of the query, between 1 and `most`. Throws a 400 problem. */
export function limitParam(c: Context, fallback: number, most: number): number {
  const value = c.req.query('limit')
  if (value === undefined) return fallback
  const limit = Number(value)
  if (!Number.isInteger(limit) || limit < 1 || limit > most) throw new HttpProblem(400, 'malformed', `limit must be a whole number from 1 to ${most}.`)
  return limit
}

async function orBadRequest<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof ProtocolError) throw new HttpProblem(400, 'malformed', `The request body does not fit: ${error.message}.`)
    throw error
  }
}
