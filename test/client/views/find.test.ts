import { describe, expect, it } from 'vitest'
import type { MessageId } from '../../../src/shared/ids.ts'
import type { FindPage } from '../../../src/shared/protocol.ts'
import { createFinder } from '../../../src/client/views/find/finder.ts'
import { placesOf } from '../../../src/client/views/find/places.ts'

describe('the places of words', () => {
  const shown = (words: string, pieces: readonly (string | null)[]) =>
    placesOf(words, pieces).map(({ start, end }) => `${start.piece}:${start.offset}-${end.piece}:${end.offset}`)

  it('are found whatever their case, each once, none over another', () => {
    expect(shown('tide', ['Tides and tides, TIDE'])).toEqual(['0:0-0:4', '0:10-0:14', '0:17-0:21'])
    expect(shown('aa', ['aaaaa'])).toEqual(['0:0-0:2', '0:2-0:4'])
  })
  it('go on from one piece into the next, and end where they end', () => {
    expect(shown('high water', ['when is hi', 'gh', ' water', '?'])).toEqual(['0:8-2:6'])
    expect(shown('gh', ['hi', 'gh', ' water'])).toEqual(['1:0-1:2'])
    expect(shown('x', ['', 'x', '', 'x'])).toEqual(['1:0-1:1', '3:0-3:1'])
  })
  it('go on over the end of a line, which is drawn as a space', () => expect(shown('high water', ['it is high\nwater'])).toEqual(['0:6-0:16']))
  it('do not cross a border', () => {
    expect(shown('onetwo', ['one', null, 'two'])).toEqual([])
    expect(shown('two', ['one', null, 'two'])).toEqual(['2:0-2:3'])
  })
  it('keep their place behind letters whose lower case is longer', () => {
    expect(shown('stanbul', ['İSTANBUL, Istanbul'])).toEqual(['0:1-0:8', '0:11-0:18'])
  })
  it('of nothing are nowhere', () => expect(shown('', ['text'])).toEqual([]))
})

describe('a finder', () => {
  const page = (ids: readonly string[], before: string | null): FindPage => ({ hits: ids.map((id) => ({ message: id as MessageId, role: 'user', at: 0, excerpt: '' })), before })
  const said = (id: string, text: string) => ({ id: id as MessageId, role: 'assistant' as const, parts: [{ id: 'p' as never, kind: 'text' as const, state: 'open' as const, startedAt: 0, text }] })
  const newest = () => null

  it('goes through all pages, oldest first, with what is not saved yet at the end, and steps round', async () => {
    const asked: (string | undefined)[] = []
    const pages = new Map([['', page(['m9', 'm8'], 'c1')], ['c1', page([], 'c2')], ['c2', page(['m1'], null)]])
    const finder = createFinder({
      ask: async (_words, before) => {
        asked.push(before)
        return { ok: true, value: pages.get(before ?? '') as FindPage }
      },
      unsaved: () => [said('m9', 'a Tide, saved by now'), said('live', 'the **ti**de turns'), said('other', 'nothing')],
    })
    await finder.look(' tide ', newest)
    expect(asked).toEqual([undefined, 'c1', 'c2'])
    expect(finder.get()).toEqual({ words: 'tide', found: ['m1', 'm8', 'm9', 'live'], at: 'live', busy: false, cut: false, error: null })
    expect([finder.step(1), finder.step(-1), finder.step(-1)]).toEqual(['m1', 'live', 'm9'])
  })

  it('begins near the reader, and stays at a message while more letters still mean it', async () => {
    const finder = createFinder({ ask: async (words) => ({ ok: true, value: words === 'none' ? page([], null) : page(words === 'ti' ? ['m3', 'm2', 'm1'] : ['m2', 'm1'], null) }), unsaved: () => [] })
    await finder.look('ti', () => 'm1')
    expect(finder.get().at).toBe('m1')
    finder.step(1)
    await finder.look('tid', () => 'm1')
    expect(finder.get().at).toBe('m2')
    await finder.look('none', newest)
    expect(finder.get()).toMatchObject({ found: [], at: null })
    expect(finder.step(1)).toBeNull()
  })

  it('lets a late answer change nothing, and tells why it could not look', async () => {
    const held: (() => void)[] = []
    const finder = createFinder({
      ask: (words) => new Promise((answer) => {
        held.push(() => answer(words === 'bad' ? { ok: false, message: 'The server cannot be reached.' } : { ok: true, value: page([words], null) }))
      }),
      unsaved: () => [],
    })
    const first = finder.look('first', newest)
    const second = finder.look('second', newest)
    held[1]?.()
    held[0]?.()
    await Promise.all([first, second])
    expect(finder.get()).toMatchObject({ words: 'second', found: ['second'] })
    const bad = finder.look('bad', newest)
    held[2]?.()
    await bad
    expect(finder.get()).toMatchObject({ found: [], busy: false, error: 'The server cannot be reached.' })
  })

  it('stops at 2,000 messages and says that there may be more', async () => {
    let number = 0
    const finder = createFinder({ ask: async () => ({ ok: true, value: page(Array.from({ length: 200 }, () => `m${number++}`), 'on') }), unsaved: () => [] })
    await finder.look('the', newest)
    expect(finder.get().found).toHaveLength(2_000)
    expect(finder.get().cut).toBe(true)
  })
})
