import { afterAll, beforeAll, describe } from 'vitest'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { agents } from './conformance-agents.ts'
import { endings } from './conformance-endings.ts'
import { files } from './conformance-files.ts'
import { forks } from './conformance-fork.ts'
import { journals } from './conformance-journal.ts'
import { queues } from './conformance-queue.ts'
import { rules } from './conformance-rules.ts'
import { searches } from './conformance-search.ts'
import { starts } from './conformance-start.ts'
import { threads } from './conformance-threads.ts'

export interface Subject {
  readonly storage: Storage
}

/**
 * What every backend holds, story by story. `open` is given the server's clock, which moves on by one with each look, and answers with an
 * empty store. All stories share it, under names of their own.
 */
export function storageConformance(name: string, open: (now: () => number) => Promise<Storage>): void {
  describe(`${name} storage`, () => {
    let time = 1_700_000_000_000
    const subject: { storage: Storage } = { storage: undefined as unknown as Storage }
    beforeAll(async () => {
      subject.storage = await open(() => ++time)
    }, 60_000)
    afterAll(() => subject.storage.close())

    describe('starting', () => {
      starts(subject)
    })
    describe('the journal', () => {
      journals(subject)
    })
    describe('ending and settling', () => {
      endings(subject)
    })
    describe('what each write decides', () => {
      rules(subject)
    })
    describe('agents that people set up', () => {
      agents(subject)
    })
    describe('the queue', () => {
      queues(subject)
    })
    describe('forking', () => {
      forks(subject)
    })
    describe('files', () => {
      files(subject)
    })
    describe('threads', () => {
      threads(subject)
    })
    describe('search', () => {
      searches(subject)
    })
  })
}
