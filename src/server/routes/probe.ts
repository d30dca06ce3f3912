/** GET `/api/probe`: ticks, so that `holdfast doctor` can see whether they come one by one through the proxy in front. */
import { Hono } from 'hono'
import type { Clock } from '../clock.ts'
import { eventStreamHeaders, noStream } from './runs.ts'

export const PROBE_TICKS = 5
export const PROBE_TICK_MS = 200

export function probeRoute(clock: Clock): Hono {
  return new Hono().get('/', (c) => {
    if (c.req.method === 'HEAD') return noStream(c)
    let cancel = () => {}
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        let said = 0
        const tick = () => {
          controller.enqueue(new TextEncoder().encode(`event:tick\ndata:{"n":${++said},"at":${clock.now()}}\n\n`))
          if (said < PROBE_TICKS) cancel = clock.after(PROBE_TICK_MS, tick)
          else controller.close()
        }
        tick()
      },
      cancel: () => cancel(),
    })
    return c.body(body, 200, eventStreamHeaders)
  })
}
