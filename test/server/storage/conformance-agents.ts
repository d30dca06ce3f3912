import { expect, test } from 'vitest'
import { FencedError } from '../../../src/server/storage/storage.ts'
import type { StoredAgent } from '../../../src/server/storage/storage.ts'
import type { Subject } from './conformance.ts'
import { heard, names, running, wholeTurn } from './scene.ts'

const agent = (id: string, createdAt: number): StoredAgent => ({ id, title: `Agent ${id}`, baseUrl: 'http://127.0.0.1:1/v1', model: null, sealedKey: 'v1.sealed', createdAt })

export function agents(on: Subject): void {
  test('agents are kept in the order in which they were added, can be changed and removed', async () => {
    expect(await on.storage.listAgents()).toEqual([])
    const [first, second] = [agent('b', 1), agent('a', 2)]
    await on.storage.putAgent(second)
    await on.storage.putAgent(first)
    expect(await on.storage.listAgents()).toEqual([first, second])
    const changed = { ...first, title: 'Renamed', baseUrl: 'https://api.example.com/v1', model: 'm', sealedKey: null }
    await on.storage.putAgent(changed)
    expect(await on.storage.listAgents()).toEqual([changed, second])
    expect(await on.storage.removeAgent('b')).toBe(true)
    expect(await on.storage.removeAgent('b')).toBe(false)
    expect(await on.storage.listAgents()).toEqual([second])
    await on.storage.removeAgent('a')
  })

  test('every thread goes at once, deleted and running ones too, each is told, and agents stay', async () => {
    const [settled, live, deleted] = [names(), names(), names()]
    await wholeTurn(on.storage, settled)
    await running(on.storage, live)
    await wholeTurn(on.storage, deleted)
    await on.storage.deleteThread(deleted.thread)
    await on.storage.putAgent(agent('kept', 3))
    const changes = await heard(on.storage, async () => expect(await on.storage.removeAllThreads()).toBeGreaterThanOrEqual(3))
    expect(changes).toContainEqual({ kind: 'thread-removed', thread: settled.thread })
    expect((await on.storage.listThreads({ limit: 10 })).threads).toEqual([])
    expect(await on.storage.restoreThread(deleted.thread)).toBeNull()
    expect(await on.storage.getRun(live.run)).toBeNull()
    expect(await on.storage.read(settled.run, 0, 10)).toEqual([])
    await expect(on.storage.append({ run: live.run, epoch: 1, events: [] })).rejects.toThrow(FencedError)
    expect((await on.storage.listAgents()).map(({ id }) => id)).toEqual(['kept'])
    await on.storage.removeAgent('kept')
    expect(await on.storage.removeAllThreads()).toBe(0)
  })
}
