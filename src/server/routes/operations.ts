import { Hono } from 'hono'
import type { Metrics } from '../metrics.ts'
import type { Storage } from '../storage/storage.ts'
import { HttpProblem } from './problem.ts'

/** Liveness, readiness and metrics. */
export function operationRoutes(storage: Storage, metrics: Metrics): Hono {
  return new Hono()
    .get('/api/health', (c) => c.json({ status: 'ok' }))
    .get('/api/ready', async (c) => {
      if (!(await storage.ready())) throw new HttpProblem(503, 'The database does not take writes now. Check the disk.', { retryAfterMs: 1_000 })
      return c.json({ status: 'ready' })
    })
    .get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }))
}
