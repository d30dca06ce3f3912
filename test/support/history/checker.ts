/**
 * Judges a history, as it happens or afterwards. It trusts nobody: it folds what was committed by itself, and holds every reader and every journal against that.
 *
 *     const recorder = createRecorder()
 *     …                                       // recorder.record({ type: 'shown', … })
 *     expect(checkHistory(recorder.happenings)).toEqual([])
 */
import type { Outcome, RunEvent } from '../../../src/shared/protocol.ts'
import { content } from '../../../src/shared/covers.ts'
import { agentParts, applyEvent, foldEvents } from '../../../src/shared/transcript.ts'
import type { Transcript } from '../../../src/shared/transcript.ts'
import type { Happening, Rule, Violation } from './history.ts'

export interface Checker {
  see(happening: Happening): void
  /** What was wrong so far. */
  violations(): readonly Violation[]
}

/** What is known of a run. */
interface KnownRun {
  /** By commits, or else by its journal. */
  durable: Transcript | null
  /** Event by event as first told, by anybody; index 0 is seq 1. */
  readonly events: string[]
  /** The longest that was shown of each part, and by whom: for journals that are read only in the end. */
  readonly shown: Map<string, { readonly reader: string; readonly text: string }>
  heard: boolean
  first: { readonly by: string; readonly outcome: Outcome } | null
}

/** What one reader holds of one run. */
interface Held {
  seq: number | null
  readonly shown: Map<string, string>
}

export function checkHistory(happenings: readonly Happening[]): readonly Violation[] {
  const checker = createChecker()
  for (const happening of happenings) checker.see(happening)
  return checker.violations()
}

export function createChecker(): Checker {
  const found: Violation[] = []
  const runs = new Map<string, KnownRun>()
  const readers = new Map<string, Map<string, Held>>()
  const wrong = (rule: Rule, run: string, what: string) => void found.push({ rule, run, what })

  function runOf(id: string): KnownRun {
    const known = runs.get(id) ?? { durable: null, events: [], shown: new Map(), heard: false, first: null }
    runs.set(id, known)
    return known
  }

  function heldBy(reader: string, run: string): Held {
    const all = readers.get(reader) ?? new Map<string, Held>()
    readers.set(reader, all)
    const held = all.get(run) ?? { seq: null, shown: new Map() }
    all.set(run, held)
    return held
  }

  /** One order: whoever tells of the event with this seq tells of the same event. */
  function agree(by: string, run: string, event: RunEvent): void {
    const { events } = runOf(run)
    const told = inOrder(event)
    const known = events[event.seq - 1]
    if (known === undefined) events[event.seq - 1] = told
    else if (known !== told) wrong('one order', run, `${by} has as event ${event.seq} ${told}, others have ${known}`)
    if (event.type === 'stream_end') hearEnd(by, run, event.outcome)
  }

  function hearEnd(by: string, run: string, outcome: Outcome): void {
    const known = runOf(run)
    known.first ??= { by, outcome }
    if (known.first.outcome !== outcome) wrong('first outcome final', run, `${by} was told ${outcome}, after ${known.first.by} was told ${known.first.outcome}`)
  }

  function commit(run: string, events: readonly RunEvent[]): void {
    const known = runOf(run)
    known.heard = true
    for (const event of events) {
      if (known.durable?.outcome !== undefined) wrong('first outcome final', run, `${event.type} ${event.seq} was committed behind the end`)
      const due = (known.durable?.lastSeq ?? 0) + 1
      const applied = applyEvent(known.durable, event)
      if (applied.kind === 'applied') known.durable = applied.transcript
      else if (applied.kind === 'duplicate') wrong('no double', run, `event ${event.seq} was committed again`)
      else wrong(event.seq > due ? 'no gap' : 'one order', run, `a commit does not follow: ${applied.reason}`)
      agree('the store', run, event)
    }
  }

  function apply(reader: string, run: string, event: RunEvent): void {
    const held = heldBy(reader, run)
    const due = (held.seq ?? 0) + 1
    if (event.seq < due) wrong('no double', run, `${reader} applied event ${event.seq} again`)
    if (event.seq > due) wrong('no gap', run, `${reader} applied event ${event.seq} where ${due} was due`)
    held.seq = Math.max(held.seq ?? 0, event.seq)
    const known = runOf(run)
    if (known.heard && event.seq > (known.durable?.lastSeq ?? 0)) wrong('shown is journaled', run, `${reader} applied event ${event.seq} before it was durable`)
    agree(reader, run, event)
  }

  function join(reader: string, transcript: Transcript): void {
    const { run } = transcript
    heldBy(reader, run).seq = transcript.lastSeq
    for (const part of agentParts(transcript)) durable(reader, run, part.id, content(part))
  }

  function durable(reader: string, run: string, part: string, text: string): void {
    const known = runOf(run)
    if (known.heard) return isPrefix(reader, run, part, text, known.durable)
    // Nobody heard the store: the longest is held against the journal.
    const longest = known.shown.get(part)
    const [shorter, longer] = longest === undefined || longest.text.length <= text.length ? [longest?.text ?? '', text] : [text, longest.text]
    if (!longer.startsWith(shorter)) wrong('one order', run, `${reader} and ${longest?.reader} show different texts of ${part}: ${differ(text, longest?.text ?? '')}`)
    if (longer === text) known.shown.set(part, { reader, text })
  }

  function isPrefix(reader: string, run: string, part: string, text: string, transcript: Transcript | null): void {
    if (text === '') return
    const kept = transcript === null ? undefined : agentParts(transcript).findLast((one) => one.id === part)
    if (kept === undefined) wrong('shown is journaled', run, `${reader} shows ${part}, of which nothing is durable: ${JSON.stringify(text.slice(0, 80))}`)
    else if (!content(kept).startsWith(text)) wrong('shown is journaled', run, `${reader} shows of ${part} what is not durable: ${differ(text, content(kept))}`)
  }

  function show(reader: string, run: string, part: string, text: string): void {
    const { shown } = heldBy(reader, run)
    const before = shown.get(part) ?? ''
    if (!text.startsWith(before)) wrong('shown only grows', run, `${reader} took back text of ${part}: ${differ(text, before)}`)
    shown.set(part, text)
    durable(reader, run, part, text)
  }

  function settle(reader: string, run: string, parts: Readonly<Record<string, string>>): void {
    const { durable: kept } = runOf(run)
    if (kept === null) return wrong('whole in the end', run, `${reader} shows a run that nobody has committed`)
    const wanted = agentParts(kept)
    for (const part of wanted) if (parts[part.id] !== content(part)) wrong('whole in the end', run, `${reader} does not show ${part.id} whole: ${differ(parts[part.id] ?? '', content(part))}`)
    for (const id of Object.keys(parts)) if (wanted.every((part) => part.id !== id)) wrong('whole in the end', run, `${reader} shows ${id}, which is not in the journal`)
  }

  function readJournal(run: string, events: readonly RunEvent[]): void {
    let before = 0
    for (const { seq } of events) {
      if (seq <= before) wrong('no double', run, `the journal has event ${seq} behind event ${before}`)
      if (seq > before + 1) wrong('no gap', run, `the journal has event ${seq} behind event ${before}`)
      before = Math.max(before, seq)
    }
    const ends = events.filter((event) => event.type === 'stream_end')
    if (ends.length !== 1 || events.at(-1)?.type !== 'stream_end') wrong('first outcome final', run, `the journal has ${ends.length} ends, and its last event is ${events.at(-1)?.type}`)
    for (const event of events) agree('the journal', run, event)
    const known = runOf(run)
    if (known.events.length > events.length) wrong('no gap', run, `the journal ends at ${events.length}; event ${known.events.length} was told`)
    const folded = foldOr(run, events)
    if (folded === null) return
    for (const [part, { reader, text }] of known.shown) isPrefix(reader, run, part, text, folded)
    if (!known.heard) known.durable = folded
  }

  /** The fold checks length and hash of every part against `stream_end`. */
  function foldOr(run: string, events: readonly RunEvent[]): Transcript | null {
    try {
      return foldEvents(events)
    } catch (error) {
      wrong('whole in the end', run, `the journal does not fold: ${String(error)}`)
      return null
    }
  }

  return {
    violations: () => found,
    see(happening) {
      switch (happening.type) {
        case 'committed':
          return commit(happening.run, happening.events)
        case 'joined':
          return join(happening.reader, happening.transcript)
        case 'applied':
          return apply(happening.reader, happening.run, happening.event)
        case 'shown':
          return show(happening.reader, happening.run, happening.part, happening.text)
        case 'left':
          return void readers.delete(happening.reader)
        case 'ended':
          return hearEnd(happening.by, happening.run, happening.outcome)
        case 'settled':
          return settle(happening.reader, happening.run, happening.parts)
        case 'journal':
          return readJournal(happening.run, happening.events)
        default:
          return happening satisfies never
      }
    },
  }
}

/** As JSON, whatever order a reader's own decoder left the fields in. */
function inOrder(value: object): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one) ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1))) : one)
}

/** Where two texts part, with a little around it. */
function differ(one: string, other: string): string {
  let at = 0
  while (at < one.length && at < other.length && one[at] === other[at]) at += 1
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 20))
  return `at ${at} of ${one.length} and ${other.length}: ${around(one)} and ${around(other)}`
}
