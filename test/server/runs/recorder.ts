import type { AgentEvent } from '../../../src/server/agents/agent.ts'
import { closeParts, endStream, openRecording, record, wake, wakeAt } from '../../../src/server/runs/recording.ts'
import type { Recorded, Recording } from '../../../src/server/runs/recording.ts'
import type { RunEvent, Transcript } from '../../../src/shared/protocol.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import { createRunStory } from '../../support/run-story.ts'

/** Records on a clock that the test moves; it stands at 5,000. */
export interface Recorder {
  readonly events: readonly RunEvent[]
  types(): readonly string[]
  /** The text of each delta. */
  texts(): readonly string[]
  yields(event: AgentEvent): Recorded
  say(text: string, part?: string): Recorded
  /** Wakes the recording each time that it asks for it. */
  pass(ms: number): void
  wakeAt(): number | null
  /** What all of it folds to, ended. */
  end(): Transcript | null
}

export function recorder(): Recorder {
  let recording: Recording = openRecording(createRunStory({ run: 'run-1' }).transcript())
  const start = createRunStory({ run: 'run-1' }).events
  const events: RunEvent[] = []
  let now = 5_000
  const take = (recorded: Recorded) => {
    recording = recorded.recording
    events.push(...recorded.events)
    return recorded
  }
  return {
    events,
    types: () => events.map((event) => event.type),
    texts: () => events.flatMap((event) => (event.type === 'part.delta' ? [event.text] : [])),
    yields: (event: AgentEvent) => take(record(recording, event, now)),
    say: (text: string, part = 'a') => take(record(recording, { type: 'part.delta', part, text }, now)),
    pass(ms: number) {
      const until = now + ms
      for (let at = wakeAt(recording); at !== null && at <= until; at = wakeAt(recording)) {
        now = Math.max(now, at)
        take(wake(recording, now))
      }
      now = until
    },
    wakeAt: () => wakeAt(recording),
    end() {
      take(closeParts(recording, 'done', now))
      take(endStream(recording, { outcome: 'completed' }, now))
      return foldEvents([...start, ...events])
    },
  }
}
export const openText: AgentEvent = { type: 'part.started', part: 'a', kind: 'text' }
