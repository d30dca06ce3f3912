import { Hono } from 'hono'
import { addAgentSchema, changeAgentSchema, testAgentSchema } from '../../shared/protocol.ts'
import type { AgentSettings } from '../settings/agent-settings.ts'
import { idParam, notFound, readBody } from './problem.ts'

/** `/api/settings`: the agents that people set up. No answer ever holds a key. */
export function settingsRoutes(agents: AgentSettings): Hono {
  const list = async () => ({ agents: await agents.list() })
  return new Hono()
    .get('/agents', async (c) => c.json(await list()))
    .post('/agents', async (c) => c.json(await agents.add(await readBody(c, addAgentSchema)), 201))
    .post('/agents/test', async (c) => c.json(await agents.test(await readBody(c, testAgentSchema))))
    .post('/agents/find', async (c) => {
      await agents.find()
      return c.json(await list())
    })
    .patch('/agents/:agent', async (c) => {
      const changed = await agents.change(idParam(c, 'agent', 'agent'), await readBody(c, changeAgentSchema))
      if (changed === null) throw notFound('agent')
      return c.json(changed)
    })
    .delete('/agents/:agent', async (c) => {
      if (!(await agents.remove(idParam(c, 'agent', 'agent')))) throw notFound('agent')
      return c.body(null, 204)
    })
}
