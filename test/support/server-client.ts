/** A server process as a browser sees it, down to its frames, for tests that end the one or the other. */
import { randomBytes } from 'node:crypto'
import { encodeId } from '../../src/shared/ids.ts'
import { decodeFrame, messagePageSchema, read, runSchema } from '../../src/shared/protocol.ts'
import type { Message, Run } from '../../src/shared/protocol.ts'
import { applyEvent } from '../../src/shared/transcript.ts'
import type { Transcript } from '../../src/shared/transcript.ts'
import { parseFrames } from './sse.ts'
import { textOf } from './test-server.ts'
import { until } from './until.ts'

/** Sends a message to a thread, a new one by default. */
export async function sendTo(url: string, text: string, thread = encodeId(randomBytes(16))): Promise<Run> {
  const answer = await fetch(`${url}/api/threads/${thread}/runs`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message: { id: encodeId(randomBytes(16)), parts: [{ kind: 'text', text }] } }),
  })
  if (!answer.ok) throw new Error(`The run did not start: ${answer.status} ${await answer.text()}`)
  return read(runSchema, await answer.json())
}

export interface Watching {
  /** What has been shown: the agent's text. */
  shown(): string
  ended(): boolean
  /** Resolves when the stream has broken or ended. Rejects on a gap. */
  readonly over: Promise<void>
}

/** Follows a run over one connection and keeps what it was shown. */
export function watchRun(url: string, id: string): Watching {
  let transcript: Transcript | null = null
  const follow = async () => {
    const answer = await fetch(`${url}/api/runs/${id}/stream`)
    let rest = ''
    const decoder = new TextDecoder()
    try {
      for await (const bytes of answer.body as unknown as AsyncIterable<Uint8Array>) {
        rest += decoder.decode(bytes, { stream: true })
        const end = rest.lastIndexOf('\n\n') + 2
        if (end < 2) continue
        for (const message of parseFrames(rest.slice(0, end))) {
          const frame = decodeFrame(message)
          if (frame?.type === 'snapshot') transcript = frame.transcript
          if (frame?.type !== 'event') continue
          const applied = applyEvent(transcript, frame.event)
          if (applied.kind === 'gap') throw new Error(`the stream has a gap: ${applied.reason}`)
          if (applied.kind === 'applied') transcript = applied.transcript
        }
        rest = rest.slice(end)
      }
    } catch (error) {
      if (String(error).includes('gap')) throw error // a killed server breaks the connection; that alone is no failure
    }
  }
  return { shown: () => (transcript === null ? '' : textOf(transcript.messages)), ended: () => transcript?.outcome !== undefined, over: follow() }
}

export async function settledRun(url: string, id: string, withinMs = 5_000): Promise<Run> {
  return until(`the run settles within ${withinMs} ms`, async () => {
    const found = read(runSchema, await (await fetch(`${url}/api/runs/${id}`)).json())
    return found.settled ? found : null
  }, withinMs)
}

/** What is saved of a thread. */
export async function savedMessages(url: string, thread: string): Promise<readonly Message[]> {
  return read(messagePageSchema, await (await fetch(`${url}/api/threads/${thread}/messages`)).json()).messages
}

/** The kinds of a run's journaled events, in order. */
export async function journaledKinds(url: string, id: string): Promise<readonly string[]> {
  const page = (await (await fetch(`${url}/api/runs/${id}/events?limit=1000`)).json()) as { events: { type: string }[] }
  return page.events.map(({ type }) => type)
}
