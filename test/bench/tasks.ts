/** What the tasks of a page's main thread took, from Chromium's own trace. */
import type { Browser, CDPSession, Page } from '@playwright/test'

export interface Tasks {
  /** How many took more than 50 ms. */
  readonly long: number
  /** ms. */
  readonly longest: number
}

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Processor time of the thread, µs: unlike `dur` it does not count what other programs did meanwhile. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

const LONG_MS = 50

/**
 * Traces the page's tasks until the answer is called, which tells how long they were in processor time: on a busy machine a task of 5 ms may be
 * there for 100. One trace at a time in a browser.
 */
export async function traceTasks(browser: Browser, page: Page): Promise<() => Promise<Tasks>> {
  await browser.startTracing(page, { categories: ['toplevel'] })
  return async () => {
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { readonly traceEvents: readonly TraceEvent[] }
    const thread = (event: TraceEvent) => `${event.pid} ${event.tid}`
    const mains = new Set(traceEvents.filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain').map(thread))
    const times = traceEvents.flatMap((event) => (event.name === 'ThreadControllerImpl::RunTask' && event.tdur !== undefined && mains.has(thread(event)) ? [event.tdur / 1000] : []))
    if (times.length === 0) throw new Error('This Chromium does not trace the tasks of a page.')
    return { long: times.filter((time) => time > LONG_MS).length, longest: times.reduce((most, time) => Math.max(most, time), 0) }
  }
}

/** Seconds of processor time that the page's main thread has used. `Performance.enable` with `threadTicks` comes first. */
export async function threadTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  const metric = metrics.find(({ name }) => name === 'ThreadTime')
  if (metric === undefined) throw new Error('This Chromium does not tell the processor time of a page.')
  return metric.value
}
