import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import type { Storage } from './storage/storage.ts'

export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
}

/** Of the process, however many servers it has had: each watch of the event loop and the garbage collector costs for as long as the process lives. */
let processMetrics: Registry | null = null

function watchProcess(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

/** Prometheus metrics of one server, with those of its process. */
export function createMetrics({ storage, activeRuns, readers }: { readonly storage: Pick<Storage, 'follow'>; readonly activeRuns: () => number; readonly readers: () => number }): Metrics {
  processMetrics ??= watchProcess()
  const registry = new Registry()
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({ name, help, registers: [registry], collect() { this.set(value()) } })
  gauge('holdfast_active_runs', 'Runs that have not settled', activeRuns)
  gauge('holdfast_stream_readers', 'Open event streams', readers)
  const events = new Counter({ name: 'holdfast_events_total', help: 'Events committed to the journal', registers: [registry] })
  const ended = new Counter({ name: 'holdfast_runs_ended_total', help: 'Runs that ended, by outcome', labelNames: ['outcome'], registers: [registry] })
  storage.follow((change) => {
    if (change.kind !== 'events') return
    events.inc(change.events.length)
    for (const event of change.events) if (event.type === 'stream_end') ended.inc({ outcome: event.outcome })
  })
  return { contentType: registry.contentType, text: () => Registry.merge([processMetrics as Registry, registry]).metrics() }
}
