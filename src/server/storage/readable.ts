import type { Message } from '../../shared/protocol.ts'
import { isWhole, toMessage } from './records.ts'
import type { MessageRow } from './records.ts'
import type { ReadSource } from './reads.ts'
import { DamageError } from './storage.ts'

/** A message as a person is shown it: one that is damaged says so, in its place, and keeps nobody from the others. */
export function readable(source: Pick<ReadSource, 'runsFor'>, row: MessageRow): Message {
  if (isWhole(row)) return toMessage(row)
  const run = source.runsFor(row.thread, [], [row.run]).find((one) => one.key === row.run)
  if (run === undefined) throw new DamageError(`The message ${row.id} is damaged, and the run that wrote it is not known`)
  return { id: row.id, role: row.role, run: run.id, after: row.after, damaged: true, status: row.role === 'user' ? 'completed' : (run.outcome ?? 'completed'), at: run.started_at, parts: [] }
}
