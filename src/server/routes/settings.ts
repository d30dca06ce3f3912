import { Hono } from 'hono'
import { addAgentSchema, changeAgentSchema, deleteEverythingSchema, testAgentSchema } from '../../shared/protocol.ts'
import type { AgentSettings } from '../settings/agent-settings.ts'
import type { Files } from '../files/files.ts'
import type { Storage } from '../storage/storage.ts'
import { idParam, notFound, readBody } from './problem.ts'

/** `/api/settings`: the agents that people set up, and the end of all chats. No answer ever holds a key. */
export function settingsRoutes(agents: AgentSettings | null, storage: Pick<Storage, 'removeAllThreads'>, files: Pick<Files, 'sweep'>): Hono {
  const routes = new Hono().post('/delete-everything', async (c) => {
    await readBody(c, deleteEverythingSchema)
    const removed = await storage.removeAllThreads()
    await files.sweep(0)
    return c.json({ removed })
  })
  return agents === null ? routes : routes.route('/agents', agentRoutes(agents))
}

function agentRoutes(agents: AgentSettings): Hono {
  const list = async () => ({ agents: await agents.list() })
  return new Hono()
    .get('/', async (c) => c.json(await list()))
    .post('/', async (c) => c.json(await agents.add(await readBody(c, addAgentSchema)), 201))
    .post('/test', async (c) => c.json(await agents.test(await readBody(c, testAgentSchema))))
    .post('/find', async (c) => {
      await agents.find()
      return c.json(await list())
    })
    .patch('/:agent', async (c) => {
      const changed = await agents.change(idParam(c, 'agent', 'agent'), await readBody(c, changeAgentSchema))
      if (changed === null) throw notFound('agent')
      return c.json(changed)
    })
    .delete('/:agent', async (c) => {
      if (!(await agents.remove(idParam(c, 'agent', 'agent')))) throw notFound('agent')
      return c.body(null, 204)
    })
}
