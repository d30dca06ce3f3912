import { MessageChannel } from 'node:worker_threads'
import type { Incarnation } from '../../../shared/ids.ts'
import type { RunEvent } from '../../../shared/protocol.ts'
import type { Followers, StorageLog } from '../followers.ts'
import type { OperationInput, OperationName, OperationValue, Perform } from '../operations.ts'
import { StorageError } from '../storage.ts'
import type { Reply } from './commit.ts'
import { rebuildError } from './errors.ts'
import { startThread } from './writer-thread.ts'
import type { FromWriter, ToWriter, WriterData } from './writer.ts'

export interface Writer {
  readonly incarnation: Incarnation
  readonly perform: Perform
  /** Resolves when all that was asked before is done and the thread has gone. */
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly events: readonly RunEvent[]
}

/** Starts the writing thread. Rejects with StorageError if it cannot open the file. */
export function startWriter(options: { readonly file: string; readonly now: () => number; readonly followers: Followers; readonly log: StorageLog | undefined; readonly onLost: (error: StorageError) => void }): Promise<Writer> {
  const { file, now, followers, log, onLost } = options
  const { port1: port, port2 } = new MessageChannel()
  const data: WriterData = { file, port: port2, now: now() }
  const worker = startThread(data, port2)
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let closed: StorageError | null = null
  const stopped = new StorageError(`The writing thread of the database ${file} has stopped. Restart the server.`, { retryable: false })

  // The port closes after its last message was heard, however the thread went; its exit may be told before that.
  const gone = new Promise<void>((resolve) => {
    port.once('close', () => {
      fail(stopped)
      resolve()
    })
  })
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve())
  })
  const post = (message: ToWriter) => port.postMessage(message)

  function fail(error: StorageError): void {
    closed ??= error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  function settle(reply: Reply): void {
    const call = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (call === undefined) return
    if ('error' in reply) {
      call.reject(rebuildError(reply.error))
      return
    }
    followers.tell(reply.done.changes, call.events)
    call.resolve(reply.done.value)
  }

  const perform: Perform = <K extends OperationName>(name: K, input: OperationInput<K>, events: readonly RunEvent[] = []) => {
    if (closed !== null) return Promise.reject(closed)
    return new Promise<OperationValue<K>>((resolve, reject) => {
      const id = ++lastId
      post({ id, name, input, now: now() })
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, events })
    })
  }

  return new Promise<Writer>((resolve, reject) => {
    worker.once('error', (error) => {
      log?.error({ err: error, file, waiting: waiting.size }, 'The writing thread of the database died. Restart the server; what was acknowledged is safe.')
      const lost = new StorageError(`The writing thread of the database ${file} died. Restart the server.`, { retryable: false, cause: error })
      fail(lost)
      reject(lost)
      onLost(lost)
    })
    void gone.then(() => reject(stopped))
    port.on('message', (message: FromWriter) => {
      switch (message.kind) {
        case 'opened':
          resolve({ incarnation: message.incarnation, perform, close })
          break
        case 'refused':
          reject(rebuildError(message.error))
          break
        case 'replies':
          for (const reply of message.replies) settle(reply)
          break
        default:
          message satisfies never
      }
    })
  })

  async function close(): Promise<void> {
    if (closed === null) {
      closed = new StorageError(`The database ${file} is closed.`, { retryable: false })
      post('close')
    }
    await Promise.all([gone, exited])
  }
}
