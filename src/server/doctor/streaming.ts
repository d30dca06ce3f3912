/**
 * Whether what the server says now reaches a browser now, through whatever stands between them. The address is the operator's own word on the command
 * line, and how the bytes come is what counts, so this one does not go through `agents/outbound.ts`.
 */
import { get as getPlain } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { get as getSecure } from 'node:https'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { PROBE_TICK_MS, PROBE_TICKS } from '../routes/probe.ts'
import type { Finding } from './doctor.ts'

const WITHIN_MS = 10_000
/** A tick may be late by a slow line; all of them at once is a buffer. */
const SPREAD_MS = (PROBE_TICKS - 1) * PROBE_TICK_MS * 0.5
const FIRST_MS = 1_000

/** `named`: somebody asked for this address, so that nobody answering there is bad. */
export async function checkStreaming(url: string, named: boolean): Promise<Finding> {
  const what = `streaming from ${url}`
  if (!URL.canParse(url) || !/^https?:/.test(url)) return { what, state: 'bad', says: 'that is no http or https address.', remedy: 'Give it as --url https://chat.example.org.' }
  try {
    const arrivals = await probe(new URL('/api/probe', url))
    const [first = Infinity] = arrivals
    const last = arrivals.at(-1) ?? Infinity
    if (arrivals.length < PROBE_TICKS) {
      return { what, state: 'bad', says: `was cut after ${arrivals.length} of ${PROBE_TICKS} ticks.`, remedy: 'The proxy closes answers early. Raise its read timeout above 60 s (nginx: proxy_read_timeout).' }
    }
    if (last - first < SPREAD_MS || first > FIRST_MS) {
      return {
        what, state: 'bad',
        says: `is held back: the first of ${PROBE_TICKS} ticks came after ${first.toFixed(0)} ms, all of them within ${(last - first).toFixed(0)} ms instead of ${(PROBE_TICKS - 1) * PROBE_TICK_MS} ms.`,
        remedy: 'The proxy collects what it should pass on. nginx: proxy_buffering off, and no gzip for text/event-stream; others: switch response buffering off for /api. The README has settings that work.',
      }
    }
    return { what, state: 'good', says: `comes as it is said: the first tick after ${first.toFixed(0)} ms.` }
  } catch (error) {
    const says = `nothing answers as Holdfast does: ${(error as Error).message}.`
    if (!named) return { what, state: 'idle', says: `${says} Start the server, or give --url with the address that browsers use.` }
    return { what, state: 'bad', says, remedy: 'Check that the server runs, that the proxy leads to it, and that ALLOWED_HOSTS has the name in this address.' }
  }
}

/** A proxy may have compressed it. */
function decoded(answer: IncomingMessage): Readable {
  const encoding = answer.headers['content-encoding']
  if (encoding === 'gzip') return answer.pipe(createGunzip())
  if (encoding === 'deflate') return answer.pipe(createInflate())
  return encoding === 'br' ? answer.pipe(createBrotliDecompress()) : answer
}

/** When each tick arrived, ms after the request was sent. */
function probe(url: URL): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const begun = performance.now()
    const get = url.protocol === 'https:' ? getSecure : getPlain
    // As a browser asks, so that a proxy treats it as one.
    const request = get(url, { headers: { accept: 'text/event-stream', 'accept-encoding': 'gzip, deflate, br', 'cache-control': 'no-store' } }, (answer: IncomingMessage) => {
      if (answer.statusCode !== 200 || answer.headers['content-type']?.startsWith('text/event-stream') !== true) {
        answer.resume()
        return reject(new Error(`the answer was ${answer.statusCode ?? 0} ${answer.headers['content-type'] ?? ''}`.trim()))
      }
      const arrivals: number[] = []
      let text = ''
      const plain = decoded(answer)
      plain.setEncoding('latin1').on('data', (more: string) => {
        text += more
        const ticks = text.split('event:tick').length - 1
        while (arrivals.length < ticks) arrivals.push(performance.now() - begun)
      })
      plain.once('end', () => resolve(arrivals))
      for (const stream of [answer, plain]) stream.once('error', reject)
    })
    request.setTimeout(WITHIN_MS, () => request.destroy(new Error(`no word within ${WITHIN_MS / 1000} s`)))
    request.once('error', reject)
  })
}
