/** Stands in for `src/server/storage/sqlite/writer-thread.ts` in Vitest: the same writer from the same source, compiled once for all tests instead of in each thread. */
import { Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { inject } from 'vitest'
import type { WriterData } from '../../src/server/storage/sqlite/writer.ts'

export function startThread(data: WriterData, port: MessagePort): Worker {
  return new Worker(inject('writer'), { workerData: data, transferList: [port], execArgv: [] })
}
