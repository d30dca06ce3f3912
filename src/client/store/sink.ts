/**
 * Where the stream controllers reach the store. Ownership is checked at one door, `owned`; text is gathered and committed once per
 * frame, whatever the rate of tokens; the end of a run is one commit that swaps the live transcript for the saved one, which the page does not notice.
 */
import type { RunId } from '../../shared/ids.ts'
import type { Message } from '../../shared/protocol.ts'
import { content as textOf, covers } from '../../shared/covers.ts'
import type { Connection, Finale, LiveView, OwnerToken, StreamSink } from '../run/sink.ts'
import { changeContent, changeLive, findLive, isSaved, liveRuns, putSettled } from './content.ts'
import type { ScheduleFrame } from './frame.ts'
import { reuse } from './reuse.ts'
import type { LiveRun, State, ThreadContent } from './state.ts'
import type { Store } from './store.ts'
import { receiveRun } from './threads.ts'

export interface SinkOptions {
  readonly store: Store
  readonly schedule: ScheduleFrame
  readonly log: (message: string, detail: Readonly<Record<string, unknown>>) => void
  /** After the commit that ended the following of a run. */
  readonly onFinal?: (token: OwnerToken, finale: Finale) => void
  /** The run turned out to be another thread's: what a browser remembers may be anything. Nothing of it was shown. */
  readonly onForeign?: (token: OwnerToken) => void
}

type Pending = Map<RunId, { readonly token: OwnerToken; readonly live: LiveView }>

export function createSink({ store, schedule, log, onFinal = () => undefined, onForeign = () => undefined }: SinkOptions): StreamSink {
  let pending: Pending = new Map()
  let cancelFrame: (() => void) | null = null

  /** The one door: what comes with another token than the run's newest changes nothing. */
  function admits(state: State, token: OwnerToken): boolean {
    if (findLive(state, token.thread, token.run)?.token.generation === token.generation) return true
    log('dropped what came from a run that is no longer followed', { thread: token.thread, run: token.run, generation: token.generation })
    return false
  }

  function owned(state: State, token: OwnerToken, change: (content: ThreadContent, live: LiveRun) => ThreadContent): State {
    const live = admits(state, token) ? findLive(state, token.thread, token.run) : undefined
    return live === undefined ? state : changeContent(state, token.thread, (content) => change(content, live))
  }

  function applyPending(state: State, gathered: Pending): State {
    return [...gathered.values()].reduce((so, { token, live: next }) =>
      owned(so, token, (content, live) => {
        if (next.transcript.thread !== token.thread) {
          log('refused the transcript of another thread', { run: token.run, thread: token.thread })
          return changeLive(content, token.run, () => null)
        }
        if (live.view !== null && shrinks(live.view, next)) {
          log('refused a transcript that is shorter than what is shown', { run: token.run, shown: live.view.cursor, offered: next.cursor })
          return content
        }
        const view = reuse(live.view, next)
        return changeLive(content, token.run, (held) => ({ ...held, view }))
      }), state)
  }

  /** Everything that waits for a frame, and `change` behind it, in one commit. */
  function commit(change: (state: State) => State = (state) => state): void {
    cancelFrame?.()
    cancelFrame = null
    const gathered = pending
    pending = new Map()
    store.update((state) => change(applyPending(state, gathered)))
    for (const { token, live } of gathered.values()) if (live.transcript.thread !== token.thread) onForeign(token)
  }

  return {
    applyEvents(token, live) {
      // Asked here too: what an old stream says must not take the place of what the new one has waiting.
      if (!admits(store.getState(), token)) return
      pending.set(token.run, { token, live })
      cancelFrame ??= schedule(() => commit())
    },
    setConnection(token, connection) {
      commit((state) => owned(state, token, (content) => changeLive(content, token.run, (live) => ({ ...live, connection: reuse(live.connection, connection) }))))
    },
    finalize(token, finale) {
      commit((state) => {
        const known = finale.kind === 'settled' ? receiveRun(state, finale.run) : state
        return owned(known, token, (content, live) => finish(content, live, finale, log))
      })
      onFinal(token, finale)
    },
  }
}

function finish(content: ThreadContent, live: LiveRun, finale: Finale, log: SinkOptions['log']): ThreadContent {
  const { run } = live.token
  switch (finale.kind) {
    case 'settled':
      return settle(content, live, finale, log)
    case 'failed': {
      const connection: Connection = { kind: 'failed', reason: finale.reason, message: finale.message }
      return changeLive(content, run, (held) => ({ ...held, connection }))
    }
    case 'superseded':
      return supersede(content, live)
    default:
      return finale satisfies never
  }
}

/** The saved messages take the place of the live ones. Equal pieces keep the identity of the shown ones, so nothing is drawn again. */
function settle(content: ThreadContent, live: LiveRun, finale: Extract<Finale, { kind: 'settled' }>, log: SinkOptions['log']): ThreadContent {
  const { run, thread } = live.token
  if (finale.run.thread !== thread) return changeLive(content, run, () => null)
  const shown = live.view?.transcript.messages ?? []
  const question = shown[0]
  const saved = finale.messages.filter((message) => message.run === run || message.id === finale.run.message)
  // A Retry's question is saved with the run that first answered it, which may stand on a page that is not loaded.
  const missing = [...content.messages, ...saved].every((message) => message.id !== finale.run.message)
  const messages = missing && question !== undefined ? [question, ...saved] : saved
  if (!covers([...content.messages, ...messages], shown)) {
    log('kept what is shown: the saved messages hold less', { run })
    return changeLive(content, run, (held) => ({ ...held, connection: { kind: 'settling', unsaved: true } }))
  }
  const reused = messages.map((message) => reuseShown(content, shown, message))
  return changeLive(putSettled(content, reused, [finale.run], 'newer'), run, () => null)
}

function reuseShown(content: ThreadContent, shown: readonly Message[], message: Message): Message {
  const same = (other: Message) => other.id === message.id
  return reuse(content.messages.find(same) ?? shown.find(same), message)
}

/** A newer run owns the thread. What this one has shown stays on the page until the settled messages hold it. */
function supersede(content: ThreadContent, live: LiveRun): ThreadContent {
  const { run } = live.token
  if (live.view === null || isSaved(content, live)) return changeLive(content, run, () => null)
  if (content.live?.token.run !== run) return content
  return { ...content, live: null, settling: liveRuns(content) }
}

/**
 * True if `next` lacks something that `shown` has. Another incarnation is another journal (a backup was restored): the page shows
 * what the server has rather than mix the two. Texts are compared by length, for this runs on every frame; the fold vouches for the rest.
 */
function shrinks(shown: LiveView, next: LiveView): boolean {
  if (shown.cursor.incarnation !== next.cursor.incarnation) return false
  return shown.transcript.messages.some((message, index) => {
    const other = next.transcript.messages[index]
    if (other === message) return false
    if (other?.id !== message.id) return true
    return message.parts.some((part, place) => {
      const grown = other.parts[place]
      return grown !== part && (grown?.id !== part.id || textOf(grown).length < textOf(part).length)
    })
  })
}
