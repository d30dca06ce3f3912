/**
 * The one way out of this server: no other file may make a request (the linter holds that). Where to is the operator's choice, by a
 * variable or in Settings, so any address may be named; but nobody is sent on from there, and a short answer is bounded in time and size.
 */
import type { Clock } from '../clock.ts'

export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly kind: 'too-long' | 'too-large'

  constructor(kind: OutboundError['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** Headers of the answer as soon as they are there; the caller bounds the body. Redirects are answers like others, and are not followed. */
export function openOutbound(url: string | URL | Request, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, redirect: 'manual' })
}

export interface ShortAnswer {
  readonly status: number
  readonly body: string
}

export interface Bounds {
  readonly clock: Clock
  readonly withinMs: number
  readonly mostBytes: number
}

/** GET of a whole, short answer. Rejects with OutboundError beyond the bounds, with fetch's own error where nobody answers. */
export async function getShort(url: string, headers: Readonly<Record<string, string>>, { clock, withinMs, mostBytes }: Bounds): Promise<ShortAnswer> {
  const abort = new AbortController()
  const cancel = clock.after(withinMs, () => abort.abort(new OutboundError('too-long', `No answer within ${Math.round(withinMs / 100) / 10} s.`)))
  try {
    const response = await openOutbound(url, { headers, signal: abort.signal })
    return { status: response.status, body: await readAtMost(response, mostBytes) }
  } finally {
    cancel()
  }
}

async function readAtMost(response: Response, mostBytes: number): Promise<string> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  for (let bytes = 0; reader !== undefined;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array }
    if (done || value === undefined) break
    bytes += value.byteLength
    if (bytes > mostBytes) {
      await reader.cancel()
      throw new OutboundError('too-large', `The answer is larger than ${Math.round(mostBytes / 1024)} KB.`)
    }
    chunks.push(value)
  }
  return Buffer.concat(chunks).toString('utf8')
}
