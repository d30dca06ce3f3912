/** What is held of a run and what of it is shown: transcript and cursor as one value, changed in one place. */
import type { RunId } from '../../shared/ids.ts'
import type { Cursor, StreamFrame } from '../../shared/protocol.ts'
import { applyEvent, skipEvent } from '../../shared/transcript.ts'
import type { LiveView } from '../run/sink.ts'

export type ContentFrame = Extract<StreamFrame, { type: 'event' | 'skipped' | 'snapshot' }>

export type Accepted =
  /** `snapshot`: it replaced what was held. `news`: it reaches further than what was held. `ended`: the run's end is in it. */
  | { readonly kind: 'applied'; readonly snapshot: boolean; readonly news: boolean; readonly ended: boolean }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'gap'; readonly reason: string }

export interface LiveFold {
  /** Where to go on from; null: nothing is held. */
  cursor(): Cursor | null
  /** What the page may show. Never behind what it showed before, within one life of the journal. */
  shown(): LiveView | null
  /** Takes in one frame. With `rejoin` what is held is known to be wrong, and only a new beginning is taken. */
  accept(frame: ContentFrame, rejoin: boolean): Accepted
}

/** A `start` that belongs to another run is not taken: a cursor means nothing outside its run. */
export function createLiveFold(run: RunId, start: LiveView | null): LiveFold {
  let held: LiveView | null = start?.transcript.run === run ? start : null
  let shown = held

  function take(view: LiveView, snapshot: boolean): Accepted {
    const before = held
    held = view
    // A server that lags may begin again further back. Then the page keeps what it has until the stream has come as far. In a journal
    // with another name (restored from a backup) our place means nothing and what the server has is all there is.
    const behind = shown !== null && shown.cursor.incarnation === view.cursor.incarnation && view.cursor.seq < shown.cursor.seq
    if (!behind) shown = view
    const news = before === null || before.cursor.incarnation !== view.cursor.incarnation || view.cursor.seq > before.cursor.seq
    return { kind: 'applied', snapshot, news, ended: view.transcript.outcome !== undefined }
  }

  return {
    cursor: () => held?.cursor ?? null,
    shown: () => shown,
    accept(frame, rejoin) {
      const { cursor } = frame
      if (frame.type === 'snapshot') {
        const { transcript } = frame
        if (transcript.run !== run) return gap(`a snapshot of another run, ${transcript.run}`)
        if (transcript.lastSeq !== cursor.seq) return gap(`a snapshot of ${transcript.lastSeq} that says it is of ${cursor.seq}`)
        return take({ transcript, cursor }, true)
      }
      const afresh = rejoin && cursor.seq === 1
      if (rejoin && !afresh) return gap(`seq ${cursor.seq} came where a snapshot was due`)
      const base = afresh ? null : held
      if (base !== null && base.cursor.incarnation !== cursor.incarnation) return gap('the journal is another than before')
      if (frame.type === 'event' && frame.event.type === 'run.started' && frame.event.run !== run) return gap(`an event of another run, ${frame.event.run}`)
      const applied = frame.type === 'event' ? applyEvent(base?.transcript ?? null, frame.event) : skipEvent(base?.transcript ?? null, cursor.seq)
      return applied.kind === 'applied' ? take({ transcript: applied.transcript, cursor }, afresh) : applied
    },
  }
}

function gap(reason: string): Accepted {
  return { kind: 'gap', reason }
}
