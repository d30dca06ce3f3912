import { Hono } from 'hono'
import type { Context } from 'hono'
import type { MessageId, ThreadId } from '../../shared/ids.ts'
import { patchQueuedSchema } from '../../shared/protocol.ts'
import type { Thread } from '../../shared/protocol.ts'
import type { Runs } from '../runs/runs.ts'
import { HttpProblem, idParam, notFound, readBody } from './problem.ts'

/** `/api/threads/:t/queue`: what a person does with messages that wait. Each answers with the thread as it is then. */
export function queueRoutes({ queue }: Pick<Runs, 'queue'>): Hono {
  const thread = (c: Context) => idParam<ThreadId>(c, 'thread', 'thread')
  const message = (c: Context) => idParam<MessageId>(c, 'message', 'queued message')
  const waiting = (changed: Thread | null): Thread => {
    if (changed === null) throw notFound('queued message')
    return changed
  }
  return new Hono()
    .post('/resume', async (c) => {
      const resumed = await queue.resume(thread(c))
      if (resumed === null) throw notFound('thread')
      return c.json(resumed)
    })
    .patch('/:message', async (c) => c.json(waiting(await queue.patch(thread(c), message(c), await readBody(c, patchQueuedSchema)))))
    .delete('/:message', async (c) => c.json(waiting(await queue.remove(thread(c), message(c)))))
    .post('/:message/send-now', async (c) => c.json(waiting(await queue.sendNow(thread(c), message(c)))))
    .post('/:message/steer', async (c) => {
      const steered = await queue.steer(thread(c), message(c))
      if (steered === 'cannot') throw new HttpProblem(422, 'cannot-steer', 'This agent takes nothing up while it works. Let the message wait, or send it now.')
      return c.json(waiting(steered))
    })
}
