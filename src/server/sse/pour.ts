import type { HttpBindings, Http2Bindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { ServerResponse } from 'node:http'
import { pourOf } from './sink.ts'
import type { Outlet } from './sink.ts'

/**
 * A fetch for Node's server that pours event streams straight into Node's response, under the headers that `fetch` gave them. Every other answer is
 * passed on as it is.
 */
export function pouring(fetch: (request: Request) => Response | Promise<Response>): (request: Request, env: HttpBindings | Http2Bindings) => Promise<Response> {
  return async (request, { outgoing }) => {
    const answer = await fetch(request)
    // Looked at first, because asking any answer for its body would make a stream of it.
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true
    const pour = isStream && answer.body !== null ? pourOf(answer.body) : undefined
    if (pour === undefined || !(outgoing instanceof ServerResponse) || request.method === 'HEAD') return answer
    // The connection ends with the stream, so that no frame needs a chunk's size around it: that would be a twelfth of the wire.
    outgoing.removeHeader('transfer-encoding')
    outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), connection: 'close' })
    outgoing.flushHeaders()
    pour(outletOf(outgoing))
    return RESPONSE_ALREADY_SENT
  }
}

/**
 * With the head out and no chunks, the socket's bytes are the body's: written there they are spared the response's own bookkeeping, a third of what a
 * delivery costs above the kernel. Without a socket (a pipelined request whose turn has not come) the response keeps them.
 */
function outletOf(outgoing: ServerResponse): Outlet {
  const { socket } = outgoing
  if (socket === null) return outgoing
  return {
    get destroyed() {
      return outgoing.destroyed || socket.destroyed
    },
    get writableLength() {
      return socket.writableLength
    },
    write: (bytes) => socket.write(bytes),
    end: () => outgoing.end(),
    destroy: () => outgoing.destroy(),
    on: (event, listener) => (event === 'drain' ? socket : outgoing).on(event, listener),
  }
}
