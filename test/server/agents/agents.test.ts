import { expect, it } from 'vitest'
import { createAgentRegistry } from '../../../src/server/agents/agents.ts'
import { sleep } from '../../../src/server/agents/sleep.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'

const agent = (id: string) => createScriptedAgent(async function* () {}, { id })

it('lists agents in their order and finds them by id', () => {
  const [a, b] = [agent('a'), agent('b')]
  const registry = createAgentRegistry([a, b], 'b')
  expect(registry.list()).toMatchObject({ agents: [{ id: 'a' }, { id: 'b' }], default: 'b' })
  expect(registry.get('a')).toBe(a)
  expect(registry.get('toString')).toBeUndefined()
  expect(registry.default).toBe('b')
})

it('refuses a default that is not there, and two of one name', () => {
  expect(() => createAgentRegistry([agent('a')], 'b')).toThrow('"b" is not among a')
  expect(() => createAgentRegistry([agent('a'), agent('a')], 'a')).toThrow('same id')
})

it('a sleep ends with its time, or with its signal, and leaves nothing', async () => {
  const clock = createManualClock()
  const abort = new AbortController()
  const first = sleep(clock, 10, abort.signal)
  await clock.advance(10)
  await first
  const second = sleep(clock, 10, abort.signal)
  abort.abort(new Error('enough'))
  await expect(second).rejects.toThrow('enough')
  await expect(sleep(clock, 10, abort.signal)).rejects.toThrow('enough')
  expect(clock.pending()).toBe(0)
})
