/** Reading what a run's journal folds to, page by page. */
import { expect, it } from 'vitest'
import { charactersOf, foldRun } from '../../../src/server/storage/fold-run.ts'
import type { RunEvent, Transcript } from '../../../src/shared/protocol.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import { createRunStory } from '../../support/run-story.ts'

/** A journal of `words` pieces of text, ten characters each. */
function journalOf(words: number): readonly RunEvent[] {
  const story = createRunStory({ text: 'Hi' })
  story.message()
  story.part('p1')
  for (let word = 0; word < words; word++) story.delta('p1', 'ten units ')
  story.end()
  return story.events
}

/** A store that holds this journal, what it was folded to before, and notes where it was read from. */
function storeOf(events: readonly RunEvent[], folded: Transcript | null = null) {
  const reads: number[] = []
  return {
    reads,
    folded: () => Promise.resolve(folded),
    read: (_run: unknown, after: number, limit: number) => {
      reads.push(after)
      return Promise.resolve(events.filter((event) => event.seq > after).slice(0, limit))
    },
  }
}
const run = 'run-1' as Transcript['run']

it('folds a journal of many pages to what its events fold to', async () => {
  const events = journalOf(2_500)
  const store = storeOf(events)
  expect(await foldRun(store, run)).toEqual(foldEvents(events))
  expect(store.reads).toEqual([0, 1_000, 2_000, events.length])
})

it('leaves other work its turn between two pages', async () => {
  const store = storeOf(journalOf(2_500))
  const turns: number[] = []
  let done = false
  const fold = foldRun(store, run).then(() => { done = true })
  while (!done) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    turns.push(store.reads.length)
  }
  await fold
  expect(turns).toContain(1)
  expect(turns).toContain(2)
  expect(turns).toContain(3)
})

it('leaves out the end where that is asked for, and only the end', async () => {
  const events = journalOf(3)
  expect(await foldRun(storeOf(events), run, { untilEnd: true })).toEqual(foldEvents(events.slice(0, -1)))
  expect((await foldRun(storeOf(events), run))?.outcome).toBe('completed')
})

it('goes on from what was folded before, and has nothing of a run without a journal', async () => {
  const events = journalOf(3)
  const folded = foldEvents(events.slice(0, -1))
  const store = storeOf(events.slice(-1), folded)
  expect(await foldRun(store, run)).toEqual(foldEvents(events))
  expect(store.reads).toEqual([events.length - 1, events.length])
  expect(await foldRun(storeOf([]), run)).toBeNull()
})

it('stops behind the page that holds as many characters as are wanted', async () => {
  const events = journalOf(2_500)
  const short = foldEvents(events.slice(0, 1_000))
  const held = charactersOf(short as Transcript)
  expect(held).toBe(997 * 10 + 'Hi'.length)
  expect((await foldRun(storeOf(events), run, { mostCharacters: held }))?.lastSeq).toBe(1_000)
  expect((await foldRun(storeOf(events), run, { mostCharacters: held + 1 }))?.lastSeq).toBe(2_000)
})
