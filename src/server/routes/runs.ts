import { Hono } from 'hono'
import type { Context } from 'hono'
import type { ApprovalId, RunId, ThreadId } from '../../shared/ids.ts'
import { answerApprovalSchema, formatCursor, parseCursor, startRunSchema } from '../../shared/protocol.ts'
import type { Cursor, EventPage, Run } from '../../shared/protocol.ts'
import type { NotReadyCode } from '../../shared/refusals.ts'
import { USER } from '../runs/request.ts'
import type { Runs } from '../runs/runs.ts'
import type { RunStreams } from '../sse/run-streams.ts'
import type { Storage } from '../storage/storage.ts'
import { HttpProblem, idParam, limitParam, notFound, readBody } from './problem.ts'

export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

/** HEAD asks for the headers alone: a stream opened for it would have nobody to read or to leave it. */
export function noStream(c: Context): Response {
  return c.body(null, 200, eventStreamHeaders)
}

/** POST `/api/threads/:t/runs`: starts a run. */
export function startRoute(runs: Runs): Hono {
  return new Hono().post('/', async (c) => {
    const thread = idParam<ThreadId>(c, 'thread', 'thread')
    const request = await readBody(c, startRunSchema)
    if (request.ifBusy !== 'reject' && !('message' in request)) throw new HttpProblem(422, 'cannot-wait', 'Only a message can wait for its turn. Send this again when the answer is complete.')
    const result = await runs.start(thread, request)
    switch (result.kind) {
      case 'started':
      case 'same':
        c.header('Content-Location', `/api/threads/${thread}/runs/${result.run.id}`)
        return c.json(result.run, result.kind === 'started' ? 201 : 200)
      case 'queued':
        return c.json(result.thread, 202)
      case 'full':
        throw new HttpProblem(409, 'queue-full', 'So many messages wait in this chat that it takes no more. Send or remove some of them first.')
      case 'busy':
        throw new HttpProblem(409, 'busy', 'An answer is still running in this chat. Stop it, or wait until it is complete.', { activeRun: result.activeRun })
      case 'conflict':
        throw new HttpProblem(422, 'id-taken', 'This id was sent before with another text, or for another message. Send it again under a new id.')
      case 'missing':
        throw result.what === 'thread' ? notFound('thread') : new HttpProblem(422, 'message-gone', 'The message to follow or to answer is not in this chat. Reload the chat.')
      case 'missing-file':
        throw new HttpProblem(422, 'file-missing', 'A file of this message is not on the server any more. Attach it again, or send the message without it.', { missingFile: result.file })
      case 'no-files':
        throw new HttpProblem(422, 'takes-no-files', `${result.agent} takes no files. Remove them, or choose another agent.`, { about: result.agent })
      case 'unknown-agent':
        throw new HttpProblem(422, 'unknown-agent', `There is no agent "${result.agent.slice(0, 80)}". Choose another one.`, { about: result.agent.slice(0, 80) })
      case 'not-ready':
        throw new HttpProblem(422, (result.why?.code ?? 'agent-not-ready') as NotReadyCode, result.missing, result.why?.about === undefined ? {} : { about: result.why.about })
      case 'draining':
        throw new HttpProblem(503, 'shutting-down', 'The server is shutting down. Try again in a moment.', { retryAfterMs: 2_000 })
      default:
        return result satisfies never
    }
  })
}

/** `/api/runs/:r`: one run, its journal, its event stream, Stop and approvals. */
export function runRoutes(storage: Storage, runs: Runs, streams: RunStreams): Hono {
  const find = async (c: Context): Promise<Run> => {
    const run = await storage.getRun(idParam<RunId>(c, 'run', 'run'))
    if (run === null) throw notFound('run')
    return run
  }
  return new Hono()
    .get('/:run', async (c) => c.json(await find(c)))
    .get('/:run/stream', async (c) => {
      const after = readAfter(c)
      const run = await find(c)
      if (c.req.method === 'HEAD') return noStream(c)
      const opened = await streams.open(run, after)
      return opened.kind === 'ended' ? c.body(null, 204) : c.body(opened.body, 200, eventStreamHeaders)
    })
    .get('/:run/events', async (c) => {
      const run = await find(c)
      const limit = limitParam(c, 200, 1_000)
      const after = readAfter(c)?.seq ?? 0
      const events = await storage.read(run.id, after, limit)
      const seq = events.at(-1)?.seq ?? after
      return c.json({ events: [...events], cursor: formatCursor({ incarnation: storage.incarnation, seq }), more: seq < run.lastSeq } satisfies EventPage)
    })
    .post('/:run/cancel', async (c) => {
      const run = await runs.stop(idParam<RunId>(c, 'run', 'run'), USER)
      if (run === null) throw notFound('run')
      return c.json(run, run.outcome === undefined ? 202 : 200)
    })
    .post('/:run/approvals/:approval', async (c) => {
      const run = await find(c)
      const { decision, inputHash, note } = await readBody(c, answerApprovalSchema)
      const result = await runs.answer(run.id, idParam<ApprovalId>(c, 'approval', 'approval'), { decision, inputHash, note, by: USER })
      switch (result.kind) {
        case 'answered':
        case 'same':
          return c.json(result.approval)
        case 'different':
          throw new HttpProblem(409, 'already-answered', `This was answered already: ${result.approval.decision ?? ''}. The first answer counts.`)
        case 'other-input':
          throw new HttpProblem(409, 'other-input', 'What the agent asks about is not what this page showed, so nothing was done. Read what is shown now, then answer; reload the page if this comes again.')
        case 'invalid':
          throw new HttpProblem(422, 'not-offered', `The answer must be one of: ${result.approval.options.join(', ')}.`)
        case 'expired':
          throw new HttpProblem(409, 'run-ended', 'The run was ended before this was answered, so nothing was done. Ask again if you still want it.')
        case 'missing':
          throw notFound('approval')
        default:
          return result satisfies never
      }
    })
}

/** The `after` cursor; null where it is absent. Throws a 400 problem for junk. */
function readAfter(c: Context): Cursor | null {
  const after = c.req.query('after')
  if (after === undefined || after === '') return null
  const cursor = parseCursor(after)
  if (cursor === null) throw new HttpProblem(400, 'malformed', 'after is not a cursor. Leave it out to begin with a snapshot.')
  return cursor
}
