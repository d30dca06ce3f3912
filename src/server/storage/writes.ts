/** The writing half of a Storage, and those who follow it, over any way of carrying out an operation. */
import { encodeBatch } from './journal-codec.ts'
import type { Storage } from './storage.ts'
import type { Perform } from './operations.ts'

export type Writes = Pick<
  Storage,
  | 'start' | 'startQueued' | 'patchQueued' | 'removeQueued' | 'sendQueuedNow' | 'steerQueued' | 'resumeQueue' | 'forkThread' | 'append' | 'end' | 'settle' | 'claim' | 'renew' | 'requestStop' | 'answerApproval'
  | 'createThread' | 'importThread' | 'patchThread' | 'claimTitle' | 'giveTitle' | 'deleteThread' | 'restoreThread' | 'purgeThreads' | 'removeAllThreads' | 'foldJournals' | 'refreshSearch' | 'putFile' | 'removeUnusedFiles' | 'putAgent' | 'removeAgent'
>

export function createWrites(perform: Perform): Writes {
  return {
    start: (input) => perform('start', input),
    startQueued: (input) => perform('startQueued', input),
    patchQueued: (thread, message, patch) => perform('patchQueued', { thread, message, patch }),
    removeQueued: (thread, message) => perform('removeQueued', { thread, message }),
    sendQueuedNow: (thread, message) => perform('sendQueuedNow', { thread, message }),
    steerQueued: (thread, message) => perform('steerQueued', { thread, message }),
    resumeQueue: (thread) => perform('resumeQueue', { thread }),
    forkThread: (input) => perform('forkThread', input),
    async append({ events, ...rest }) {
      await perform('append', { ...rest, batch: encodeBatch(events) }, events)
    },
    async end({ events, ...rest }) {
      return perform('end', { ...rest, batch: encodeBatch(events), endedAt: events.at(-1)?.at ?? 0 }, events)
    },
    settle: (input) => perform('settle', input),
    claim: (input) => perform('claim', input),
    renew: (input) => perform('renew', input),
    requestStop: (input) => perform('requestStop', input),
    answerApproval: (input) => perform('answerApproval', input),
    createThread: (input) => perform('createThread', input),
    importThread: (input) => perform('importThread', input),
    patchThread: (thread, patch) => perform('patchThread', { thread, patch }),
    claimTitle: (thread) => perform('claimTitle', { thread }),
    async giveTitle(input) {
      await perform('giveTitle', input)
    },
    deleteThread: (thread) => perform('deleteThread', { thread }),
    restoreThread: (thread) => perform('restoreThread', { thread }),
    purgeThreads: (olderThanMs) => perform('purgeThreads', { olderThanMs }),
    removeAllThreads: () => perform('removeAllThreads', undefined),
    foldJournals: (input) => perform('foldJournals', input),
    refreshSearch: (input) => perform('refreshSearch', input),
    putFile: (file) => perform('putFile', file),
    removeUnusedFiles: (olderThanMs) => perform('removeUnusedFiles', { olderThanMs }),
    async putAgent(agent) {
      await perform('putAgent', agent)
    },
    removeAgent: (id) => perform('removeAgent', { id }),
  }
}
