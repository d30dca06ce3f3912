/**
 * A history: what the store committed, what readers applied and showed, and what each was told of a run's end, in the order in which it happened. A test, with
 * however many processes and browsers, writes it down; `checker.ts` says what in it may not be. Plain data, so that a history can be kept as JSON lines.
 */
import type { Outcome, RunEvent, Transcript } from '../../../src/shared/protocol.ts'

export type Happening =
  /** The store told of a commit. Where nobody can hear the store (another process), leave these out: what is shown is judged by the journal in the end. */
  | { readonly type: 'committed'; readonly run: string; readonly events: readonly RunEvent[] }
  /** A reader took a snapshot: from here on it applies what comes behind it. */
  | { readonly type: 'joined'; readonly reader: string; readonly transcript: Transcript }
  /** A reader applied an event, after it had passed over what it held already. */
  | { readonly type: 'applied'; readonly reader: string; readonly run: string; readonly event: RunEvent }
  /** A reader shows so much of a part now, whole: text, or a tool's input and output as one (`content` of shared/transcript). */
  | { readonly type: 'shown'; readonly reader: string; readonly run: string; readonly part: string; readonly text: string }
  /** The reader is another from here on (a reload, another tab): what it held and showed binds it no more. */
  | { readonly type: 'left'; readonly reader: string }
  /** Somebody was told how a run ended: by `stream_end`, by its row, by the feed. */
  | { readonly type: 'ended'; readonly by: string; readonly run: string; readonly outcome: Outcome }
  /** All is quiet: the reader shows these parts of the run, by id, and no others. */
  | { readonly type: 'settled'; readonly reader: string; readonly run: string; readonly parts: Readonly<Record<string, string>> }
  /** The journal as it is read in the end, from its first event. */
  | { readonly type: 'journal'; readonly run: string; readonly events: readonly RunEvent[] }

/** The promise that was broken. */
export type Rule =
  /** A run's events have one order, and everybody gets the same ones. */
  | 'one order'
  | 'no gap'
  | 'no double'
  /** What is shown is a prefix of what is durable, at that very instant. */
  | 'shown is journaled'
  /** What a reader shows only grows. */
  | 'shown only grows'
  /** The first outcome is the only one, the last event, and what everybody is told. */
  | 'first outcome final'
  /** In the end a reader shows all there is, and `stream_end` vouches for it. */
  | 'whole in the end'

export interface Violation {
  readonly rule: Rule
  readonly run: string
  /** What is wrong, with the reader and the texts or events that show it. */
  readonly what: string
}

export interface Recorder {
  record(happening: Happening): void
  readonly happenings: readonly Happening[]
  /** One line of JSON each, to be kept with a failure. */
  toLines(): string
}

export function createRecorder(): Recorder {
  const happenings: Happening[] = []
  return {
    happenings,
    record: (happening) => void happenings.push(happening),
    toLines: () => happenings.map((happening) => JSON.stringify(happening)).join('\n'),
  }
}
