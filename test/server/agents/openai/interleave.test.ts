import { describe, expect, it } from 'vitest'
import { createInbox, interleave } from '../../../../src/server/agents/openai/interleave.ts'
import { settlePromises } from '../../../support/manual-clock.ts'

describe('interleave', () => {
  it('gives news at once and the stream in order', async () => {
    const inbox = createInbox<string>()
    inbox.put('news')
    const seen: unknown[] = []
    for await (const item of interleave((async function* () { yield 1; yield 2 })(), inbox)) {
      seen.push(item)
      if (item === 1) inbox.put('more')
    }
    expect(seen).toEqual(['news', 1, 'more', 2])
  })

  it('tells a failure that came while the reader was busy with news, and to nobody else', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    try {
      const inbox = createInbox<string>()
      inbox.put('news')
      const failing: AsyncIterable<never> = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('cut')) }) }
      const reader = interleave(failing, inbox)
      expect((await reader.next()).value).toBe('news')
      await settlePromises()
      expect(unhandled).toEqual([])
      await expect(reader.next()).rejects.toThrow('cut')

      inbox.put('news')
      const left = interleave(failing, inbox)
      await left.next()
      await left.return()
      await settlePromises()
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})
