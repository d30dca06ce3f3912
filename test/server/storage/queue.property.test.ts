/** A queue against a list: whatever people move, edit, remove and send now, what starts next is what a plain list says. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMemoryStorage } from '../../../src/server/storage/memory/memory-storage.ts'
import { wordsOf } from '../../../src/shared/human.ts'
import type { MessageId, RunId } from '../../../src/shared/ids.ts'
import { seedOf } from '../../support/seed.ts'
import { finish, names, running, startOf } from './scene.ts'

interface Waiting {
  readonly id: string
  readonly words: string
  readonly next: boolean
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('move' as const), which: fc.nat(), before: fc.option(fc.nat(), { nil: null }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), which: fc.nat(), words: fc.stringMatching(/^[a-z]{1,8}$/) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('send now' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start the next' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('name what is gone' as const), before: fc.boolean() }) },
)

test('a queue is a list: moved, edited, removed and sent now at random, and nothing is lost or doubled', async () => {
  const seed = seedOf('a queue is a list')
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const storage = createMemoryStorage()
    const n = names()
    await running(storage, n)
    let list: readonly Waiting[] = []
    let [joined, begun, active] = [0, 0, n.run]
    const started: string[] = []
    const pick = (which: number) => list[which % Math.max(1, list.length)]
    const id = (name: string) => name as MessageId
    for (const now of steps) {
      switch (now.do) {
        case 'join': {
          const name = `message-${++joined}`
          await storage.start(startOf(n, { run: `run-of-${name}` as RunId, message: { id: id(name), parts: [{ kind: 'text', text: name }] }, fingerprint: name, ifBusy: 'queue' }))
          list = [...list, { id: name, words: name, next: false }]
          break
        }
        case 'move': {
          const moved = pick(now.which)
          if (moved === undefined) break
          const before = now.before === null ? null : pick(now.before)?.id ?? null
          await storage.patchQueued(n.thread, id(moved.id), { before: before === null ? null : id(before) })
          const others = list.filter((one) => one.id !== moved.id)
          const place = others.findIndex((one) => one.id === before)
          list = place < 0 ? [...others, moved] : others.toSpliced(place, 0, moved)
          break
        }
        case 'edit': {
          const edited = pick(now.which)
          if (edited === undefined) break
          await storage.patchQueued(n.thread, id(edited.id), { parts: [{ kind: 'text', text: now.words }] })
          list = list.map((one) => (one === edited ? { ...one, words: now.words } : one))
          break
        }
        case 'remove': {
          const removed = pick(now.which)
          if (removed === undefined) break
          await storage.removeQueued(n.thread, id(removed.id))
          list = list.filter((one) => one !== removed)
          break
        }
        case 'send now': {
          const chosen = pick(now.which)
          if (chosen === undefined) break
          await storage.sendQueuedNow(n.thread, id(chosen.id))
          list = [{ ...chosen, next: true }, ...list.filter((one) => one !== chosen)]
          break
        }
        case 'start the next': {
          await finish(storage, active)
          const due = list.find((one) => one.next) ?? list[0]
          const run = `run-${n.run}-${++begun}` as RunId
          const result = await storage.startQueued({ thread: n.thread, run, owner: n.owner, leaseMs: 60_000 })
          expect(result?.run.message).toBe(due?.id)
          expect(result?.event.type === 'run.started' ? wordsOf(result.event.message.parts) : undefined).toBe(due?.words)
          if (due !== undefined) started.push(due.id)
          list = list.filter((one) => one !== due)
          active = run
          // Without another message the thread is idle: somebody asks again.
          if (result === null) await running(storage, { ...n, run, human: id(`again-${begun}`) })
          break
        }
        case 'name what is gone':
          if (now.before && list[0] !== undefined) {
            const [first, ...others] = list
            await storage.patchQueued(n.thread, id(first.id), { before: id('nobody') })
            list = [...others, first]
          } else {
            expect(await storage.patchQueued(n.thread, id('nobody'), { before: null })).toBeNull()
            expect(await storage.removeQueued(n.thread, id('nobody'))).toBeNull()
            expect(await storage.sendQueuedNow(n.thread, id('nobody'))).toBeNull()
          }
          break
        default:
          now satisfies never
      }
      const kept = (await storage.getThread(n.thread))?.queue.messages ?? []
      expect(kept.map((one) => [one.id, wordsOf(one.parts)])).toEqual(list.map((one) => [one.id, one.words]))
    }
    expect(new Set(started).size).toBe(started.length)
  }), { seed, numRuns: 200 })
})
