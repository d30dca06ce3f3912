/** Threads of any length, written into a database that no server has open. */
import { createHash } from 'node:crypto'
import type { MessageId, PartId, RunId, ThreadId } from '../../../src/shared/ids.ts'
import type { Counters, Message, RunEvent } from '../../../src/shared/protocol.ts'
import { checksums } from '../../../src/shared/transcript.ts'
import { applyEvent } from '../../../src/shared/transcript.ts'
import type { Transcript } from '../../../src/shared/transcript.ts'
import { mixed } from '../render/texts.ts'

const built = new URL('../../../dist/server/sqlite-storage.js', import.meta.url).href

/** Characters of each answer, about as long as an answer is. */
const ANSWER = 1_500
const answers = mixed(200_000)
const counters: Counters = { usage: { inputTokens: 400, outputTokens: 380 }, modelCalls: 1, toolCalls: 0, messages: 1 }

/** One thread for each of the lengths, which count questions and answers alike. Answers with their ids, in the same order. */
export async function seedThreads(file: string, lengths: readonly number[]): Promise<string[]> {
  const { createSqliteStorage } = (await import(built)) as typeof import('../../../src/server/storage/sqlite/sqlite-storage.ts')
  const storage = await createSqliteStorage({ file })
  try {
    return await Promise.all(lengths.map(async (length, index) => {
      const thread = idOf(`thread ${index} of ${length}`) as ThreadId
      for (let turn = 0; turn * 2 < length; turn++) {
        const run = idOf(`${thread} run ${turn}`) as RunId
        const reply = idOf(`${thread} reply ${turn}`) as MessageId
        const started = await storage.start({
          thread, run, owner: 'seed', leaseMs: 600_000, agent: 'openai', model: 'scripted-model', fingerprint: run, title: `A chat of ${length} messages`,
          message: { id: idOf(`${thread} question ${turn}`) as MessageId, parts: [{ kind: 'text', text: `Question ${turn + 1}: what happens next?` }] },
        })
        if (started.kind !== 'started') throw new Error(`The thread of ${length} could not be written: ${started.kind}.`)
        const at = (turn * ANSWER) % (answers.length - ANSWER)
        const { events, messages } = answerOf(started.event, reply, answers.slice(at, at + ANSWER))
        await storage.end({ run, epoch: started.epoch, events, outcome: 'completed', counters })
        await storage.settle({ run, messages, counters, notices: [] })
      }
      return thread
    }))
  } finally {
    await storage.close()
  }
}

function answerOf(first: RunEvent, reply: MessageId, text: string): { readonly events: readonly RunEvent[]; readonly messages: readonly Message[] } {
  const part = 'p1' as PartId
  const { at } = first
  let transcript = fold(null, first)
  const events: RunEvent[] = []
  const tell = (event: RunEvent) => {
    events.push(event)
    transcript = fold(transcript, event)
  }
  tell({ type: 'message.started', seq: 2, at, message: reply, role: 'assistant' })
  tell({ type: 'part.started', seq: 3, at, message: reply, part, kind: 'text' })
  tell({ type: 'part.delta', seq: 4, at, part, field: 'text', off: 0, text })
  tell({ type: 'part.ended', seq: 5, at, part, state: 'done' })
  tell({ type: 'stream_end', seq: 6, at, outcome: 'completed', usage: counters.usage, parts: checksums(transcript) })
  return { events, messages: transcript.messages.slice(1) }
}

function fold(transcript: Transcript | null, event: RunEvent): Transcript {
  const applied = applyEvent(transcript, event)
  if (applied.kind !== 'applied') throw new Error(`The story does not follow from itself: ${applied.kind}.`)
  return applied.transcript
}

/** The same id for the same name, of the form that the server expects. */
function idOf(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 22)
}
