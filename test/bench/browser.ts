/** What a browser does, as cheaply as can be, so that the load does not disturb what is measured. */
import { randomBytes } from 'node:crypto'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { nowUs } from './plan.ts'
import type { Plan } from './plan.ts'

export interface Frame {
  readonly type: string
  /** 0 where the frame has no cursor. */
  readonly seq: number
  readonly data: string
  /** When it was here, µs. */
  readonly atUs: number
}

export interface Reader {
  /** Resolves when the server has closed the stream, with the instant, µs. */
  readonly closed: Promise<number>
  /** Resolves when the first frame of this kind is here, with the instant, µs. */
  first(type: string): Promise<number>
  /** Frames with a cursor so far. */
  deliveries(): number
  /** Bytes off the wire, headers and chunk sizes included. */
  bytes(): number
  cut(): void
}

const randomId = () => randomBytes(16).toString('base64url')

/** Starts a run in a new thread. Answers with its id. */
export async function startRun(url: string, plan: Plan): Promise<string> {
  const answer = await fetch(`${url}/api/threads/${randomId()}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: { id: randomId(), parts: [{ kind: 'text', text: JSON.stringify(plan) }] } }),
  })
  if (!answer.ok) throw new Error(`The run did not start: ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}

/** Resolves when the run has settled. */
export async function settled(url: string, run: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/api/runs/${run}`)
    if (((await answer.json()) as { settled: boolean }).settled) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Joins a run. Resolves when the first bytes are here. */
export function join(url: string, run: string, onFrame: (frame: Frame) => void = () => {}): Promise<Reader> {
  return new Promise((opened, reject) => {
    const request = get(`${url}/api/runs/${run}/stream`, { agent: false }, (answer) => {
      if (answer.statusCode === 200) opened(read(answer, onFrame, () => request.destroy()))
      else reject(new Error(`Joining answered ${answer.statusCode}`))
    })
    request.once('error', reject)
  })
}

function read(answer: IncomingMessage, onFrame: (frame: Frame) => void, cut: () => void): Reader {
  const waiting = new Map<string, ((atUs: number) => void)[]>()
  const seen = new Map<string, number>()
  let deliveries = 0
  let rest: string[] = []
  const take = (text: string, atUs: number) => {
    for (const block of text.split('\n\n')) {
      const [, type, seq, data] = /^event:([^\n]*)\n(?:id:[^\n.]*\.(\d+)\n)?data:(.*)$/.exec(block) ?? []
      if (type === undefined) continue
      if (seq !== undefined) deliveries += 1
      if (!seen.has(type)) {
        seen.set(type, atUs)
        for (const tell of waiting.get(type) ?? []) tell(atUs)
      }
      onFrame({ type, seq: Number(seq ?? 0), data: data ?? '', atUs })
    }
  }
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    const end = chunk.lastIndexOf('\n\n')
    // Kept in pieces: a large snapshot comes in many.
    if (end < 0) return void rest.push(chunk)
    const whole = rest.join('') + chunk.slice(0, end)
    rest = [chunk.slice(end + 2)]
    take(whole, nowUs())
  })
  const closed = new Promise<number>((resolve) => {
    answer.once('end', () => resolve(nowUs()))
    answer.once('error', () => resolve(nowUs()))
  })
  return {
    closed,
    first: (type) => new Promise((resolve) => {
      const atUs = seen.get(type)
      if (atUs !== undefined) resolve(atUs)
      else waiting.set(type, [...(waiting.get(type) ?? []), resolve])
    }),
    deliveries: () => deliveries,
    bytes: () => answer.socket.bytesRead,
    cut,
  }
}
