import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { startUpkeep } from '../../../src/server/runs/upkeep.ts'
import { silentLog } from '../../../src/server/log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { createScriptedAgent, says } from '../../support/scripted-agent.ts'
import { createTestServer, newThread } from '../../support/test-server.ts'
import { until } from '../../support/until.ts'

const DAY_MS = 24 * 3_600_000

describe('upkeep', () => {
  it('folds a journal a day after it settled; whoever joins at an older cursor gets a snapshot, and the same transcript', async () => {
    let now = Date.now()
    const storage = createMemoryStorage({ now: () => now })
    const server = createTestServer(storage, createScriptedAgent(async function* () { yield* says('one ', 'two ', 'three') }))
    const run = await server.settled((await server.send(newThread(), 'Hi')).id)
    const before = await server.join(run.id)
    await until('the stream ends', () => before.over())
    expect(await storage.foldJournals({ olderThanMs: DAY_MS, limit: 5 })).toBe(0)
    now += DAY_MS + 60_000
    const clock = createManualClock()
    const stop = startUpkeep({ storage, files: { sweep: async () => 0 }, clock, log: silentLog })
    await until('the journal is folded', async () => (await storage.folded(run.id)) !== null)
    expect(await storage.read(run.id, 0, 100)).toHaveLength(1)

    for (const after of [undefined, `${storage.incarnation}.2`, `${storage.incarnation}.${run.lastSeq - 1}`]) {
      const joined = await server.join(run.id, after)
      await until('the stream ends', () => joined.over())
      expect(joined.frames.map((frame) => frame.type)).toEqual(after === `${storage.incarnation}.${run.lastSeq - 1}` ? ['event'] : ['snapshot', 'event'])
      if (joined.transcript() !== null) expect(joined.transcript()).toEqual(before.transcript())
    }
    expect((await server.join(run.id, run.cursor)).status).toBe(204)
    stop()
    expect(clock.pending()).toBe(0)
  })

  it('tries again an hour after a failure', async () => {
    const clock = createManualClock()
    let tries = 0
    const stop = startUpkeep({
      storage: { foldJournals: async () => { tries += 1; throw new Error('disk full') }, refreshSearch: async () => 0, purgeThreads: async () => 0 }, files: { sweep: async () => 0 }, clock, log: silentLog,
    })
    await clock.advance(3_600_000)
    expect(tries).toBe(2)
    stop()
  })
})
