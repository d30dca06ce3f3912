/** A long thread, put into a SQLite store that no server has open: for tests of what a page does with one. */
import type { MessageId, PartId, RunId, ThreadId } from '../../src/shared/ids.ts'
import type { Message } from '../../src/shared/protocol.ts'
import { openForWriting } from '../../src/server/storage/sqlite/database.ts'
import { messageRow } from '../../src/server/storage/records.ts'
import { createSqliteTables } from '../../src/server/storage/sqlite/sqlite-tables.ts'
import { newThread } from '../../src/server/storage/thread-rows.ts'

export interface SeededTurn {
  readonly question: string
  readonly answer: string
}

/** Ids of a seeded thread's messages, by their turn from 0. */
export const seeded = (thread: string, turn: number) => ({ run: `${thread}-r${turn}` as RunId, human: `${thread}-q${turn}` as MessageId, reply: `${thread}-a${turn}` as MessageId })

/**
 * Writes `count` settled turns in one transaction, with the rows that a server leaves once their journals are folded. The database must have
 * its tables already: start a server on it once.
 */
export function seedThread(file: string, thread: string, count: number, turnOf: (turn: number) => SeededTurn): void {
  const db = openForWriting(file)
  try {
    const tables = createSqliteTables(db, 'seed' as Parameters<typeof createSqliteTables>[1])
    const id = thread as ThreadId
    const first = Date.now() - count * 60_000
    db.transaction(() => {
      tables.insertThread({ ...newThread(id, first), title: 'A long thread', updated_at: Date.now() })
      for (let turn = 0; turn < count; turn++) {
        const { run, human, reply } = seeded(thread, turn)
        const { question, answer } = turnOf(turn)
        const at = first + turn * 60_000
        const key = tables.insertRun({
          id: run, thread: id, message: human, status: 'completed', outcome: 'completed', settled: 1, waiting: 0, error: null, agent: 'demo', model: null,
          started_at: at, ended_at: at + 5_000, usage: JSON.stringify({ inputTokens: 20, outputTokens: 200 }), model_calls: 1, tool_calls: 0, messages: 1,
          notices: '[]', last_seq: 6, last_message: reply, stop_by: null, owner: 'seed', epoch: 1, epoch_base: 0, lease_until: 0, folded: 1,
        }).key
        const before = turn === 0 ? null : seeded(thread, turn - 1).reply
        const messages = [messageOf(human, 'user', run, before, at, question, 'h1'), messageOf(reply, 'assistant', run, human, at + 100, answer, 'p1')]
        for (const [idx, message] of messages.entries()) {
          tables.insertMessage(messageRow({ thread: id, run: key, idx, fingerprint: null }, message))
        }
      }
    })()
  } finally {
    db.close()
  }
}

function messageOf(id: MessageId, role: Message['role'], run: RunId, after: MessageId | null, at: number, text: string, part: string): Message {
  return { id, role, run, after, status: 'completed', at, parts: [{ id: part as PartId, kind: 'text', state: 'done', startedAt: at, endedAt: at + 4_000, text }] }
}
