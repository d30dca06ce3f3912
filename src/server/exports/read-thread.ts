import type { ThreadId } from '../../shared/ids.ts'
import type { ExportedRun, ThreadExport } from '../../shared/export.ts'
import type { Message, Run, RunEvent } from '../../shared/protocol.ts'
import type { Storage } from '../storage/storage.ts'

type Source = Pick<Storage, 'getThread' | 'messages' | 'listRuns' | 'read' | 'folded'>

const PAGE = 200
const EVENTS = 1_000

/** Everything a thread holds that is saved, but for the bytes of its files (`write-thread.ts`). Null: no such thread. */
export async function readThread(storage: Source, id: ThreadId, now: number): Promise<ThreadExport | null> {
  const thread = await storage.getThread(id)
  if (thread === null) return null
  const runs = (await allRuns(storage, id)).filter((run) => run.settled)
  const kept = new Set(runs.map((run) => run.id))
  const messages = (await allMessages(storage, id)).filter((message) => kept.has(message.run))
  const exported: ExportedRun[] = []
  for (const { cursor: _cursor, settled: _settled, waiting: _waiting, ...run } of runs) {
    exported.push({ ...run, folded: await storage.folded(run.id), events: await journal(storage, run) })
  }
  const { title, agent, model, pinned, archived, createdAt, updatedAt } = thread
  return {
    format: 'holdfast-thread', version: 1, exportedAt: now,
    thread: { id, title, agent, model, pinned, archived, createdAt, updatedAt, renamed: true }, messages, runs: exported, files: [],
  }
}

async function allMessages(storage: Source, id: ThreadId): Promise<Message[]> {
  const pages: (readonly Message[])[] = []
  for (let before: string | undefined; ;) {
    const page = await storage.messages(id, { limit: PAGE, before })
    if (page === null) break
    pages.unshift(page.messages)
    if (page.before === null) break
    before = page.before
  }
  return pages.flat()
}

async function allRuns(storage: Source, id: ThreadId): Promise<Run[]> {
  const runs: Run[] = []
  for (let before: string | undefined; ;) {
    const page = await storage.listRuns(id, { limit: PAGE, before })
    runs.push(...(page?.runs ?? []))
    if (page === null || page.before === null) break
    before = page.before
  }
  return runs.toReversed()
}

async function journal(storage: Source, run: Pick<Run, 'id' | 'lastSeq'>): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for (let after = 0; after < run.lastSeq;) {
    const page = await storage.read(run.id, after, EVENTS)
    if (page.length === 0) break
    events.push(...page)
    after = page.at(-1)?.seq ?? run.lastSeq
  }
  return events
}
