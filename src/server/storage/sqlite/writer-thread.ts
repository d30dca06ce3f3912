import { Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import type { WriterData } from './writer.ts'

/** In the built server the writer is JavaScript. From source it is TypeScript, for which tsx must be registered in the new thread too. */
export function startThread(data: WriterData, port: MessagePort): Worker {
  const fromSource = import.meta.url.endsWith('.ts')
  const url = new URL(`./writer${fromSource ? '.ts' : '.js'}`, import.meta.url)
  const options = { workerData: data, transferList: [port] }
  if (!fromSource) return new Worker(url, options)
  const register = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; register()`
  return new Worker(url, { ...options, execArgv: ['--import', `data:text/javascript,${encodeURIComponent(register)}`] })
}
