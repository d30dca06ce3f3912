/** What goes on in one thread: for the composer, the status line and the queue. */
import { outgoingParts } from './files.ts'
import type { ThreadId } from '../../shared/ids.ts'
import type { HeldReason, Queue, QueuedMessage } from '../../shared/protocol.ts'
import type { Connection } from '../run/sink.ts'
import { activeRunOf, isSettled, selectContent } from './content.ts'
import type { LiveRun, Outgoing, State, ThreadContent } from './state.ts'
import { isRunning } from './threads.ts'

/** What the composer's button is for. `sending`: Stop may be pressed and is remembered until the run is known. */
export type Activity = 'idle' | 'sending' | 'running' | 'stopping'

/** What is going on in a thread, as far as this page knows. */
export function selectActivity(state: State, thread: ThreadId | null): Activity {
  const content = selectContent(state, thread)
  const sending = content?.outgoing.findLast((outgoing) => outgoing.status === 'sending' && outgoing.run === undefined && !isQueued(outgoing))
  if (sending !== undefined) return sending.stopping === true ? 'stopping' : 'sending'
  const live = content?.live ?? null
  if (thread !== null && live !== null && isLiveRunning(live) && !isSettled(state, thread, live.token.run)) return live.stopping || live.view?.transcript.cancelledBy !== undefined ? 'stopping' : 'running'
  const active = thread === null ? null : activeRunOf(state, thread)
  if (active === null || live?.token.run === active.id || !isRunning(active)) return 'idle'
  return active.status === 'cancelling' ? 'stopping' : 'running'
}

function isLiveRunning(live: LiveRun): boolean {
  return live.view?.transcript.outcome === undefined && live.connection.kind !== 'settling' && live.connection.kind !== 'failed'
}

/** How the page stands with the run in view; null when it follows none. */
export function selectConnection(state: State, thread: ThreadId | null): Connection | null {
  return selectContent(state, thread)?.live?.connection ?? null
}

/** Why the server takes nothing more of the run in view just now; null: it does. */
export function selectHeld(state: State, thread: ThreadId | null): HeldReason | null {
  const connection = selectConnection(state, thread)
  return connection?.kind === 'streaming' ? (connection.held ?? null) : null
}

/** Sent while a run was under way, and not known to have started; or brought back after a reload and not tried again yet. One that did not get through says so among the turns. */
export function isQueued({ queued, status, error, run }: Outgoing): boolean {
  return queued === true && (status === 'sending' || (status === 'waiting' && error === null)) && run === undefined
}

/** A message that waits; `sending`: the server has not said so yet. */
export type ShownQueued = Pick<QueuedMessage, 'id' | 'parts'> & { readonly state: QueuedMessage['state'] | 'sending' }

const queues = new WeakMap<ThreadContent, { readonly of: Queue; readonly shown: readonly ShownQueued[] }>()

/** What waits in a thread, in order, with what is on its way there. */
export function selectQueue(state: State, thread: ThreadId): readonly ShownQueued[] {
  const queue = state.threads.byId[thread]?.queue ?? emptyQueue
  const content = state.content[thread]
  if (content === undefined || !content.outgoing.some(isQueued)) return queue.messages
  const held = queues.get(content)
  if (held?.of === queue) return held.shown
  const sending = content.outgoing.filter((one) => isQueued(one) && !queue.messages.some((message) => message.id === one.id))
    .map((one): ShownQueued => ({ id: one.id, parts: outgoingParts(one), state: 'sending' }))
  const made = [...queue.messages, ...sending]
  queues.set(content, { of: queue, shown: made })
  return made
}
const emptyQueue: Queue = { messages: [], paused: null }

export function selectDraft(state: State, thread: ThreadId | null): string {
  return state.drafts[thread ?? ''] ?? ''
}
