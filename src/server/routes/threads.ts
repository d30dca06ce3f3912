import { Hono } from 'hono'
import { isId } from '../../shared/ids.ts'
import type { MessageId, RunId, ThreadId } from '../../shared/ids.ts'
import { createThreadSchema, forkThreadSchema, patchThreadSchema, runStatusSchema } from '../../shared/protocol.ts'
import type { MessagePage } from '../../shared/protocol.ts'
import type { Storage } from '../storage/storage.ts'
import { HttpProblem, idParam, limitParam, notFound, readBody } from './problem.ts'

const LONGEST_QUERY = 500

const thread = (c: Parameters<typeof idParam>[0]) => idParam<ThreadId>(c, 'thread', 'thread')

/** `/api/threads`: the list, one thread, its messages, runs and usage. `asOf`: that of the feed. */
export function threadRoutes(storage: Storage, asOf: () => string): Hono {
  const found = <T>(value: T | null): T => {
    if (value === null) throw notFound('thread')
    return value
  }
  return new Hono()
    .get('/', async (c) => {
      const { cursor, q } = c.req.query()
      const limit = limitParam(c, 50, 200)
      if (q !== undefined && q.length > LONGEST_QUERY) throw new HttpProblem(400, 'malformed', `Search for ${LONGEST_QUERY} characters at most.`)
      if (q !== undefined && q.trim() !== '') return c.json(await storage.searchThreads({ query: q, limit, cursor }))
      return c.json(await storage.listThreads({ limit, cursor, archived: c.req.query('archived') === 'true', pinned: c.req.query('pinned') === 'true' }))
    })
    .post('/', async (c) => {
      const { created, thread: made } = await storage.createThread(await readBody(c, createThreadSchema))
      return c.json(made, created ? 201 : 200)
    })
    .get('/:thread', async (c) => c.json(found(await storage.getThread(thread(c)))))
    .patch('/:thread', async (c) => c.json(found(await storage.patchThread(thread(c), await readBody(c, patchThreadSchema)))))
    .delete('/:thread', async (c) => {
      if (!(await storage.deleteThread(thread(c)))) throw notFound('thread')
      return c.body(null, 204)
    })
    .post('/:thread/restore', async (c) => c.json(found(await storage.restoreThread(thread(c)))))
    .get('/:thread/messages', async (c) => {
      const { before, after, around } = c.req.query()
      if ([before, after, around].filter((given) => given !== undefined).length > 1) throw new HttpProblem(400, 'malformed', 'Give one of before, after and around, not several.')
      if (around !== undefined && !isId(around)) throw notFound('message')
      const read = asOf()
      const page = await storage.messages(thread(c), { limit: limitParam(c, 50, 200), before, after, around: around as MessageId | undefined })
      if (page === null && around !== undefined) throw notFound('message')
      return c.json({ ...found(page), asOf: read } satisfies MessagePage)
    })
    .get('/:thread/find', async (c) => {
      const text = c.req.query('q')?.trim()
      if (text !== undefined && text.length > LONGEST_QUERY) throw new HttpProblem(400, 'malformed', `q is longer than ${LONGEST_QUERY} characters. Look for fewer words.`)
      const through = c.req.query('through')
      if (through !== undefined && !isId(through)) throw notFound('run')
      return c.json(found(await storage.find(thread(c), { limit: limitParam(c, 50, 200), before: c.req.query('before'), through: through as RunId | undefined, text: text === '' ? undefined : text })))
    })
    .get('/:thread/branches', async (c) => c.json(found(await storage.branchMap(thread(c)))))
    .post('/:thread/fork', async (c) => {
      const result = await storage.forkThread({ thread: thread(c), ...(await readBody(c, forkThreadSchema)) })
      switch (result.kind) {
        case 'forked':
          return c.json(result.thread, result.created ? 201 : 200)
        case 'missing':
          throw result.what === 'thread' ? notFound('thread') : new HttpProblem(422, 'message-gone', 'The message to copy up to is not in this chat. Reload the chat.')
        case 'unsaved':
          throw new HttpProblem(409, 'not-saved-yet', 'This answer is still being written or saved. Try again in a moment.', { retryAfterMs: 1_000 })
        default:
          return result satisfies never
      }
    })
    .get('/:thread/usage', async (c) => c.json(found(await storage.usage(thread(c), c.req.query('includeActive') === 'true'))))
    .get('/:thread/runs', async (c) => {
      const asked = c.req.query('status')
      const status = runStatusSchema.options.find((known) => known === asked)
      if (asked !== undefined && status === undefined) throw new HttpProblem(400, 'malformed', `status must be one of ${runStatusSchema.options.join(', ')}.`)
      return c.json(found(await storage.listRuns(thread(c), { limit: limitParam(c, 20, 100), before: c.req.query('before'), status })))
    })
}
