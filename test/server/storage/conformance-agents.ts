import { expect, test } from 'vitest'
import type { StoredAgent } from '../../../src/server/storage/storage.ts'
import type { Subject } from './conformance.ts'

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
}
