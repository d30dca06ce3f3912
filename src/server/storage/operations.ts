import type { RunEvent } from '../../shared/protocol.ts'
import { forkThread } from './fork-transaction.ts'
import { patchQueued, removeQueued, resumeQueue, sendQueuedNow, steerQueued } from './queue-transactions.ts'
import { start, startQueued } from './start-transactions.ts'
import { putAgent, removeAgent } from './agent-transactions.ts'
import { putFile, removeUnusedFiles } from './file-transactions.ts'
import { answerApproval, append, claim, end, foldJournals, refreshSearch, renew, requestStop, settle } from './transactions.ts'
import { importThread } from './import-transaction.ts'
import { claimTitle, createThread, deleteThread, giveTitle, patchThread, purgeThreads, removeAllThreads, restoreThread, touch } from './thread-transactions.ts'

/** Every write there is, by name: what a writer carries out, each in one transaction. */
export const operations = {
  start, startQueued, patchQueued, removeQueued, sendQueuedNow, steerQueued, resumeQueue, forkThread, append, end, settle, claim, renew, requestStop, answerApproval,
  createThread, importThread, patchThread, claimTitle, giveTitle, deleteThread, restoreThread, purgeThreads, removeAllThreads, foldJournals, refreshSearch, putFile, removeUnusedFiles, putAgent, removeAgent, touch,
}

export type OperationName = keyof typeof operations
export type OperationInput<K extends OperationName> = Parameters<(typeof operations)[K]>[1]
export type OperationValue<K extends OperationName> = ReturnType<(typeof operations)[K]>['value']

/** Puts one write through: the memory store at once, SQLite by way of its writer thread. Followers are told of `events` once they are durable. */
export type Perform = <K extends OperationName>(name: K, input: OperationInput<K>, events?: readonly RunEvent[]) => Promise<OperationValue<K>>
