/** A real server with a path per misfortune, and a journal that is cut where a test says. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseCursor } from '../../../src/shared/protocol.ts'
import { encodeRun } from '../../support/recorded-run.ts'
import type { RecordedRun } from '../../support/recorded-run.ts'

export interface MisfortuneServer {
  readonly origin: string
  close(): Promise<void>
}

const STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform' }

type Answer = (response: ServerResponse, request: IncomingMessage) => void

/**
 * `/<name>/api/…` answers as the misfortune of that name. `/cut/<offset>/<lf|crlf>/<fin|rst>/<id>/api/…` serves the recorded run from `after`,
 * cut at that byte the first time an id is seen, whole from then on.
 */
export async function startMisfortuneServer(recorded: RecordedRun): Promise<MisfortuneServer> {
  const cutBefore = new Set<string>()
  const whole = encodeRun(recorded, 0)
  const half = Buffer.from(whole).subarray(0, Math.floor(whole.length / 2))
  const status = (code: number, headers: Record<string, string> = {}, body = ''): Answer => (response) => response.writeHead(code, headers).end(body)
  const stream = (...bytes: (string | Buffer)[]): Answer => (response) => {
    response.writeHead(200, STREAM)
    for (const piece of bytes) response.write(piece)
    response.end()
  }
  const misfortunes: Record<string, Answer> = {
    whole: stream(whole),
    'no-content': status(204),
    'logged-out': status(401, { 'content-type': 'application/problem+json' }, '{}'),
    forbidden: status(403),
    missing: status(404),
    gone: status(410),
    'bad-cursor': status(400),
    html: status(200, { 'content-type': 'text/html' }, `<html>${whole}</html>`),
    untyped: (response) => response.writeHead(200).end(whole),
    'server-error': status(500, STREAM, whole),
    'bad-gateway': status(502, { 'content-type': 'text/html' }, '<h1>502</h1>'),
    'retry-seconds': status(503, { 'retry-after': '7' }),
    'retry-date': (response) => response.writeHead(503, { date: 'Tue, 01 Jan 2030 00:00:00 GMT', 'retry-after': 'Tue, 01 Jan 2030 00:00:09 GMT' }).end(),
    'retry-nonsense': status(503, { 'retry-after': 'soon' }),
    'too-many': status(429, { 'retry-after': '3' }),
    redirect: (response, request) => response.writeHead(302, { location: (request.url ?? '').replace('/redirect/', '/whole/') }).end(),
    eof: stream(half),
    rst: (response) => {
      response.writeHead(200, STREAM)
      response.write(half, () => response.socket?.resetAndDestroy())
    },
    'rst-before-headers': (response) => void response.socket?.resetAndDestroy(),
    comments: stream(':ok\n\n', ': keep-alive\n\n:\n\n', whole, ':bye\n\n'),
    'empty-messages': stream('\n\n', 'data:\n\n', whole),
    'not-json': stream('event: part.delta\nid: inc1.1\ndata: {"part"\n\n', whole),
    unknown: stream('event: part.sparkled\nid: inc1.1\ndata: {"x":1}\n\n', 'event: weather\ndata: {}\n\n'),
    'late-retry': stream('retry: 1\n\n', whole),
    silent: (response) => {
      response.writeHead(200, STREAM)
      response.flushHeaders()
    },
  }

  const encoded = new Map<string, Buffer>()
  /** What follows `seq`. Thousands of cuts ask for the same few. */
  function from(seq: number, crlf: boolean): Buffer {
    const key = `${seq} ${crlf}`
    const known = encoded.get(key)
    if (known !== undefined) return known
    const text = encodeRun(recorded, seq)
    const bytes = Buffer.from(crlf ? text.replaceAll('\n', '\r\n') : text)
    encoded.set(key, bytes)
    return bytes
  }

  function serveCut(response: ServerResponse, url: URL): void {
    const [, , offset, lines, how, id] = url.pathname.split('/')
    const cursor = parseCursor(url.searchParams.get('after') ?? '')
    const bytes = from(cursor?.seq ?? 0, lines === 'crlf')
    response.writeHead(200, STREAM)
    if (cutBefore.has(String(id))) return void response.end(bytes)
    cutBefore.add(String(id))
    response.flushHeaders()
    response.write(bytes.subarray(0, Number(offset)), () => (how === 'rst' ? response.socket?.resetAndDestroy() : response.end()))
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname.startsWith('/cut/')) return serveCut(response, url)
    const answer = misfortunes[url.pathname.split('/')[1] ?? '']
    if (answer === undefined) return void response.writeHead(418).end()
    answer(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error))))
    },
  }
}
