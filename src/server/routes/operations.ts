import { Hono } from 'hono'
import type { Clock } from '../clock.ts'
import type { Metrics } from '../metrics.ts'
import type { Storage } from '../storage/storage.ts'
import { probeRoute } from './probe.ts'
import { HttpProblem } from './problem.ts'

/** Liveness, readiness, metrics, and the probe of `holdfast doctor`. */
export function operationRoutes(storage: Storage, metrics: Metrics, clock: Clock): Hono {
  return new Hono()
    .route('/api/probe', probeRoute(clock))
    .get('/api/health', (c) => c.json({ status: 'ok' }))
    .get('/api/ready', async (c) => {
      if (!(await storage.ready())) throw new HttpProblem(503, 'store-down', 'The database does not take writes now. Check the disk.', { retryAfterMs: 1_000 })
      return c.json({ status: 'ready' })
    })
    .get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }))
}
